/*
 * common_world.h - the two ends of the targets that run the protocol, their clock, and the oracles.
 *
 * ENDS[0] is under test. ENDS[1] is an honest peer with the same key, unless the input gives it
 * another one. Datagrams between the two are stored, and delivered, changed or repeated as the input
 * demands. The attacker sends from every address. There is no real clock, and all random bytes
 * follow from the input.
 *
 * The oracles, each checked after every step:
 *   - the bytes allocated are within the table at the end of dtls.h;
 *   - a server sends to an unproven address at most what came from it before an association
 *     exists, and at most three times as much then;
 *   - each delivered record was written by the other end, and is delivered once at most;
 *   - no timer is due again and again without progress of the clock;
 *   - CONNECT and end events alternate for each address, and the peer exists in between;
 *   - the counters agree with the callbacks;
 * and at the end: each association ends after dtls_close(), and all memory is wiped and freed.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "dtls.h"
#include "fuzz/common_input.h"

enum { ENDS = 2, ADDRESSES = 8, PACKETS = 64, WRITES = 64, PACKET_MAX = 20000, CID_LENGTH = 4 };

typedef struct world world_t;

typedef struct {
    bool open;   /* CONNECT was fired, and no end event since then */
    bool proven; /* the client returned a cookie or was authenticated */
    uint64_t bytes_in, bytes_out;
    bool connected;             /* CONNECTED was fired for the current association */
    uint64_t fragments;         /* the memory of all messages of which a fragment has come */
    uint64_t reads, read_bytes; /* application data of the current association */
} ledger_t;

typedef struct {
    world_t *world;
    unsigned number;
    dtls_context_t *ctx;
    dtls_config_t config;
    ledger_t ledger[ADDRESSES];
    uint64_t random;
    size_t live, live_bytes, allocations, fail_at, unwiped;
    bool wrong_key, refuse_writes;
    uint8_t state[2048]; /* the latest state of config.ticket */
    size_t state_length;
    uint16_t next_seq; /* message_seq after the highest that this end has sent */
    bool ending;       /* inside dtls_free_context() */
    /* Datagrams and their bytes: as passed to and from the library, and as counted in the
     * associations that have ended. */
    dtls_stats_t sent, counted;
    bool uncounted; /* an association has ended without an event, or callbacks made calls */
} end_t;

typedef struct {
    unsigned from, to; /* addresses */
    size_t length;
    uint8_t *data;
} packet_t;

struct world {
    uint64_t now;
    end_t ends[ENDS];
    packet_t packets[PACKETS]; /* a ring */
    size_t sent, delivered;    /* packets sent, and packets delivered in order so far */
    uint8_t cid[CID_LENGTH], prefix[1];
    uint16_t suite, group;
    bool forgeable;  /* the AEAD is the identity, so delivered data may be forged */
    unsigned writes; /* number of the next record that an end writes */
    bool taken[2][1 << 16];
    input_t in_callbacks; /* calls to make inside of callbacks */
    unsigned depth;
    uint64_t sequence; /* of the next forged record */
    void (*call)(end_t *end, input_t *input);
};

/* What a target chooses; the input chooses the rest. */
typedef struct {
    bool accept[ENDS], connect[ENDS];
    bool forgeable;
} roles_t;

/* Makes the ends as the first bytes of the input say. Returns false if the library refuses the
 * configuration. */
bool world_start(world_t *world, const roles_t *roles, input_t *input);
/* Closes all associations, lets the timers run, frees the ends and checks what must be true then. */
void world_end(world_t *world);
/* The address with this number. Those of the ends are 0 and 1. */
session_t world_address(unsigned number);
/* Delivers a datagram to an end, from any address. */
void world_deliver(end_t *to, unsigned from, const uint8_t *data, size_t length);
/* Delivers the next stored datagram. Returns false if there is none. */
bool world_exchange(world_t *world);
/* Returns the nth latest stored datagram, or NULL. */
const packet_t *world_packet(const world_t *world, size_t n);
/* Advances the clock, and runs the timers that are due meanwhile. */
void world_advance(world_t *world, uint64_t ms);
/* Writes a numbered record of `length` bytes, by which its reader recognizes it. */
int world_write(end_t *end, unsigned to, size_t length);
/* Adds the datagrams that *stats counts to *sum. */
void world_count(dtls_stats_t *sum, const dtls_stats_t *stats);
/* Checks the oracles. */
void world_check(const world_t *world);

/* The hooks and callbacks, for world_start(). */
void hooks_set(end_t *end);
extern const dtls_handler_t world_handler;
/* Returns the number of an address, or ADDRESSES for an unknown one. */
unsigned world_number(const session_t *session);

#endif
