/*
 * path.h - finds the path MTU to a peer.
 *
 * Data that fits one datagram is sent at once. Before bulk data, a padded heartbeat probes whether the path carries
 * long datagrams. Until it is answered, bulk data is sent in short datagrams, so that none is lost on a narrow path. --mtu
 * switches the probes off.
 *
 * If the path MTU shrinks later, long datagrams may be lost without notice while short heartbeats are still answered.
 * So the probe is repeated during bulk data (RFC 8899 section 4.3). A narrow path gets short datagrams until a later probe
 * is answered.
 */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct peer;

struct path {
    enum {
        PATH_NEW,   /* not probed yet */
        PATH_WAITS, /* a probe is due, once no other heartbeat is outstanding */
        PATH_ASKED, /* a probe is outstanding */
        PATH_KNOWN  /* the last probe has a result, or the path is not probed */
    } state;
    size_t most;      /* length of the longest datagram to send */
    bool narrow;      /* the last probe was not answered */
    int64_t asked_us; /* when the last probe was sent */
    uint64_t unasked; /* bytes sent in long datagrams since the last probe */
};

/* The session is open. */
void path_start(struct peer *peer);
/* length bytes of bulk data are sent next. */
void path_bulk(struct peer *peer, size_t length);
/* No heartbeat is outstanding: sends the probe if one is due. */
void path_ask(struct peer *peer);
/* A probe was answered or given up. */
void path_probed(struct peer *peer);
/* The peer or this side has another address: the path is unknown again. */
void path_moved(struct peer *peer);
/* The socket has reported that a datagram was too long. */
void path_shrunk(struct app *app);

#endif
