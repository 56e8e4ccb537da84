/*
 * child.h - -e and -c: a program for each peer. Its standard input and output are one socket that keeps
 * the boundaries of messages (SOCK_SEQPACKET): a read is a record, a write is one, too.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "options.h"
#include "pipe.h"
#include "queue.h"

struct cat;
struct peer;

struct child {
    struct child *next; /* of those whose peers have gone */
    pid_t pid;          /* 0: it has ended, and was waited for */
    int fd;             /* our end of the socket; -1: closed */
    bool leaving;       /* its peer has gone: what waits is the last */
    struct queue in;    /* messages that it has not read yet */
    int slot;           /* among what is polled */
};

/* Whether -e names something that can be run; else that is said. */
bool child_can_start(const struct options *options);

/* False: the program could not be started, which is said. */
bool child_start(struct child **child, const struct peer *peer);

/* A message from the peer. False: no room, as the program reads too slowly. */
bool child_put(struct child *child, const uint8_t *data, size_t length);
/* Hands on what waits, as far as the program takes it. */
void child_flush(struct child *child);

/* What the program has written: PIPE_DATA, PIPE_AGAIN, PIPE_END if there will be no more. */
#define CHILD_READ_BYTES (256 * 1024)
enum pipe_result child_read(struct child *child, uint8_t *data, size_t *length);

/* The peer has gone: the program joins those that are alone, gets the rest, and the end of its input.
 * Nothing happens if there is none. */
void child_leave(struct child **child, struct child **alone);

/* SIGCHLD has come: waits for those of all peers that have ended. */
void children_wait(struct cat *cat);
/* Sends a signal to all. */
void children_signal(struct cat *cat, int number);
/* Those that are alone: how many; feeds them, and forgets those that have ended. */
size_t children_count(const struct child *alone);
void children_sweep(struct child **alone);

#endif
