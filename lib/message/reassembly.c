#include "message/reassembly.h"

#include <string.h>

bool parse_fragment(reader_t *r, fragment_t *fragment)
{
    fragment->type = take_u8(r);
    fragment->length = take_u24(r);
    fragment->seq = take_u16(r);
    fragment->offset = take_u24(r);
    fragment->frag_length = take_u24(r);
    fragment->body = take_bytes(r, fragment->frag_length);
    return !r->failed && fragment->offset + fragment->frag_length <= fragment->length;
}

uint16_t message_seq(const message_t *message)
{
    reader_t header = reader(message->bytes, message->length);
    take_u24(&header);
    take_u8(&header);
    return take_u16(&header);
}

void put_message_header(writer_t *w, uint8_t type, uint32_t length, uint16_t seq)
{
    put_u8(w, type);
    put_uint(w, length, 3);
    put_u16(w, seq);
    put_uint(w, 0, 3);
    put_uint(w, length, 3);
}

void put_fragment(uint8_t *space, const uint8_t *message, uint32_t offset, uint32_t length)
{
    writer_t w = writer(space, MESSAGE_HEADER + length);
    put_bytes(&w, message, 6); /* copies msg_type, length and message_seq */
    put_uint(&w, offset, 3);
    put_uint(&w, length, 3);
    put_bytes(&w, message + MESSAGE_HEADER + offset, length);
}

bool fragment_is_whole(const fragment_t *fragment)
{
    return fragment->frag_length == fragment->length;
}

static partial_t *slot_of(reassembly_t *reassembly, uint16_t seq)
{
    return &reassembly->slots[seq % REASSEMBLY_AHEAD];
}

size_t partial_size(uint32_t length)
{
    return MESSAGE_HEADER + (size_t)length + (length + 7) / 8;
}

static void release_slot(reassembly_t *reassembly, const alloc_t *alloc, partial_t *slot)
{
    if (!slot->memory)
        return;
    reassembly->held -= partial_size(slot->length);
    alloc_wipe(alloc, slot->memory, partial_size(slot->length));
    *slot = (partial_t){.memory = NULL};
}

/* Evicts messages until a message of size bytes can be stored. The next message in sequence may
 * evict later ones, because the handshake cannot continue without it. Any message may evict a stale
 * one (one without new bytes since the last time-out). Returns true if there is enough room. */
static bool evict_messages(reassembly_t *reassembly, const alloc_t *alloc, size_t size,
                           bool is_next)
{
    if (size > DTLS_MAX_REASSEMBLY)
        return false;
    for (size_t i = 0; i < REASSEMBLY_AHEAD && reassembly->held + size > DTLS_MAX_REASSEMBLY; i++)
        if (is_next || reassembly->slots[i].stale)
            release_slot(reassembly, alloc, &reassembly->slots[i]);
    return reassembly->held + size <= DTLS_MAX_REASSEMBLY;
}

void partial_start(partial_t *slot, uint8_t *memory, const fragment_t *fragment)
{
    *slot = (partial_t){.memory = memory,
                        .type = fragment->type,
                        .seq = fragment->seq,
                        .epoch = fragment->epoch,
                        .length = fragment->length,
                        .missing = fragment->length};
    writer_t w = writer(memory, MESSAGE_HEADER);
    put_message_header(&w, fragment->type, fragment->length, fragment->seq);
}

static dtls_drop_t start_message(reassembly_t *reassembly, const alloc_t *alloc, partial_t *slot,
                                 const fragment_t *fragment, bool is_next)
{
    size_t size = partial_size(fragment->length);
    if (!evict_messages(reassembly, alloc, size, is_next))
        return DTLS_DROP_FAR_MESSAGE;
    uint8_t *memory = alloc_zeroed(alloc, size);
    if (!memory)
        return DTLS_DROP_LIMIT;
    partial_start(slot, memory, fragment);
    reassembly->held += size;
    return DTLS_DROP_COUNT;
}

static bool is_filled(const partial_t *slot, uint32_t at)
{
    const uint8_t *filled = slot->memory + MESSAGE_HEADER + slot->length;
    return filled[at / 8] >> (at % 8) & 1;
}

