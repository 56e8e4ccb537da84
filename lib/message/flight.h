/*
 * flight.h - the messages of our latest flight, stored for retransmission. The peer's next flight
 * acknowledges all of them (RFC 6347 section 4.2.4). In DTLS 1.3 the peer's ACKs acknowledge single
 * records (RFC 9147 section 7.2).
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "message/reassembly.h"

#define FLIGHT_ITEMS 4    /* items of a flight; at most */
#define FLIGHT_RECORDS 32 /* latest records, stored for ACKs and for the round-trip time */

#define NEVER 0 /* a deadline that is not set */

typedef struct {
    uint64_t epoch, sequence;
} record_number_t;

/* A handshake message with its header in unfragmented form, or the one byte of ChangeCipherSpec.
 * Each transmission uses the same epoch. */
typedef struct {
    uint8_t content_type;
    uint64_t epoch;
    uint32_t offset, length; /* position in flight_t.bytes */
} flight_item_t;

/* The bytes [from, to) of the flight that a record carried. */
typedef struct {
    record_number_t number;
    uint32_t from, to;
    dtls_tick_t at;
} flight_record_t;

typedef struct {
    uint8_t *bytes, *acked; /* acked: a bit per byte; NULL in a flight that is not tracked */
    size_t capacity, length;
    flight_item_t items[FLIGHT_ITEMS];
    flight_record_t *records; /* a ring; NULL in a flight that is not tracked */
    unsigned sends;           /* transmissions: the first one, and those by timer or after an ACK */
    unsigned repeats;   /* transmissions in response to the peer's repeat, or to a suspicion */
    uint8_t count;      /* items in use */
    bool whole;         /* a ClientHello: its MTU is not lowered; some servers cannot reassemble */
    uint16_t longest;   /* bytes of the longest datagram that carried a part of the flight */
    unsigned datagrams; /* datagrams of the latest transmission */
    dtls_tick_t first_at;  /* when the flight was first sent */
    dtls_tick_t sent_at;   /* when the flight was last sent */
    dtls_tick_t timer_at;  /* when to retransmit; NEVER: no response is expected */
    dtls_tick_t armed_at;  /* when flight_arm() last set the timer */
    uint32_t timer_ms;     /* the value that flight_arm() set the timer to */
    uint32_t record_count; /* records ever added to the ring */
} flight_t;

/* Ends the flight and allocates memory for one of at most capacity bytes. tracked: store which record
 * carries which bytes. Returns false if no memory is left. */
bool flight_start(flight_t *flight, const alloc_t *alloc, size_t capacity, bool tracked);
void flight_end(flight_t *flight, const alloc_t *alloc);
/* Returns a writer for the next item. */
writer_t flight_open(const flight_t *flight);
/* Adds the item that was written with w. Returns false if the writer failed or the flight is full. */
bool flight_close(flight_t *flight, const writer_t *w, uint8_t content_type, uint64_t epoch);
/* Returns the bytes of an item, and their number in *length. */
const uint8_t *flight_bytes(const flight_t *flight, size_t item, size_t *length);

/* Stores that a record carried these bytes of an item's body. at: when it was sent. */
void flight_sent(flight_t *flight, size_t item, uint32_t offset, uint32_t length,
                 record_number_t number, dtls_tick_t at);
/* Returns when the record was sent; 0 if it is not stored. */
dtls_tick_t flight_sent_at(const flight_t *flight, record_number_t number);
/* Marks the bytes of this record acknowledged. Returns false if all of them were acknowledged before,
 * or if the record is not stored. */
bool flight_ack(flight_t *flight, record_number_t number);
bool flight_all_acked(const flight_t *flight);
/* Finds the next unacknowledged bytes of an item's body at or after *offset, and sets *offset and *length
 * to their position. Returns false if there are none. */
bool flight_unacked(const flight_t *flight, size_t item, uint32_t *offset, uint32_t *length);

/* Starts the retransmission timer. timer_ms: milliseconds. */
void flight_arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms);
/* Call this after a retransmission that the peer's repeat has caused. Restarts a running timer, so that
 * the timer does not cause a second copy at once. The timer expires at most 2 * timer_ms after
 * flight_arm(), however often the peer repeats. */
void flight_put_off(flight_t *flight, dtls_tick_t now);

#endif
