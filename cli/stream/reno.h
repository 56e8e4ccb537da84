/*
 * reno.h - a congestion window as of NewReno (RFC 5681): doubled each round trip until the first
 * loss, then it grows by a datagram or a 16th each round trip, and is cut at most once a round
 * trip.
 */
#ifndef RENO_H
#define RENO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reno {
    uint64_t window; /* bytes */
    bool doubling;   /* no loss yet */
    int64_t cut_us;  /* when the window was last cut */
};

/* Begins with this window. */
void reno_start(struct reno *reno, uint64_t window);
/* The window was full, and `delivered` bytes of it have arrived. */
void reno_grow(struct reno *reno, uint64_t delivered, size_t datagram);
/* Data was lost that was sent before a request at asked_us. Leaves this share of the window, in
 * percent, but at least floor bytes. */
void reno_cut(struct reno *reno, unsigned percent, uint64_t floor, int64_t asked_us,
              int64_t now_us);

#endif
