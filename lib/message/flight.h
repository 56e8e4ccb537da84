/*
 * flight.h - the messages that were sent last and may have to be sent again, until the peer's next
 * flight shows that they arrived (RFC 6347 section 4.2.4) or its ACKs say so, range by range
 * (RFC 9147 section 7.2). In DTLS 1.2 nothing is ever acknowledged; the rest is the same.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "message/reassembly.h"

#define FLIGHT_ITEMS 4    /* the longest has three */
#define FLIGHT_RECORDS 32 /* records remembered for ACKs and round trips, the latest ones */

#define NEVER 0 /* a deadline that is not set */

typedef struct {
    uint64_t epoch, sequence;
} record_number_t;

/* A handshake message with its header in unfragmented form, or the one byte of ChangeCipherSpec.
 * The epoch is that of its first transmission, for every transmission. */
typedef struct {
    uint8_t content_type;
    uint64_t epoch;
    uint32_t offset, length; /* into bytes */
} flight_item_t;

/* One record of one transmission: which bytes of the flight it carried. */
typedef struct {
    record_number_t number;
    uint32_t from, to;
    dtls_tick_t at;
} flight_record_t;

typedef struct {
    uint8_t *bytes, *acked; /* acked: a bit per byte; NULL in a flight that is not tracked */
    size_t capacity, length;
    flight_item_t items[FLIGHT_ITEMS];
    flight_record_t *records; /* a ring */
    unsigned sends;           /* how often it was sent by itself, and */
    unsigned repeats;         /* beside that: to answer a repeat of the peer's, or out of doubt */
    uint8_t count;            /* of items */
    bool whole;               /* a hello: not every server can reassemble one, so it is not cut */
    uint16_t longest;         /* datagram that it was ever in */
    unsigned datagrams;       /* that it took the last time */
    dtls_tick_t first_at;     /* the first time */
    dtls_tick_t sent_at;      /* the last time */
    dtls_tick_t timer_at;     /* 0: not waiting for an answer */
    dtls_tick_t armed_at;     /* when the timer was set, repeats of the peer's not counted, */
    uint32_t timer_ms;        /* and how long it was set for */
    uint32_t record_count;    /* all that were ever sent */
} flight_t;

/* Forgets the last flight and makes room for one of at most capacity bytes; tracked: remembers
 * which record carried what. */
bool flight_start(flight_t *flight, const alloc_t *alloc, size_t capacity, bool tracked);
void flight_end(flight_t *flight, const alloc_t *alloc);
/* A cursor to write the next item to; flight_close() adds what was written. */
writer_t flight_open(const flight_t *flight);
bool flight_close(flight_t *flight, const writer_t *w, uint8_t content_type, uint64_t epoch);
const uint8_t *flight_bytes(const flight_t *flight, size_t item, size_t *length);

/* A record has gone out with these bytes of an item's body. */
void flight_sent(flight_t *flight, size_t item, uint32_t offset, uint32_t length,
                 record_number_t number, dtls_tick_t at);
/* When the record with that number was sent; 0: not remembered. */
dtls_tick_t flight_sent_at(const flight_t *flight, record_number_t number);
/* The peer has that record. False: that is no news. */
bool flight_ack(flight_t *flight, record_number_t number);
bool flight_all_acked(const flight_t *flight);
/* Finds the next run of an item's body, from offset on, that is not acknowledged. */
bool flight_unacked(const flight_t *flight, size_t item, uint32_t *offset, uint32_t *length);

/* Starts the timer of a flight that has just been sent. */
void flight_arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms);
/* After a transmission that the peer asked for: the next one by the timer is not due yet, since both timers are in
 * step. At most twice the timer after it was started, however often the peer asks. */
void flight_put_off(flight_t *flight, dtls_tick_t now);

#endif
