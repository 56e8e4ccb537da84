/*
 * reassembly.h - handshake messages that arrive in fragments or out of order (RFC 6347 section
 * 4.2.3). The messages use at most DTLS_MAX_REASSEMBLY bytes, whatever lengths the peer announces.
 */
#ifndef REASSEMBLY_H
#define REASSEMBLY_H

#include "base/alloc.h"
#include "base/bytes.h"
#include "dtls.h"

#define MESSAGE_HEADER 12  /* RFC 6347 section 4.2.2 */
#define REASSEMBLY_AHEAD 8 /* messages held, at most: the next one and the seven after it */

typedef struct {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t seq;
    uint32_t offset, frag_length;
    const uint8_t *body; /* frag_length bytes */
    uint16_t epoch;      /* epoch of the record that carried the fragment */
    uint64_t sequence;   /* sequence number of that record */
} fragment_t;

/* A whole message. */
typedef struct {
    const uint8_t *bytes; /* header and body */
    size_t length;
    uint16_t epoch;    /* epoch of the record that completed the message */
    uint64_t sequence; /* sequence number of that record */
} message_t;

/* Parses one fragment. Returns false if it is longer than its record or than its message. */
bool parse_fragment(reader_t *r, fragment_t *fragment);
/* Writes the header of an unfragmented message, as the transcript needs it (RFC 6347 section
 * 4.2.6). */
void put_message_header(writer_t *w, uint8_t type, uint32_t length, uint16_t seq);
bool fragment_is_whole(const fragment_t *fragment);

/* A message that is not complete. */
typedef struct {
    uint8_t *memory; /* header, body, then one bit per byte of body received; NULL: unused */
    uint8_t type;
    uint16_t seq, epoch;
    uint32_t length;   /* bytes of the body */
    uint32_t missing;  /* bytes of the body not received yet */
    uint64_t sequence; /* number of the latest record that added bytes */
    bool stale;        /* has received no new bytes since the last retransmission timeout */
} partial_t;

/* Bytes of memory for a message with a body of length bytes. */
size_t partial_size(uint32_t length);
/* Starts the message that fragment belongs to, without adding fragment. memory has
 * partial_size() zeroed bytes. */
void partial_start(partial_t *partial, uint8_t *memory, const fragment_t *fragment);
/* Adds a fragment of the message. Bytes that have arrived before are not overwritten. */
void partial_fill(partial_t *partial, const fragment_t *fragment);
/* True if fragment differs from bytes that have arrived before. */
bool partial_contradicts(const partial_t *partial, const fragment_t *fragment);

typedef struct {
    partial_t *slots; /* REASSEMBLY_AHEAD slots; NULL while nothing is held */
    size_t held;      /* bytes of memory in use by the slots */
} reassembly_t;

/* Adds a fragment of a message with a number in [next, next + REASSEMBLY_AHEAD). Returns
 * DTLS_DROP_COUNT if the fragment was accepted, else the reason to drop it. */
dtls_drop_t reassembly_add(reassembly_t *reassembly, const alloc_t *alloc, uint16_t next,
                           const fragment_t *fragment);
/* If message seq is complete, describes it in *message and returns true. It is valid until it is
 * released. */
bool reassembly_complete(const reassembly_t *reassembly, uint16_t seq, message_t *message);
void reassembly_release(reassembly_t *reassembly, const alloc_t *alloc, uint16_t seq);
/* Call this when the retransmission timer expires. Marks all messages stale: others may evict
 * them until they receive new bytes. */
void reassembly_age(reassembly_t *reassembly);
/* Drops all messages that arrived in epoch 0: they are unauthenticated. */
void reassembly_drop_plaintext(reassembly_t *reassembly, const alloc_t *alloc);
void reassembly_end(reassembly_t *reassembly, const alloc_t *alloc);

#endif
