/*
 * window.h - flow control by heartbeats (RFC 6520): limits the data that is sent but not confirmed.
 * A peer responds to a heartbeat after it has delivered the data received before it. A slow reader
 * thus slows down the sender, and no data is lost to a full buffer. If the peer does not support
 * heartbeats, pace.h limits the sending rate instead.
 *
 * Several senders can fill the buffer of one receiver together. Each therefore begins with 1/16 of
 * its flow window. A response without delay enlarges the usable part by 1/64 of the window. A late
 * response halves that part: data of this sender or of others was queued before the heartbeat.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_BYTES (64 * 1024) /* the default size of the flow window */

struct amount {
    uint64_t bytes, records;
};

struct window {
    uint64_t size;    /* bytes, and a record per 1024 bytes; 0: the peer has no heartbeats */
    uint64_t open;    /* the part of size in use, in bytes */
    bool asking;      /* a heartbeat is unanswered */
    int64_t asked_us; /* the time when this heartbeat was sent */
    int64_t least_us; /* shortest response time; grows slowly toward later response times */
    int64_t news_us;  /* the time of the first record sent after the last heartbeat */
    bool ever_confirmed;
    struct amount sent;      /* in total */
    struct amount asked;     /* sent before the last heartbeat */
    struct amount confirmed; /* sent before the last heartbeat that was answered */
};

/* Begins with an empty window of size bytes. */
void window_start(struct window *window, uint64_t size);
/* Accounts for one record with bytes of data that was sent. */
void window_consume(struct window *window, size_t bytes, int64_t now_us);
/* True if more data may be sent. */
bool window_is_open(const struct window *window);
/* True if half of the open window was sent since the last heartbeat, and no heartbeat is
 * unanswered. */
bool window_wants_heartbeat(const struct window *window);
/* A heartbeat was sent. */
void window_asked(struct window *window, int64_t now_us);
/* True if a heartbeat has been unanswered for more than a second. */
bool window_is_stalled(const struct window *window, int64_t now_us);
/* A heartbeat response was received. */
void window_confirmed(struct window *window, int64_t now_us);

/* Returns the records that were sent but not confirmed, and their bytes. */
struct amount window_unconfirmed(const struct window *window);
/* True if records were sent since the last heartbeat. */
bool window_has_news(const struct window *window);

#endif
