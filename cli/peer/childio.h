/*
 * childio.h - what the program of a peer reads and writes.
 */
#ifndef CHILDIO_H
#define CHILDIO_H

#include "net/address.h"
#include "stream/feed.h"
#include "stream/queue.h"

struct app;

struct child {
    struct child *next; /* among those whose peers have gone */
    struct app *app;
    char name[NET_NAME_MAX]; /* of the peer */
    pid_t pid;               /* 0: it has ended, and was waited for */
    bool packets;            /* one socket, not two pipes */
    bool ending;             /* its input ends with what is queued */
    bool detached;           /* its peer has gone: its output is discarded */
    int fd;                  /* our end of its input; -1: closed */
    struct queue in;         /* input that it has not read yet */
    size_t written;          /* bytes of the first entry that it has */
    struct feed out;         /* its output; the descriptor is -1 when closed */
    size_t discarded;        /* bytes of output since it last read input */
    int in_slot, out_slot;   /* among what is polled; -1: not there */
};

/* Input of the program, as bytes or as one packet. False: no room, as the program reads too slowly. */
bool child_put(struct child *child, const uint8_t *data, size_t length);
/* Writes what is queued, as far as the program reads it. */
void child_flush(struct child *child);
/* The peer sends no more: the program sees the end of its input after what is queued, and may go on
 * writing. Nothing happens if there is no program. */
void child_end_input(struct child *child);

/* The next message of its output, of at most max bytes. PIPE_END: there will be no more. */
enum pipe_result child_next(struct child *child, size_t max, struct message *message);

/* The program has ended: closes its input. */
void child_has_ended(struct child *child);
/* Closes both; what is queued is lost. */
void child_close(struct child *child);

#endif
