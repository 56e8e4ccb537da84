/*
 * child.h - -e and -c: a program for each peer. Its standard input and output are two pipes, which carry
 * streams of bytes or the messages of --frame. With --frame=packet they are one socket that keeps the
 * boundaries of messages (SOCK_SEQPACKET): one read is one record, one write is one record.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "options/options.h"
#include "peer/childio.h"

struct app;
struct peer;

/* Whether -e names something that can be run; if not, that is reported. */
bool child_can_start(const struct options *options);

/* False: the program could not be started, which is reported. */
bool child_start(struct child **child, struct peer *peer);

/* The peer has gone: the program joins the detached ones, and gets the rest of its input. Its output is
 * discarded from now on. Nothing happens if there is none. */
void child_detach(struct child **child, struct child **detached);

/* After SIGCHLD: waits for those of all peers that have ended, and reports a failure. */
void children_wait(struct app *app);
/* Sends a signal to all. */
void children_signal(struct app *app, int number);
/* The detached ones: their number; feeds them, and frees those that have ended. */
size_t children_count(const struct child *detached);
void children_sweep(struct child **detached);

#endif
