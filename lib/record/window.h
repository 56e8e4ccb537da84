/*
 * window.h - the sliding replay window over record sequence numbers (RFC 6347 section 4.1.2.6). It
 * is a ring of words, by the method of RFC 6479.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_SIZE 256 /* the window has the highest number marked and the 255 below it */

typedef struct {
    uint64_t next;    /* 1 + the highest number marked; 0: no number is marked */
    uint64_t bits[8]; /* a ring with one bit per number, twice as long as the window */
} window_t;

/* Returns true if number is neither marked nor below the window. Changes nothing, so it may be
 * called for a record that is not authenticated. */
bool window_fresh(const window_t *window, uint64_t number);
/* Marks number as received. Call this only for an authenticated record. */
void window_mark(window_t *window, uint64_t number);

#endif
