/*
 * window.h - the sliding replay window over record sequence numbers
 * (RFC 6347 section 4.1.2.6; the ring of words is the method of RFC 6479).
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_SIZE 256 /* the newest record, and those behind it that may still arrive */

typedef struct {
    uint64_t next;    /* 1 + the highest number marked, 0 before the first */
    uint64_t bits[8]; /* a ring: one bit per number, twice the window */
} window_t;

/* Is this number new? Changes nothing, so it may be asked before the record is authentic. */
bool window_fresh(const window_t *window, uint64_t number);
/* Call only once the record has been authenticated. */
void window_mark(window_t *window, uint64_t number);

#endif
