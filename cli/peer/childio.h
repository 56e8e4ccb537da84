/*
 * childio.h - writes the input of a program of -e or -c, and reads its output.
 */
#ifndef CHILDIO_H
#define CHILDIO_H

#include "net/address.h"
#include "stream/feed.h"
#include "stream/queue.h"

struct app;
struct peer;

struct child {
    struct child *next, **place; /* next program in programs.first, and the pointer to this one */
    struct child *same_bucket;   /* next program in a bucket of programs.by_pid (programs.h) */
    struct app *app;
    struct peer *peer;       /* NULL: the session has ended, and the output is discarded */
    char name[NET_NAME_MAX]; /* address of the peer, for reports */
    pid_t pid;               /* 0: the program was reaped */
    bool packets;            /* with --frame=packet: one socket instead of two pipes */
    bool ending;             /* close the input once the queue is empty */
    int fd;                  /* descriptor of the program's input; -1: closed */
    struct queue in;         /* input not yet written to the program */
    size_t written;          /* number of bytes of the first entry in the queue that were written */
    struct feed out;         /* output of the program; out.in.fd is -1 once it is closed */
    size_t discarded;        /* bytes of output that were discarded since input was last written */
    bool ready;              /* epoll(7) has reported that there is output to read */
    /* events of epoll(7) that are waited for at the input and the output; if both are one socket,
     * watched_out has the events of both */
    uint32_t watched_in, watched_out;
};

/* Writes a message to the program's input, or queues it. With --frame=packet a message is one
 * packet. Returns false if the queue is full because the program reads too slowly. */
bool child_put(struct child *child, const uint8_t *data, size_t length);
/* Writes queued input without blocking. */
void child_flush(struct child *child);
/* Ends the program's input after the queued data. The program may continue to write. Call this when
 * the peer has sent close_notify. Does nothing if child is NULL. */
void child_end_input(struct child *child);

/* Reads the next message of the program's output, or at most max bytes of a stream. Returns
 * PIPE_DATA, PIPE_AGAIN if no message is complete, or PIPE_END after the last message. */
enum pipe_result child_next(struct child *child, size_t max, struct message *message);

/* Closes the input of a program that has ended. */
void child_has_ended(struct child *child);
/* Closes input and output of the program. Queued input is lost. */
void child_close(struct child *child);

#endif
