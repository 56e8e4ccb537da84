#include "base/bytes.h"

#include <string.h>

/* If bytes is NULL, which is allowed with length 0, uses another pointer: adding 0 to NULL is
 * undefined behaviour (C11 6.5.6). */
reader_t reader(const uint8_t *bytes, size_t length)
{
    static const uint8_t none[1];

    if (!bytes)
        bytes = none;
    return (reader_t){.at = bytes, .end = bytes + length, .failed = false};
}

size_t reader_left(const reader_t *r)
{
    return (size_t)(r->end - r->at);
}

bool reader_done(const reader_t *r)
{
    return !r->failed && r->at == r->end;
}

const uint8_t *take_bytes(reader_t *r, size_t length)
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

uint64_t take_uint(reader_t *r, size_t width)
{
    const uint8_t *bytes = take_bytes(r, width);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint8_t take_u8(reader_t *r)
{
    return (uint8_t)take_uint(r, 1);
}

uint16_t take_u16(reader_t *r)
{
    return (uint16_t)take_uint(r, 2);
}

uint32_t take_u24(reader_t *r)
{
    return (uint32_t)take_uint(r, 3);
}

reader_t take_block(reader_t *r, size_t width)
{
    size_t length = (size_t)take_uint(r, width);
    const uint8_t *bytes = take_bytes(r, length);
    if (!bytes)
        return (reader_t){.at = r->end, .end = r->end, .failed = true};
    return reader(bytes, length);
}

reader_t take_rest(reader_t *r)
{
    reader_t rest = *r;
    r->at = r->end;
    return rest;
}

writer_t writer(uint8_t *bytes, size_t capacity)
{
    uint8_t *end = capacity > 0 ? bytes + capacity : bytes; /* bytes may be NULL if capacity is 0 */

    return (writer_t){.start = bytes, .at = bytes, .end = end, .failed = false};
}

size_t writer_length(const writer_t *w)
{
    return (size_t)(w->at - w->start);
}

uint8_t *put_space(writer_t *w, size_t length)
{
    if (w->failed || length > (size_t)(w->end - w->at)) {
        w->failed = true;
        return NULL;
    }
    uint8_t *space = w->at;
    if (length > 0)
        w->at += length;
    return space;
}

static void store_uint(uint8_t *to, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--, value >>= 8)
        to[i - 1] = (uint8_t)value;
}

void put_uint(writer_t *w, uint64_t value, size_t width)
{
    uint8_t *to = put_space(w, width);
    if (to)
        store_uint(to, value, width);
}

void put_u8(writer_t *w, unsigned value)
{
    put_uint(w, value, 1);
}

void put_u16(writer_t *w, unsigned value)
{
    put_uint(w, value, 2);
}

void put_bytes(writer_t *w, const void *bytes, size_t length)
{
    uint8_t *to = put_space(w, length);
    if (to && length > 0)
        memcpy(to, bytes, length);
}

block_t open_block(writer_t *w, size_t width)
{
    return (block_t){.length_at = put_space(w, width), .width = width};
}

void close_block(writer_t *w, block_t block)
{
    if (w->failed)
        return;
    size_t length = (size_t)(w->at - block.length_at) - block.width;
    if (length >> (8 * block.width) != 0)
        w->failed = true;
    else
        store_uint(block.length_at, length, block.width);
}

void close_block_if_filled(writer_t *w, block_t block)
{
    if (!w->failed && w->at == block.length_at + block.width)
        w->at = block.length_at;
    else
        close_block(w, block);
}
