/*
 * child.h - runs the program of -e or -c for a peer.
 *
 * Standard input and output of a program are two pipes. They carry byte streams, or messages in the framing of
 * --frame. With --frame=packet both are one socket that preserves message boundaries (SOCK_SEQPACKET): one read is one
 * record, one write is one record.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "options/options.h"
#include "peer/childio.h"

struct app;
struct peer;

/* Returns true if the program of -e can be executed. Returns false after reporting why it cannot. */
bool child_can_start(const struct options *options);

/* Starts the program for a peer, and sets *child. Returns false after reporting an error. */
bool child_start(struct child **child, struct peer *peer);

/* The session has ended: moves *child to the list of detached programs. The program can still read its queued input;
 * its output is discarded. Does nothing if *child is NULL. */
void child_detach(struct child **child, struct child **detached);

/* After SIGCHLD: reaps the programs that have ended, and reports those that failed. */
void children_wait(struct app *app);
/* Sends a signal to all programs. */
void children_signal(struct app *app, int number);
/* Returns the number of detached programs. */
size_t children_count(const struct child *detached);
/* Writes queued input to the detached programs, and frees those that have ended. */
void children_sweep(struct child **detached);

#endif
