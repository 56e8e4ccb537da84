/*
 * bytes.h - bounded cursors over wire bytes. Every byte of a peer is read through a reader, every
 * byte for a peer is written through a writer. Failure is sticky: after the first overrun a reader
 * yields zeros and a writer writes nothing, so a caller checks once, at the end.
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
bool reader_done(const reader_t *r); /* nothing failed and nothing is left */

uint64_t take_uint(reader_t *r, size_t width); /* big-endian, width 1..8 */
uint8_t take_u8(reader_t *r);
uint16_t take_u16(reader_t *r);
uint32_t take_u24(reader_t *r);
const uint8_t *take_bytes(reader_t *r, size_t length); /* NULL on overrun */
reader_t take_block(reader_t *r, size_t width);        /* a length of width bytes, then that many */
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
uint8_t *put_space(writer_t *w, size_t length); /* room to fill in; NULL if there is none */

/* A block whose length is known only when it is closed: open writes width bytes to be filled in. */
typedef struct {
    uint8_t *length_at;
    size_t width;
} block_t;

block_t open_block(writer_t *w, size_t width);
void close_block(writer_t *w, block_t block);
/* The same, but of an empty one nothing is left, not even the length. */
void close_block_if_filled(writer_t *w, block_t block);

#endif
