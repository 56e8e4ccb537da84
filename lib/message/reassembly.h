/*
 * reassembly.h - handshake messages that arrive in fragments or ahead of their turn
 * (RFC 6347 section 4.2.3). Memory is bounded by DTLS_MAX_REASSEMBLY, whatever the peer claims.
 */
#ifndef REASSEMBLY_H
#define REASSEMBLY_H

#include "base/alloc.h"
#include "base/bytes.h"
#include "dtls.h"

#define MESSAGE_HEADER 12  /* RFC 6347 section 4.2.2 */
#define REASSEMBLY_AHEAD 8 /* messages held: the next one and seven after it */

typedef struct {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t seq;
    uint32_t offset, frag_length;
    const uint8_t *body; /* frag_length bytes */
    uint16_t epoch;      /* of the record it came in, and that record's number */
    uint64_t sequence;
} fragment_t;

/* A whole message: header and body, and in which record the last of it came. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
    uint16_t epoch;
    uint64_t sequence;
} message_t;

/* Takes one fragment off the cursor. False: it contradicts itself or does not fit the record. */
bool take_fragment(reader_t *r, fragment_t *fragment);
/* The header of a whole message, as the transcript wants it (RFC 6347 section 4.2.6). */
void put_message_header(writer_t *w, uint8_t type, uint32_t length, uint16_t seq);
bool fragment_is_whole(const fragment_t *fragment);

typedef struct {
    uint8_t *memory; /* header and body, then one bit per byte of body; NULL: unused */
    uint8_t type;
    uint16_t seq, epoch;
    uint32_t length, missing;
    uint64_t sequence;
    bool stale; /* nothing useful came since the timer last ran out */
} partial_t;

/* Bytes of memory for a message of that length. */
size_t partial_size(uint32_t length);
/* A message of which nothing has come, in memory that is zeroed. */
void partial_start(partial_t *partial, uint8_t *memory, const fragment_t *fragment);
/* Adds a fragment of that message. The first copy of a byte wins. */
void partial_fill(partial_t *partial, const fragment_t *fragment);
/* Another fragment has had other bytes in the same place. */
bool partial_contradicts(const partial_t *partial, const fragment_t *fragment);

typedef struct {
    partial_t *slots; /* REASSEMBLY_AHEAD of them; NULL while nothing is held */
    size_t held;      /* bytes */
} reassembly_t;

/* Adds a fragment of a message in [next, next + REASSEMBLY_AHEAD). DTLS_DROP_COUNT: taken. */
dtls_drop_t reassembly_add(reassembly_t *reassembly, const alloc_t *alloc, uint16_t next,
                           const fragment_t *fragment);
/* Is that message complete? It stays until it is released. */
bool reassembly_complete(const reassembly_t *reassembly, uint16_t seq, message_t *message);
void reassembly_release(reassembly_t *reassembly, const alloc_t *alloc, uint16_t seq);
/* The retransmission timer ran out: from now on fragments may push out what makes no progress. */
void reassembly_age(reassembly_t *reassembly);
/* What has come in epoch 0, perhaps from a forger. */
void reassembly_drop_plaintext(reassembly_t *reassembly, const alloc_t *alloc);
void reassembly_end(reassembly_t *reassembly, const alloc_t *alloc);

#endif
