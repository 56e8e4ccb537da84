#include "net/delayline.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/numbers.h"

#define NS 1000000000U /* nanoseconds of a second */

/* ---- the list ------------------------------------------------------------------------------- */

static void unlink_delayed(struct delayline *line, struct delayed *delayed)
{
    *(delayed->previous != NULL ? &delayed->previous->next : &line->first) = delayed->next;
    *(delayed->next != NULL ? &delayed->next->previous : &line->last) = delayed->previous;
}

/* Looks for the place from the end: a new datagram is due last, unless there is jitter. */
static void link_delayed(struct delayline *line, struct delayed *delayed)
{
    struct delayed *previous = line->last;

    while (previous != NULL && previous->due_us > delayed->due_us)
        previous = previous->previous;
    delayed->previous = previous;
    delayed->next = previous != NULL ? previous->next : line->first;
    *(previous != NULL ? &previous->next : &line->first) = delayed;
    *(delayed->next != NULL ? &delayed->next->previous : &line->last) = delayed;
}

static bool is_waiting(const struct delayed *delayed)
{
    return delayed->sooner_us != delayed->due_us;
}

/* A datagram that is due at due_us overtakes those that wait for that: they follow it. */
static void overtake(struct delayline *line, int64_t due_us)
{
    struct delayed *next;

    for (struct delayed *delayed = line->first; line->waiting > 0 && delayed != NULL;
         delayed = next) {
        next = delayed->next;
        if (!is_waiting(delayed))
            continue;
        unlink_delayed(line, delayed);
        delayed->due_us = clock_sooner(delayed->due_us, clock_later(delayed->sooner_us, due_us));
        delayed->sooner_us = delayed->due_us;
        line->waiting--;
        link_delayed(line, delayed);
    }
}

/* ---- the link ------------------------------------------------------------------------------- */

/* Returns the time at which the link has sent a datagram, or -1 if its queue is full. */
static int64_t cross_link(struct delayline *line, const struct delayline_item *item, int64_t now_us)
{
    int64_t start_ns = clock_later(line->free_ns, now_us * 1000);

    if (item->rate == 0)
        return now_us;
    double queued = (double)(start_ns - now_us * 1000) * (double)item->rate / NS;
    if (queued + (double)item->length > (double)number_max(DELAYLINE_QUEUE, item->rate / 10))
        return -1;
    line->free_ns = start_ns + (int64_t)((uint64_t)item->length * NS / item->rate);
    return line->free_ns / 1000;
}

struct delayed *delayline_add(struct delayline *line, const struct delayline_item *item,
                              int64_t now_us)
{
    size_t size = sizeof(struct delayed) + item->length;
    bool fits = line->bytes + size <= DELAYLINE_BYTES;
    int64_t sent_us = fits ? cross_link(line, item, now_us) : -1;
    struct delayed *delayed = sent_us >= 0 ? malloc(size) : NULL;

    if (delayed == NULL)
        return NULL;
    *delayed = (struct delayed){.sooner_us = sent_us + item->delay_us,
                                .peer = *item->peer,
                                .mark = item->mark,
                                .length = item->length};
    memcpy(delayed->data, item->data, item->length);
    delayed->due_us = delayed->sooner_us + (item->reorder ? DELAYLINE_REORDER_US : 0);
    line->bytes += size;
    link_delayed(line, delayed);
    if (item->reorder)
        line->waiting++;
    else
        overtake(line, delayed->due_us);
    return delayed;
}

struct delayed *delayline_take(struct delayline *line, int64_t now_us)
{
    struct delayed *first = line->first;

    if (first == NULL || first->due_us > now_us)
        return NULL;
    unlink_delayed(line, first);
    line->waiting -= is_waiting(first);
    line->bytes -= sizeof *first + first->length;
    return first;
}

int64_t delayline_next_us(const struct delayline *line)
{
    return line->first != NULL ? line->first->due_us : CLOCK_NEVER;
}

size_t delayline_clear(struct delayline *line)
{
    struct delayed *delayed;
    size_t count = 0;

    for (; (delayed = delayline_take(line, CLOCK_NEVER)) != NULL; count++)
        free(delayed);
    return count;
}
