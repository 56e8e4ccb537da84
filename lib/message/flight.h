/* flight.h - our latest flight, stored for retransmission. In DTLS 1.2 the peer acknowledges the
 * whole flight by its next flight (RFC 6347 section 4.2.4). In DTLS 1.3 the peer can also
 * acknowledge single records of the flight by ACKs (RFC 9147 section 7.2). */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "message/reassembly.h"

#define FLIGHT_ITEMS 4 /* the most items in a flight */
/* How many of the latest records a flight stores, for ACKs and to measure the round trip. */
#define FLIGHT_RECORDS 32

#define NEVER 0 /* the value of a deadline that is not set */

typedef struct {
    uint64_t epoch, sequence;
} record_number_t;

/* An item of a flight: a ChangeCipherSpec, or a handshake message with the header of an
 * unfragmented message. Each transmission sends the item in the same epoch. */
typedef struct {
    uint8_t content_type;
    uint16_t epoch;
    uint32_t offset, length; /* the item is length bytes at offset in flight_t.bytes */
} flight_item_t;

/* A record that we sent. It carried the bytes of the flight from index `from` to index `to` - 1. */
typedef struct {
    record_number_t number;
    uint32_t from, to;
    dtls_tick_t at;
} flight_record_t;

typedef struct {
    dtls_tick_t timer_at; /* when to retransmit; NEVER: the timer does not run */
    flight_item_t *items; /* FLIGHT_ITEMS of them, in one block with bytes; NULL: no flight */
    /* bytes: the items of the flight. acked: one bit per byte of the flight; NULL: records are not
     * tracked. */
    uint8_t *bytes, *acked;
    uint32_t capacity, length;
    flight_record_t *records; /* a ring of the latest records; NULL: records are not tracked */
    unsigned sends;           /* how often the flight was sent, not counting `repeats` */
    /* How often the flight was sent again although no timer had expired: the peer repeated its
     * flight, or a failure was suspected, which an attacker may have forged (suspect.h). */
    unsigned repeats;
    uint8_t count; /* how many items the flight has */
    /* The flight is a ClientHello, which is not sent in smaller fragments after a loss: some
     * servers cannot reassemble it. */
    bool whole;
    uint16_t longest;      /* length of the longest datagram that carried a part of the flight */
    unsigned datagrams;    /* how many datagrams the latest transmission took */
    dtls_tick_t first_at;  /* time of the first transmission */
    dtls_tick_t sent_at;   /* time of the latest transmission */
    dtls_tick_t armed_at;  /* when flight_arm() last set the timer */
    uint32_t timer_ms;     /* the duration with which flight_arm() last set the timer */
    uint32_t record_count; /* how many records were ever added to `records` */
} flight_t;

/* Ends the previous flight, and allocates memory for a flight of at most capacity bytes. tracked:
 * true to store which record carries which bytes, to process ACKs. Returns false if there is not
 * enough memory. */
bool flight_start(flight_t *flight, const alloc_t *alloc, size_t capacity, bool tracked);
/* Wipes and frees the flight. */
void flight_end(flight_t *flight, const alloc_t *alloc);
/* Returns a writer for the next item. Call flight_close() when the item is written. */
writer_t flight_open(const flight_t *flight);
/* Adds the item that was written with w, to be sent in this epoch. Returns false if the writer
 * failed or the flight is full. */
bool flight_close(flight_t *flight, const writer_t *w, uint8_t content_type, uint64_t epoch);
/* Returns the bytes of an item, and sets *length to their number. */
const uint8_t *flight_bytes(const flight_t *flight, size_t item, size_t *length);

/* Stores that the record with this number carried length bytes of an item's body, starting at
 * offset. The record was sent at the time `at`. */
void flight_sent(flight_t *flight, size_t item, uint32_t offset, uint32_t length,
                 record_number_t number, dtls_tick_t at);
/* Returns the time at which the record was sent, or 0 if the record is not stored. */
dtls_tick_t flight_sent_at(const flight_t *flight, record_number_t number);
/* Marks the bytes of this record as acknowledged. Returns true if at least one of these bytes was
 * not acknowledged before. Returns false otherwise, or if the record is not stored. */
bool flight_ack(flight_t *flight, record_number_t number);
/* Returns true if all bytes of the flight are acknowledged. */
bool flight_all_acked(const flight_t *flight);
/* Finds the next unacknowledged bytes of an item's body at or after *offset, and sets *offset and
 * *length to their position. Returns false if there are none. */
bool flight_unacked(const flight_t *flight, size_t item, uint32_t *offset, uint32_t *length);

/* Starts the retransmission timer, which expires timer_ms after now. */
void flight_arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms);
/* Restarts the retransmission timer if it runs. However often the peer repeats its flight, the
 * timer expires at most 2 * timer_ms after flight_arm(). Call this when our flight was sent again
 * because the peer repeated its flight: otherwise the timer could soon send another copy. */
void flight_put_off(flight_t *flight, dtls_tick_t now);

/* Call this when the initial retransmission timer changes from from_ms to to_ms. If the timer runs,
 * multiplies its duration by to_ms / from_ms, but makes it at most limit milliseconds. */
void flight_rescale(flight_t *flight, uint32_t from_ms, uint32_t to_ms, uint32_t limit);
/* If the timer runs and would expire before the time `at`, delays it until `at`. */
void flight_delay_timer(flight_t *flight, dtls_tick_t at);
/* Stops the timer. Call this when the peer has responded, or if the flight needs no response. */
void flight_stop_timer(flight_t *flight);

/* These two functions count a transmission. Call one of them before each transmission:
 * flight_count_repeat() before a response to the peer's repeated flight or to a suspected failure,
 * flight_count_send() before every other transmission. */
void flight_count_send(flight_t *flight, dtls_tick_t now);
void flight_count_repeat(flight_t *flight);
/* Stores that a transmission begins at this time. */
void flight_begin_sending(flight_t *flight, dtls_tick_t now);
/* Stores that the transmission took `datagrams` datagrams. longest: the length of the longest of
 * these datagrams. */
void flight_end_sending(flight_t *flight, unsigned datagrams, size_t longest);
/* Marks the flight as a ClientHello (flight_t.whole), whose loss does not lower the MTU. */
void flight_keep_mtu(flight_t *flight);
/* Moves the flight `from` to `to`, which must hold no flight. */
void flight_move(flight_t *to, flight_t *from);

#endif
