/*
 * bytes.h - bounded cursors over the bytes of messages and records. Every byte from a peer is read
 * through a reader_t. Every byte to a peer is written through a writer_t.
 *
 * Numbers are big-endian. After the first access beyond the end, a cursor stays failed: a reader
 * returns zeros, a writer writes nothing. A caller therefore makes all its accesses first, and
 * checks for failure once, at the end.
 *
 * The functions that each record needs are inline.
 */
#ifndef BYTES_H
#define BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *at, *end;
    bool failed;
} reader_t;

/* These two load and store a number of width bytes, 1 to 8. */
static inline uint64_t load_uint(const uint8_t *from, size_t width)
{
    uint64_t wire = 0;
    memcpy(&wire, from, width);
    return be64toh(wire) >> (64 - 8 * width);
}

static inline void store_uint(uint8_t *to, uint64_t value, size_t width)
{
    uint64_t wire = htobe64(value << (64 - 8 * width));
    memcpy(to, &wire, width);
}

/* Returns a reader over length bytes. bytes may be NULL if length is 0. Instead of NULL, the reader
 * has a valid pointer, because adding 0 to NULL is undefined behaviour (C11 6.5.6). */
static inline reader_t reader(const uint8_t *bytes, size_t length)
{
    static const uint8_t none[1];

    if (!bytes)
        return (reader_t){.at = none, .end = none, .failed = false};
    return (reader_t){.at = bytes, .end = bytes + length, .failed = false};
}

/* Returns the number of bytes that are not read yet. */
static inline size_t reader_left(const reader_t *r)
{
    return (size_t)(r->end - r->at);
}

/* Returns true if no read failed and no bytes are left. */
static inline bool reader_done(const reader_t *r)
{
    return !r->failed && r->at == r->end;
}

/* Reads length bytes. Returns a pointer to them in the buffer of the reader, or NULL if fewer are
 * left. */
static inline const uint8_t *take_bytes(reader_t *r, size_t length)
{
    if (r->failed || length > reader_left(r)) {
        r->failed = true;
        r->at = r->end;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += length;
    return bytes;
}

/* Reads and returns a number of width bytes, 1 to 8. */
static inline uint64_t take_uint(reader_t *r, size_t width)
{
    const uint8_t *bytes = take_bytes(r, width);
    return bytes ? load_uint(bytes, width) : 0;
}

/* These three read and return a number of 1, 2 or 3 bytes. */
static inline uint8_t take_u8(reader_t *r)
{
    return (uint8_t)take_uint(r, 1);
}

static inline uint16_t take_u16(reader_t *r)
{
    return (uint16_t)take_uint(r, 2);
}

static inline uint32_t take_u24(reader_t *r)
{
    return (uint32_t)take_uint(r, 3);
}

/* Reads a length field of width bytes and the bytes that it counts. Returns a reader over these
 * bytes. */
reader_t take_block(reader_t *r, size_t width);
/* Reads all bytes that are left. Returns a reader over them. */
reader_t take_rest(reader_t *r);

typedef struct {
    uint8_t *start, *at, *end;
    bool failed;
} writer_t;

/* Returns a writer to a buffer of capacity bytes. bytes may be NULL if capacity is 0. */
static inline writer_t writer(uint8_t *bytes, size_t capacity)
{
    /* Adding 0 to NULL is undefined (C11 6.5.6). */
    uint8_t *end = capacity > 0 ? bytes + capacity : bytes;
    return (writer_t){.start = bytes, .at = bytes, .end = end, .failed = false};
}

/* Returns the number of bytes written so far. */
static inline size_t writer_length(const writer_t *w)
{
    return (size_t)(w->at - w->start);
}

/* Reserves length bytes, which the caller fills in. Returns a pointer to them, or NULL if they do
 * not fit. */
uint8_t *put_space(writer_t *w, size_t length);

/* Writes a number of width bytes, 0 to 8. */
static inline void put_uint(writer_t *w, uint64_t value, size_t width)
{
    uint8_t *to = put_space(w, width);
    if (to && width > 0)
        store_uint(to, value, width);
}

/* These two write a number of 1 byte or of 2 bytes. */
static inline void put_u8(writer_t *w, unsigned value)
{
    put_uint(w, value, 1);
}

static inline void put_u16(writer_t *w, unsigned value)
{
    put_uint(w, value, 2);
}

/* Writes length bytes. */
static inline void put_bytes(writer_t *w, const void *bytes, size_t length)
{
    uint8_t *to = put_space(w, length);
    if (to && length > 0)
        memcpy(to, bytes, length);
}

/* A block that is being written: a length field of width bytes, and after it the bytes that the
 * field counts. */
typedef struct {
    uint8_t *length_at;
    size_t width;
} block_t;

/* Begins a block: reserves its length field of width bytes. What is written until close_block()
 * belongs to the block. */
block_t open_block(writer_t *w, size_t width);
/* Ends the block: fills in its length field. */
void close_block(writer_t *w, block_t block);
/* Ends the block as close_block() does. If the block is empty, also removes its length field. */
void close_block_if_filled(writer_t *w, block_t block);

#endif
