/*
 * bytes.h - bounded cursors over wire bytes. Every byte from a peer is read through a reader. Every
 * byte to a peer is written through a writer. Failure is sticky: after the first overrun a reader
 * returns zeros and a writer writes nothing. A caller therefore checks once, at the end.
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

reader_t reader(const uint8_t *bytes, size_t length);
size_t reader_left(const reader_t *r);
/* True if no read failed and no bytes are left. */
bool reader_done(const reader_t *r);

/* Reads a big-endian number of width bytes, 1 to 8. */
uint64_t take_uint(reader_t *r, size_t width);
uint8_t take_u8(reader_t *r);
uint16_t take_u16(reader_t *r);
uint32_t take_u24(reader_t *r);
/* Returns the next length bytes in place, or NULL on overrun. */
const uint8_t *take_bytes(reader_t *r, size_t length);
/* Reads a length field of width bytes. Returns a reader over the bytes that the field counts. */
reader_t take_block(reader_t *r, size_t width);
reader_t take_rest(reader_t *r);

typedef struct {
    uint8_t *start, *at, *end;
    bool failed;
} writer_t;

writer_t writer(uint8_t *bytes, size_t capacity);
size_t writer_length(const writer_t *w);

void put_uint(writer_t *w, uint64_t value, size_t width);
void put_u8(writer_t *w, unsigned value);
void put_u16(writer_t *w, unsigned value);
void put_bytes(writer_t *w, const void *bytes, size_t length);
/* Returns length bytes for the caller to fill in, or NULL if they do not fit. */
uint8_t *put_space(writer_t *w, size_t length);

/* A block behind a length field of width bytes. close_block() fills in the length. */
typedef struct {
    uint8_t *length_at;
    size_t width;
} block_t;

block_t open_block(writer_t *w, size_t width);
void close_block(writer_t *w, block_t block);
/* Like close_block(), but removes the length field too if the block is empty. */
void close_block_if_filled(writer_t *w, block_t block);

#endif
