/*
 * bytes.h - bounded cursors over the bytes of messages and records. Every byte from a peer is read
 * through a reader_t. Every byte to a peer is written through a writer_t.
 *
 * Numbers are big-endian. After the first access beyond the end, a cursor stays failed: a reader
 * returns zeros, a writer writes nothing. A caller therefore makes all its accesses first, and
 * checks for failure once, at the end.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *at, *end;
    bool failed;
} reader_t;

/* Returns a reader over length bytes. bytes may be NULL if length is 0. */
reader_t reader(const uint8_t *bytes, size_t length);
/* Returns the number of bytes that are not read yet. */
size_t reader_left(const reader_t *r);
/* Returns true if no read failed and no bytes are left. */
bool reader_done(const reader_t *r);

/* Reads and returns a number of width bytes, 1 to 8. */
uint64_t take_uint(reader_t *r, size_t width);
/* These three read and return a number of 1, 2 or 3 bytes. */
uint8_t take_u8(reader_t *r);
uint16_t take_u16(reader_t *r);
uint32_t take_u24(reader_t *r);
/* Reads length bytes. Returns a pointer to them in the buffer of the reader, or NULL if fewer are
 * left. */
const uint8_t *take_bytes(reader_t *r, size_t length);
/* Reads a length field of width bytes and the bytes that it counts. Returns a reader over these
 * bytes. */
reader_t take_block(reader_t *r, size_t width);
/* Reads all bytes that are left. Returns a reader over them. */
reader_t take_rest(reader_t *r);

typedef struct {
    uint8_t *start, *at, *end;
    bool failed;
} writer_t;

/* Returns a writer to a buffer of capacity bytes. */
writer_t writer(uint8_t *bytes, size_t capacity);
/* Returns the number of bytes written so far. */
size_t writer_length(const writer_t *w);

/* Writes a number of width bytes. */
void put_uint(writer_t *w, uint64_t value, size_t width);
/* These two write a number of 1 byte or of 2 bytes. */
void put_u8(writer_t *w, unsigned value);
void put_u16(writer_t *w, unsigned value);
/* Writes length bytes. */
void put_bytes(writer_t *w, const void *bytes, size_t length);
/* Reserves length bytes, which the caller fills in. Returns a pointer to them, or NULL if they do
 * not fit. */
uint8_t *put_space(writer_t *w, size_t length);

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
