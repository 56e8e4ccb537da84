#include "stream/reno.h"

/* Per round trip the window grows by at least a 16th. The growth of one datagram in RFC 5681 would
 * take minutes to fill a long path. */
#define GROWTH 16

void reno_start(struct reno *reno, uint64_t window)
{
    *reno = (struct reno){.window = window, .doubling = true};
}

void reno_grow(struct reno *reno, uint64_t delivered, size_t datagram)
{
    uint64_t share = reno->window / GROWTH;

    if (reno->doubling)
        reno->window += delivered;
    else
        reno->window += share > datagram ? share : datagram;
}

void reno_cut(struct reno *reno, unsigned percent, uint64_t floor, int64_t asked_us, int64_t now_us)
{
    if (asked_us < reno->cut_us)
        return;
    uint64_t window = reno->window / 100 * percent;
    reno->window = window > floor ? window : floor;
    reno->doubling = false;
    reno->cut_us = now_us;
}
