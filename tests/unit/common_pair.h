/*
 * common_pair.h - a client and a server in one process. The line between them is lossless, the
 * clock is virtual, and the random numbers are the same in every run.
 */
#ifndef UNIT_COMMON_PAIR_H
#define UNIT_COMMON_PAIR_H

#include "common.h"
#include "dtls.h"

enum { CLIENT, SERVER };
enum { PAIR_QUEUE = 512, PAIR_MESSAGES = 16, PAIR_MESSAGE = 64 };

typedef struct pair pair_t;

typedef struct {
    pair_t *pair;
    int side;
    dtls_context_t *ctx;
    dtls_config_t config; /* read by pair_start() */
    session_t address;
    memory_t memory;
    const char *identity, *hint;
    size_t identity_length; /* the identity is repeated up to this length; 0: used once */

    size_t connects, connected, ends;
    dtls_error_t error; /* error of the last end event */
    char messages[PAIR_MESSAGES][PAIR_MESSAGE];
    size_t message_count;
} end_t;

typedef struct {
    int from;
    size_t length;
    uint8_t *data;
} pair_datagram_t;

struct pair {
    end_t ends[2];
    dtls_tick_t now;
    pair_datagram_t sent[PAIR_QUEUE]; /* all datagrams, in order */
    size_t sent_count, delivered;
    /* If set, may alter a datagram before it is delivered. */
    void (*tamper)(int from, uint8_t *data, size_t length);
};

/* Makes the default configurations. The random bytes count up from c0 at the client, from 50 at
 * the server. */
void pair_init(pair_t *pair);
bool pair_start(pair_t *pair); /* Returns false if a context could not be made. */
int pair_connect(pair_t *pair);
int pair_write(pair_t *pair, int side, const char *text);
int pair_close(pair_t *pair, int side);
bool pair_up(const pair_t *pair); /* Returns true if both ends are connected. */
/* Delivers datagrams until the line is empty. */
void pair_deliver(pair_t *pair);
/* Delivers datagrams as pair_deliver() does. Also runs the timers, until none is set or ms have
 * passed. */
void pair_run(pair_t *pair, dtls_tick_t ms);
void pair_end(pair_t *pair); /* Frees both ends and checks their memory. */

#endif
