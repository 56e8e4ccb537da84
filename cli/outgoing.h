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

/* Whether stdin is to be read now, but for the pace. */
bool outgoing_wanted(const struct cat *cat);

/* Stdin can be read: sends what it has. */
void outgoing_pump(struct cat *cat);

#endif
