/*
 * outgoing.h - stdin to the peer; and with --early-data, what of it goes out before the handshake is done.
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "pipe.h"

struct cat;

#define EARLY_RECORDS 64

/* Early data, kept until the server has said whether it takes it. */
struct early {
    uint8_t data[EARLY_BYTES];
    size_t used, lengths[EARLY_RECORDS], count;
    size_t sent; /* how many of these records the present handshake has with it */
};

/* Sends what stdin has at once, as far as the ticket allows. */
void outgoing_early(struct cat *cat);

/* The handshake is done: sends again what the server did not take. */
void outgoing_connected(struct cat *cat);

/* Whether there may be more of stdin to send. */
bool outgoing_wanted(const struct cat *cat);
/* And whether it may go now: microseconds to wait; 0: it may; OUTGOING_STOPPED: not before the peer has
 * answered. */
#define OUTGOING_STOPPED (-1)
int64_t outgoing_wait(struct cat *cat, int64_t now_us);
/* The peer has handed on what came before its heartbeat. */
void outgoing_answered(struct cat *cat);

/* Stdin can be read: sends what it has. */
void outgoing_pump(struct cat *cat);

#endif
