/*
 * path.h - finds the path MTU to a peer.
 *
 * Data that fits one datagram is sent at once. Before bulk data, a padded heartbeat probes whether
 * the path carries long datagrams. Until it is answered, bulk data is sent in short datagrams, so
 * that none is lost on a narrow path, which carries only short ones. If the path carries long
 * datagrams and there is much data, further probes find out whether it carries the longest ones of
 * the interface, too. --mtu switches the probes off.
 *
 * The path MTU may shrink later, and full datagrams may then be lost without notice while short
 * heartbeats are still answered (RFC 8899 section 4.3). A peer that sends reports of what it has
 * received (feedback.h) shows that at once: by two reports in a row, no full datagram has arrived.
 * For a peer that only echoes heartbeats the sign is that two requests as long as the data are
 * lost, and a short one is answered. Then data is sent in short datagrams, and a probe decides
 * whether the path has become narrow. A narrow path is probed again from time to time.
 *
 * Lengths and the MTU are bytes of UDP payload.
 */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/window.h"

struct peer;

struct path {
    enum {
        PATH_NEW,   /* not probed yet */
        PATH_WAITS, /* a probe is due, once no other heartbeat is outstanding */
        PATH_ASKED, /* a probe is outstanding */
        PATH_KNOWN  /* the last probe has a result, or the path is not probed */
    } state;
    size_t most;            /* length of the datagrams that nearly all paths carry */
    size_t wide;            /* length of the longest datagram that the interface permits */
    size_t asked;           /* length of the due or outstanding probe, else of the last one */
    size_t proven;          /* MTU that the last search has found; at first the assumed MTU */
    bool moved;             /* an address has changed since the outstanding probe was sent */
    int64_t asked_us;       /* time at which the last probe was sent */
    unsigned silent;        /* number of reports in a row by which no full datagram arrived */
    struct amount reported; /* data sent before the request that the last report answers */
    uint64_t received;      /* number of data records that had arrived by the last report */
};

/* Returns the length of the longest datagram that is sent to the peer. */
size_t path_mtu(const struct peer *peer);
/* Call this when the session opens: finds the longest datagram that the interface permits. */
void path_start(struct peer *peer);
/* Call this before bulk data is sent: probes the path if that is due, and sends in short datagrams
 * until a new path is probed. */
void path_bulk(struct peer *peer);
/* Call this when no heartbeat is outstanding: sends the probe if one is due. */
void path_ask(struct peer *peer);
/* Call this when a probe was answered or given up: sets the length of the datagrams. Returns true
 * if the path has become narrow. */
bool path_probed(struct peer *peer);
/* Call this when the peer reports how many records have arrived of the data that was sent before a
 * request (feedback.h): looks for full datagrams that do not arrive. */
void path_reported(struct peer *peer, const struct amount *asked, uint64_t received);
/* Call this when requests as long as the data were lost, and a short one was answered: sends in
 * short datagrams, and probes the path. */
void path_request_lost(struct peer *peer);
/* Call this when the peer or this side has another address: the path has to be probed again. */
void path_moved(struct peer *peer);
/* Call this when the socket has refused a datagram to the peer as too long: shortens the
 * datagrams. */
void path_shrunk(struct peer *peer);

#endif
