#include "message/flight.h"

static size_t bitmap_size(size_t capacity)
{
    return (capacity + 7) / 8;
}

#define ITEMS_SIZE (FLIGHT_ITEMS * sizeof(flight_item_t))
#define LOG_SIZE (FLIGHT_RECORDS * sizeof(flight_record_t))

void flight_end(flight_t *flight, const alloc_t *alloc)
{
    alloc_wipe(alloc, flight->items, ITEMS_SIZE + flight->capacity);
    alloc_wipe(alloc, flight->acked, bitmap_size(flight->capacity));
    alloc_wipe(alloc, flight->records, LOG_SIZE);
    *flight = (flight_t){.bytes = NULL};
}

bool flight_start(flight_t *flight, const alloc_t *alloc, size_t capacity, bool tracked)
{
    flight_end(flight, alloc);
    flight->items = alloc_zeroed(alloc, ITEMS_SIZE + capacity);
    flight->bytes = flight->items ? (uint8_t *)(flight->items + FLIGHT_ITEMS) : NULL;
    flight->capacity = (uint32_t)capacity;
    if (tracked) {
        flight->acked = alloc_zeroed(alloc, bitmap_size(capacity));
        flight->records = alloc_zeroed(alloc, LOG_SIZE);
    }
    if (flight->items && (!tracked || (flight->acked && flight->records)))
        return true;
    flight_end(flight, alloc);
    return false;
}

writer_t flight_open(const flight_t *flight)
{
    return writer(flight->bytes + flight->length, flight->capacity - flight->length);
}

bool flight_close(flight_t *flight, const writer_t *w, uint8_t content_type, uint64_t epoch)
{
    if (w->failed || flight->count == FLIGHT_ITEMS)
        return false;
    flight->items[flight->count++] = (flight_item_t){.content_type = content_type,
                                                     .epoch = (uint16_t)epoch,
                                                     .offset = flight->length,
                                                     .length = (uint32_t)writer_length(w)};
    flight->length += (uint32_t)writer_length(w);
    return true;
}

const uint8_t *flight_bytes(const flight_t *flight, size_t item, size_t *length)
{
    *length = flight->items[item].length;
    return flight->bytes + flight->items[item].offset;
}

/* ---- acknowledgment ---- */

static uint32_t body_of(const flight_t *flight, size_t item)
{
    return flight->items[item].offset + MESSAGE_HEADER;
}

static bool is_acked(const flight_t *flight, uint32_t at)
{
    return flight->acked && (flight->acked[at / 8] >> (at % 8) & 1);
}

void flight_sent(flight_t *flight, size_t item, uint32_t offset, uint32_t length,
                 record_number_t number, dtls_tick_t at)
{
    uint32_t from = body_of(flight, item) + offset;
    if (flight->records)
        flight->records[flight->record_count++ % FLIGHT_RECORDS] =
            (flight_record_t){number, from, from + length, at};
}

/* Returns true if the record at index i of the ring has this number. A record that carried several
 * items is in the ring several times. */
static bool carried(const flight_t *flight, size_t i, record_number_t number)
{
    const record_number_t *known = &flight->records[i].number;
    return i < flight->record_count && known->epoch == number.epoch &&
           known->sequence == number.sequence;
}

dtls_tick_t flight_sent_at(const flight_t *flight, record_number_t number)
{
    for (size_t i = 0; flight->records && i < FLIGHT_RECORDS; i++)
        if (carried(flight, i, number))
            return flight->records[i].at;
    return 0;
}

bool flight_ack(flight_t *flight, record_number_t number)
{
    bool news = false;
    for (size_t i = 0; i < FLIGHT_RECORDS; i++) {
        const flight_record_t *record = &flight->records[i];
        for (uint32_t at = record->from; carried(flight, i, number) && at < record->to; at++) {
            news |= !is_acked(flight, at);
            flight->acked[at / 8] |= (uint8_t)(1u << (at % 8));
        }
    }
    return news;
}

bool flight_unacked(const flight_t *flight, size_t item, uint32_t *offset, uint32_t *length)
{
    uint32_t start = body_of(flight, item), at = start + *offset;
    uint32_t end = flight->items[item].offset + flight->items[item].length;
    while (at < end && is_acked(flight, at))
        at++;
    *offset = at - start;
    while (at < end && !is_acked(flight, at))
        at++;
    *length = at - start - *offset;
    return *length > 0;
}

bool flight_all_acked(const flight_t *flight)
{
    for (size_t item = 0; item < flight->count; item++) {
        uint32_t offset = 0, length;
        if (flight_unacked(flight, item, &offset, &length))
            return false;
    }
    return true;
}

void flight_arm(flight_t *flight, dtls_tick_t now, uint32_t timer_ms)
{
    flight->timer_ms = timer_ms;
    flight->armed_at = now;
    flight->timer_at = now + timer_ms;
}

void flight_put_off(flight_t *flight, dtls_tick_t now)
{
    dtls_tick_t limit = flight->armed_at + 2 * (dtls_tick_t)flight->timer_ms;
    dtls_tick_t at = now + flight->timer_ms;
    if (at > limit)
        at = limit;
    flight_delay_timer(flight, at);
}

static uint32_t at_most(uint32_t ms, uint32_t limit)
{
    return ms < limit ? ms : limit;
}

void flight_rescale(flight_t *flight, uint32_t from_ms, uint32_t to_ms, uint32_t limit)
{
    if (flight->timer_at == NEVER)
        return;
    uint64_t timer_ms = (uint64_t)flight->timer_ms * to_ms / from_ms;
    dtls_tick_t left = (flight->timer_at - flight->armed_at) * to_ms / from_ms;
    flight->timer_ms = timer_ms > 0 ? at_most((uint32_t)timer_ms, limit) : 1;
    flight->timer_at = flight->armed_at + (left < limit ? left : limit);
}

void flight_delay_timer(flight_t *flight, dtls_tick_t at)
{
    if (flight->timer_at != NEVER && flight->timer_at < at)
        flight->timer_at = at;
}

void flight_stop_timer(flight_t *flight)
{
    flight->timer_at = NEVER;
}

/* ---- transmissions ---- */

void flight_count_send(flight_t *flight, dtls_tick_t now)
{
    if (flight->sends++ == 0)
        flight->first_at = now;
}

void flight_count_repeat(flight_t *flight)
{
    flight->repeats++;
}

void flight_begin_sending(flight_t *flight, dtls_tick_t now)
{
    flight->sent_at = now;
}

void flight_end_sending(flight_t *flight, unsigned datagrams, size_t longest)
{
    flight->datagrams = datagrams;
    if (longest > flight->longest)
        flight->longest = (uint16_t)longest;
}

void flight_keep_mtu(flight_t *flight)
{
    flight->whole = true;
}

void flight_move(flight_t *to, flight_t *from)
{
    *to = *from;
    *from = (flight_t){.bytes = NULL};
}
