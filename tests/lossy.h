/*
 * lossy.h - how long handshakes take on a path that loses datagrams in both directions.
 */
#ifndef TESTS_LOSSY_H
#define TESTS_LOSSY_H

#include "net.h"

typedef struct {
    uint16_t version;
    dtls_cookie_t cookie;
    uint64_t round_trip; /* ms */
    unsigned loss;       /* percent in each direction */
    unsigned count;      /* handshakes, at most LOSSY_MAX */
    /* NULL: both ends have the default configuration */
    void (*configure)(node_t *client, node_t *server);
} lossy_t;

enum { LOSSY_MAX = 1000 };

/* Times are in ms until both ends are connected. A handshake that fails counts as 60000 ms. */
typedef struct {
    uint64_t median, p95, longest;
    uint64_t datagrams; /* median of what both ends send until both are silent */
    unsigned failed;
} lossy_result_t;

/* Performs the handshakes. Their seeds are 1 to count. */
lossy_result_t lossy_run(const lossy_t *path);

#endif
