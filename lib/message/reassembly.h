/*
 * reassembly.h - handshake messages that arrive in fragments or out of order (RFC 6347 section
 * 4.2.3). They use at most DTLS_MAX_REASSEMBLY bytes, whatever lengths the peer announces.
 */
#ifndef REASSEMBLY_H
#define REASSEMBLY_H

#include "base/alloc.h"
#include "base/bytes.h"
#include "dtls.h"

/* Length in bytes of the header of a handshake message (RFC 6347 section 4.2.2). */
#define MESSAGE_HEADER 12
/* How many messages are stored at most: the next message in sequence and the seven after it. */
#define REASSEMBLY_AHEAD 8

typedef struct {
    uint8_t type;
    uint32_t length; /* length in bytes of the body of the whole message */
    uint16_t seq;
    uint32_t offset, frag_length;
    const uint8_t *body; /* frag_length bytes of the body, from offset on */
    uint16_t epoch;      /* epoch of the record with the fragment */
    uint64_t sequence;   /* sequence number of the record with the fragment */
} fragment_t;

/* A whole message. */
typedef struct {
    const uint8_t *bytes; /* header and body of the message */
    size_t length;
    uint16_t epoch;    /* epoch of the record that completed the message */
    uint64_t sequence; /* sequence number of the record that completed the message */
} message_t;

/* Parses a fragment with its header. Returns false if the fragment is longer than its record or
 * than its message. */
bool parse_fragment(reader_t *r, fragment_t *fragment);
/* Returns the message_seq of a message. */
uint16_t message_seq(const message_t *message);
/* Writes the header of a message that is not fragmented: fragment_offset is 0, and fragment_length
 * is length. The DTLS 1.2 transcript contains each message with this header (RFC 6347 section
 * 4.2.6). */
void put_message_header(writer_t *w, uint8_t type, uint32_t length, uint16_t seq);
/* Writes a fragment of a message to `space`: the header, and `length` bytes of the body at this
 * offset. message: the whole message with its header. */
void put_fragment(uint8_t *space, const uint8_t *message, uint32_t offset, uint32_t length);
/* Returns true if the fragment is the whole message. */
bool fragment_is_whole(const fragment_t *fragment);

/* A message of which not all fragments have arrived. */
typedef struct {
    /* NULL: no message. Otherwise the header, the body, and one bit for each byte of the body,
     * which is set when the byte has arrived. */
    uint8_t *memory;
    uint8_t type;
    bool stale; /* no new bytes since the retransmission timer last expired */
    uint16_t seq, epoch;
    uint32_t length;   /* length of the body */
    uint32_t missing;  /* how many bytes of the body have not arrived */
    uint64_t sequence; /* sequence number of the latest record that added bytes */
} partial_t;

/* Returns the size of the memory for a message whose body has length bytes. */
size_t partial_size(uint32_t length);
/* Starts *partial as the message to which this fragment belongs. Does not add the fragment. memory
 * has partial_size() bytes, all zero. */
void partial_start(partial_t *partial, uint8_t *memory, const fragment_t *fragment);
/* Adds a fragment of the message. Bytes that arrived before are not overwritten. */
void partial_fill(partial_t *partial, const fragment_t *fragment);
/* Returns true if the fragment contradicts bytes of the message that arrived before. */
bool partial_contradicts(const partial_t *partial, const fragment_t *fragment);

typedef struct {
    partial_t *slots; /* an array of REASSEMBLY_AHEAD slots; NULL: no message is stored */
    size_t held;      /* size of the memory that the slots use */
} reassembly_t;

/* Adds a fragment of a message whose message_seq is in [next, next + REASSEMBLY_AHEAD). Returns
 * DTLS_DROP_COUNT on success. Otherwise returns the reason to drop the fragment. */
dtls_drop_t reassembly_add(reassembly_t *reassembly, const alloc_t *alloc, uint16_t next,
                           const fragment_t *fragment);
/* Returns true if the message with this message_seq is complete, and describes it in *message.
 * *message is valid until reassembly_release(). */
bool reassembly_complete(const reassembly_t *reassembly, uint16_t seq, message_t *message);
/* Frees the message with this message_seq. */
void reassembly_release(reassembly_t *reassembly, const alloc_t *alloc, uint16_t seq);
/* Marks each message stale until new bytes of the message arrive. Any other message may evict a
 * stale message. Call this when the retransmission timer has expired. */
void reassembly_age(reassembly_t *reassembly);
/* Frees all messages that arrived in epoch 0. Call this when only authenticated messages may
 * follow. */
void reassembly_drop_plaintext(reassembly_t *reassembly, const alloc_t *alloc);
/* Frees all messages. */
void reassembly_end(reassembly_t *reassembly, const alloc_t *alloc);

#endif
