/*
 * childio.h - input and output of the program of a peer.
 */
#ifndef CHILDIO_H
#define CHILDIO_H

#include "net/address.h"
#include "stream/feed.h"
#include "stream/queue.h"

struct app;

struct child {
    struct child *next; /* list of detached programs */
    struct app *app;
    char name[NET_NAME_MAX]; /* name of the peer, for reports */
    pid_t pid;               /* 0: the program has ended and was reaped */
    bool packets;            /* --frame=packet: one socket instead of two pipes */
    bool ending;             /* close the input after the queue */
    bool detached;           /* the session has ended: discard the output */
    int fd;                  /* our end of the input; -1: closed */
    struct queue in;         /* input not yet written to the program */
    size_t written;          /* bytes of the first entry that were written */
    struct feed out;         /* output; its descriptor is -1 when closed */
    size_t discarded;        /* bytes of output discarded since input was last written */
    int in_slot, out_slot;   /* indices in the array of poll(2); -1: not polled */
};

/* Writes or queues input of the program, as bytes or as one packet. Returns false if the queue is full, because the
 * program reads too slowly. */
bool child_put(struct child *child, const uint8_t *data, size_t length);
/* Writes queued input without blocking. */
void child_flush(struct child *child);
/* The peer has closed its sending direction: the program gets the end of its input after the queued data, and may
 * continue to write. Does nothing if child is NULL. */
void child_end_input(struct child *child);

/* Reads the next message of the output, at most max bytes of a stream. Returns PIPE_DATA, PIPE_AGAIN if there is none
 * now, or PIPE_END after the last one. */
enum pipe_result child_next(struct child *child, size_t max, struct message *message);

/* The program has ended: closes its input. */
void child_has_ended(struct child *child);
/* Closes input and output. Queued input is lost. */
void child_close(struct child *child);

#endif
