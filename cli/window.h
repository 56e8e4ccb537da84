/*
 * window.h - how much may be on its way to a peer that answers heartbeats: it does when it has handed on
 * what came before, so that a slow reader slows the writer, and nothing is lost for want of a buffer. A
 * peer that has none is sent to at a pace instead: pace.h.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In bytes by default, and in datagrams, for each of which the kernel takes a buffer of its own. */
#define WINDOW_BYTES (64 * 1024)
#define WINDOW_RECORDS 64

struct amount {
    uint64_t bytes, records;
};

struct window {
    uint64_t size; /* bytes; 0: the peer does not answer */
    bool asking;   /* a heartbeat is on its way */
    struct amount sent, asked, answered;
};

void window_start(struct window *window, uint64_t size);
void window_spend(struct window *window, size_t bytes);
/* Whether more may go. */
bool window_is_open(const struct window *window);
/* Whether half of the window has gone since the last heartbeat, and none is on its way. */
bool window_wants_heartbeat(const struct window *window);
void window_asked(struct window *window);
void window_answered(struct window *window);

#endif
