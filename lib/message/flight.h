/*
 * flight.h - our latest flight, stored for retransmission. The peer's next flight acknowledges all
 * of it (RFC 6347 section 4.2.4). In DTLS 1.3 the peer's ACKs acknowledge single records of it (RFC
 * 9147 section 7.2).
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "message/reassembly.h"

#define FLIGHT_ITEMS 4    /* the most items in a flight */
#define FLIGHT_RECORDS 32 /* latest records stored, for ACKs and to measure the round trip */

#define NEVER 0 /* the value of a deadline that is not set */

typedef struct {
    uint64_t epoch, sequence;
} record_number_t;

/* An item of a flight: a handshake message with the header of an unfragmented message, or a
 * ChangeCipherSpec. Every transmission sends it in the same epoch. */
typedef struct {
    uint8_t content_type;
    uint64_t epoch;
    uint32_t offset, length; /* the item's position in flight_t.bytes */
} flight_item_t;

/* Which bytes of the flight a record carried: [from, to). */
typedef struct {
    record_number_t number;
    uint32_t from, to;
    dtls_tick_t at;
} flight_record_t;

typedef struct {
    uint8_t *bytes, *acked; /* acked: one bit per byte; NULL if the flight is not tracked */
    size_t capacity, length;
    flight_item_t items[FLIGHT_ITEMS];
    flight_record_t *records; /* a ring; NULL if the flight is not tracked */
    unsigned sends;           /* transmissions, except those that `repeats` counts */
    /* Retransmissions in response to the peer's repeated flight, or to a failure that may be
     * forged. */
    unsigned repeats;
    uint8_t count; /* items in the flight */
    /* A ClientHello: not sent in smaller fragments, as some servers cannot reassemble. */
    bool whole;
    uint16_t longest;      /* bytes of the longest datagram with a part of the flight */
    unsigned datagrams;    /* datagrams of the latest transmission */
    dtls_tick_t first_at;  /* time of the first transmission */
    dtls_tick_t sent_at;   /* time of the latest transmission */
    dtls_tick_t timer_at;  /* when to retransmit. NEVER: the flight needs no response */
    dtls_tick_t armed_at;  /* when flight_arm() last set the timer */
    uint32_t timer_ms;     /* the time for which flight_arm() last set the timer */
    uint32_t record_count; /* records ever added to the ring */
} flight_t;

/* Ends the previous flight, and allocates memory for one of at most capacity bytes. tracked is true
 * to store which record carries which bytes, for ACKs. Returns false if there is not enough
 * memory. */
bool flight_start(flight_t *flight, const alloc_t *alloc, size_t capacity, bool tracked);
/* Wipes and frees the flight. */
void flight_end(flight_t *flight, const alloc_t *alloc);
/* Returns a writer for the next item, which flight_close() then adds. */
writer_t flight_open(const flight_t *flight);
/* Adds the item that was written with w, to be sent in this epoch. Returns false if the writer
 * failed or the flight is full. */
bool flight_close(flight_t *flight, const writer_t *w, uint8_t content_type, uint64_t epoch);
/* Returns the bytes of an item, and sets *length to their number. */
const uint8_t *flight_bytes(const flight_t *flight, size_t item, size_t *length);

/* Stores that a record carried length bytes of an item's body from offset. at is the time at which
 * it was sent. */
void flight_sent(flight_t *flight, size_t item, uint32_t offset, uint32_t length,
                 record_number_t number, dtls_tick_t at);
/* Returns the time at which the record was sent, or 0 if the record is not stored. */
dtls_tick_t flight_sent_at(const flight_t *flight, record_number_t number);
/* Marks the bytes of this record as acknowledged. Returns true if at least one of them was not
 * acknowledged before. Returns false otherwise, or if the record is not stored. */
bool flight_ack(flight_t *flight, record_number_t number);
/* Returns true if all bytes of the flight are acknowledged. */
bool flight_all_acked(const flight_t *flight);
/* Finds the next unacknowledged bytes of an item's body at or after *offset, and sets *offset and
 * *length to their position. Returns false if there are none. */
bool flight_unacked(const flight_t *flight, size_t item, uint32_t *offset, uint32_t *length);

/* Starts the retransmission timer, which is due timer_ms after now. */
void flight_arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms);
/* Restarts the retransmission timer if it runs. Call it after our flight was sent again because the
 * peer repeated its own: otherwise the timer could soon send another copy. The timer is due at
 * most 2 * timer_ms after flight_arm(), however often the peer repeats. */
void flight_put_off(flight_t *flight, dtls_tick_t now);

/* Changes a running timer in proportion, when the first timer changes from from_ms to to_ms. limit: the
 * longest timer, in milliseconds. */
void flight_rescale(flight_t *flight, uint32_t from_ms, uint32_t to_ms, uint32_t limit);
/* Does not let a running timer expire before this time. */
void flight_delay_timer(flight_t *flight, dtls_tick_t at);
/* Stops the timer: the peer has responded, or does not respond to this flight. */
void flight_stop_timer(flight_t *flight);

/* Call one of these two before each transmission: flight_count_repeat() for a response to the peer's repeat
 * or to a suspected failure, else flight_count_send(). */
void flight_count_send(flight_t *flight, dtls_tick_t now);
void flight_count_repeat(flight_t *flight);
/* A transmission begins now. */
void flight_begin_sending(flight_t *flight, dtls_tick_t now);
/* The transmission took `datagrams` datagrams. longest: bytes of the longest one. */
void flight_end_sending(flight_t *flight, unsigned datagrams, size_t longest);
/* Keeps the MTU however often the flight is lost: it is a ClientHello. */
void flight_keep_mtu(flight_t *flight);
/* Moves the flight from one place to another, whose flight must have ended. */
void flight_move(flight_t *to, flight_t *from);

#endif
