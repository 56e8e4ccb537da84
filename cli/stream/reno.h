/*
 * reno.h - a congestion window similar to that of NewReno (RFC 5681). Until the first loss the
 * window doubles each round trip. After that it grows each round trip by one datagram or by a 16th,
 * whichever is more. A loss reduces the window, at most once per round trip.
 */
#ifndef RENO_H
#define RENO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reno {
    uint64_t window; /* size of the window in bytes */
    bool doubling;   /* no loss yet: the window doubles each round trip */
    int64_t cut_us;  /* time at which the window was last reduced */
};

/* Begins with a window of this number of bytes. */
void reno_start(struct reno *reno, uint64_t window);
/* Grows the window. Call this when the window was full, and `delivered` bytes have arrived. */
void reno_grow(struct reno *reno, uint64_t delivered, size_t datagram);
/* Reduces the window to this percentage, but at least to floor bytes. Call this when data was lost
 * that was sent before a request at asked_us. Does nothing if the window was reduced after that
 * request. */
void reno_cut(struct reno *reno, unsigned percent, uint64_t floor, int64_t asked_us,
              int64_t now_us);

#endif
