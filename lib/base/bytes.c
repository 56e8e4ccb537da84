#include "base/bytes.h"

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

/* Not inline: gcc 12 and 14 would warn of writing beyond a buffer of constant length, in the branch
 * that the check excludes. */
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
