/*
 * window.h - flow control by heartbeats (RFC 6520): limits the data that is sent but not confirmed.
 *
 * A peer that is a dtlscat responds to a heartbeat once it has delivered the data that it received
 * before the heartbeat. A slow reader thus slows down the sender, and no data is lost to a full
 * buffer. congestion.h limits what is in flight on the network. A request is such a heartbeat
 * (peer/feedback.h).
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_BYTES (64 * 1024) /* the default size of the flow window */
#define WINDOW_REQUESTS 8        /* number of last requests of which a response still counts */

struct amount {
    uint64_t bytes, records;
    uint64_t full; /* number of records that fill a datagram; 0 for received data */
};

struct window {
    /* limit of the unconfirmed data: this number of bytes, and one record per 1024 of these bytes;
     * 0: no limit */
    uint64_t size;
    bool asking;        /* a request (a heartbeat) is unanswered */
    uint64_t serial;    /* serial number of the last request; the first request has 1 */
    uint64_t answered;  /* highest serial number of an answered request */
    int64_t asked_us;   /* time at which the oldest unanswered request was sent */
    int64_t news_us;    /* time of the first record sent after the last request */
    struct amount sent; /* all data that was sent */
    /* data sent before each of the last requests; index: serial number modulo WINDOW_REQUESTS */
    struct amount asked[WINDOW_REQUESTS];
    int64_t times_us[WINDOW_REQUESTS]; /* time at which each of the last requests was sent */
    struct amount confirmed;           /* data sent before the last request that was answered */
};

/* Begins with an empty window of size bytes. */
void window_start(struct window *window, uint64_t size);
/* Accounts for a record that was sent. bytes is the length of its data. */
void window_consume(struct window *window, size_t bytes, int64_t now_us);
/* Returns true if more data may be sent. */
bool window_is_open(const struct window *window);
/* Returns how many bytes may be sent now. datagram is the number of bytes of data in a
 * full datagram. */
uint64_t window_room(const struct window *window, size_t datagram);
/* Returns true if half of the window was sent since the last request. */
bool window_wants_request(const struct window *window);
/* Call this when a request is sent. Returns the serial number of the request. */
uint64_t window_asked(struct window *window, int64_t now_us);
/* Returns true if a request has been unanswered for more than a second. */
bool window_is_stalled(const struct window *window, int64_t now_us);
/* Call this when the request with this serial number was answered. */
void window_confirmed(struct window *window, uint64_t serial);

/* Returns the number of records that were sent but not confirmed, and the number of their bytes. */
struct amount window_unconfirmed(const struct window *window);
/* Returns true if records were sent since the last request. */
bool window_has_news(const struct window *window);

#endif
