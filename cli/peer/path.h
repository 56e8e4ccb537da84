/*
 * path.h - how long datagrams to a peer may be.
 *
 * What fits a datagram goes at once, as one. Before more than that, a padded heartbeat asks whether the path
 * takes long ones; until the answer is there the data goes in short ones, so that none is lost on a path
 * that takes no others. --mtu leaves all this to the user.
 *
 * A path that shrinks later may lose long datagrams in silence, while short heartbeats are answered as before. So
 * during bulk it is asked again from time to time (RFC 8899 section 4.3), and found narrow it gets short datagrams
 * until, after a longer time, an answer shows that it is wide again.
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
        PATH_NEW,
        PATH_WAITS, /* to be asked: another heartbeat is on its way */
        PATH_ASKED,
        PATH_KNOWN /* or not to be asked */
    } state;
    size_t most;      /* the longest that we would send */
    bool narrow;      /* the path did not take them when it was last asked, */
    int64_t asked_us; /* which was then */
    uint64_t unasked; /* bytes in long datagrams since */
};

/* The peer is open. */
void path_start(struct peer *peer);
/* There is more for it than fits a datagram, of which that many bytes go next. */
void path_bulk(struct peer *peer, size_t length);
/* No heartbeat is on its way. */
void path_ask(struct peer *peer);
/* The path is asked, and the answer here or given up. */
void path_probed(struct peer *peer);
/* It is another path now. */
void path_moved(struct peer *peer);
/* The socket says that something was too long. */
void path_shrunk(struct app *app);

#endif
