/*
 * window.h - how much may be on its way to a peer that answers heartbeats: it does when it has handed on
 * what came before, so that a slow reader slows the writer, and nothing is lost for want of a buffer. A
 * peer that has none is sent to at a pace instead: pace.h.
 *
 * Many writers can fill the buffer of one reader together. So each begins with a sixteenth of its window,
 * widens it a little with each answer that comes as fast as answers can, and halves it with each that comes
 * late: then much waits before it, its own or that of others.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_BYTES (64 * 1024) /* by default */

struct amount {
    uint64_t bytes, records;
};

struct window {
    uint64_t size;    /* bytes, and a record for each kB; 0: the peer does not answer */
    uint64_t open;    /* so much of it is used */
    bool asking;      /* a heartbeat is on its way, */
    int64_t asked_us; /* since then */
    int64_t least_us; /* how fast an answer can come */
    int64_t news_us;  /* when the first record was sent that no question covers */
    bool ever_confirmed;
    struct amount sent, asked, confirmed;
};

void window_start(struct window *window, uint64_t size);
void window_consume(struct window *window, size_t bytes, int64_t now_us);
/* Whether more may go. */
bool window_is_open(const struct window *window);
/* Whether half of the window has gone since the last heartbeat, and none is on its way. */
bool window_wants_heartbeat(const struct window *window);
void window_asked(struct window *window, int64_t now_us);
/* Whether the peer has not answered for a second. */
bool window_is_stalled(const struct window *window, int64_t now_us);
void window_confirmed(struct window *window, int64_t now_us);

/* Records sent that no answer covers, and the bytes in them. */
struct amount window_unconfirmed(const struct window *window);
/* Whether records were sent since the last question. */
bool window_has_news(const struct window *window);

#endif