void partial_fill(partial_t *slot, const fragment_t *fragment)
{
    uint8_t *body = slot->memory + MESSAGE_HEADER, *filled = body + slot->length;
    for (uint32_t i = 0; i < fragment->frag_length; i++) {
        uint32_t at = fragment->offset + i;
        if (is_filled(slot, at))
            continue;
        filled[at / 8] |= (uint8_t)(1u << (at % 8));
        body[at] = fragment->body[i];
        slot->missing--;
        slot->stale = false;
        slot->sequence = fragment->sequence;
    }
}

bool partial_contradicts(const partial_t *slot, const fragment_t *fragment)
{
    const uint8_t *body = slot->memory + MESSAGE_HEADER;
    for (uint32_t i = 0; i < fragment->frag_length; i++) {
        uint32_t at = fragment->offset + i;
        if (is_filled(slot, at) && body[at] != fragment->body[i])
            return true;
    }
    return false;
}

dtls_drop_t reassembly_add(reassembly_t *reassembly, const alloc_t *alloc, uint16_t next,
                           const fragment_t *fragment)
{
    if (fragment->frag_length == 0 && fragment->length > 0)
        return DTLS_DROP_BAD_FRAGMENT;
    if (!reassembly->slots)
        reassembly->slots = alloc_zeroed(alloc, REASSEMBLY_AHEAD * sizeof(partial_t));
    if (!reassembly->slots)
        return DTLS_DROP_LIMIT;
    partial_t *slot = slot_of(reassembly, fragment->seq);
    bool other =
        slot->memory && (slot->seq != fragment->seq || slot->type != fragment->type ||
                         slot->length != fragment->length || slot->epoch != fragment->epoch);
    /* The fragments belong to different messages with the same message_seq, so one of them is
     * forged. Keep the first message, unless it is stale (without new bytes since the last
     * time-out). The buffer is never resized. */
    if (other && !slot->stale)
        return DTLS_DROP_BAD_FRAGMENT;
    if (other)
        release_slot(reassembly, alloc, slot);
    if (!slot->memory) {
        dtls_drop_t drop = start_message(reassembly, alloc, slot, fragment, fragment->seq == next);
        if (drop != DTLS_DROP_COUNT)
            return drop;
    }
    partial_fill(slot, fragment);
    return DTLS_DROP_COUNT;
}

bool reassembly_complete(const reassembly_t *reassembly, uint16_t seq, message_t *message)
{
    if (!reassembly->slots)
        return false;
    const partial_t *slot = &reassembly->slots[seq % REASSEMBLY_AHEAD];
    if (!slot->memory || slot->seq != seq || slot->missing > 0)
        return false;
    *message =
        (message_t){slot->memory, MESSAGE_HEADER + slot->length, slot->epoch, slot->sequence};
    return true;
}

void reassembly_release(reassembly_t *reassembly, const alloc_t *alloc, uint16_t seq)
{
    if (!reassembly->slots)
        return;
    partial_t *slot = slot_of(reassembly, seq);
    if (slot->seq == seq)
        release_slot(reassembly, alloc, slot);
    if (reassembly->held == 0)
        reassembly_end(reassembly, alloc);
}

void reassembly_age(reassembly_t *reassembly)
{
    for (size_t i = 0; reassembly->slots && i < REASSEMBLY_AHEAD; i++)
        reassembly->slots[i].stale = true;
}

void reassembly_drop_plaintext(reassembly_t *reassembly, const alloc_t *alloc)
{
    for (size_t i = 0; reassembly->slots && i < REASSEMBLY_AHEAD; i++)
        if (reassembly->slots[i].epoch == 0)
            release_slot(reassembly, alloc, &reassembly->slots[i]);
}

void reassembly_end(reassembly_t *reassembly, const alloc_t *alloc)
{
    if (!reassembly->slots)
        return;
    for (size_t i = 0; i < REASSEMBLY_AHEAD; i++)
        release_slot(reassembly, alloc, &reassembly->slots[i]);
    alloc_wipe(alloc, reassembly->slots, REASSEMBLY_AHEAD * sizeof(partial_t));
    reassembly->slots = NULL;
}
