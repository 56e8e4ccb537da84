/*
 * path.h - how long datagrams to a peer may be.
 *
 * What fits a datagram goes at once, as one. Before more than that, a padded heartbeat asks whether the path
 * takes long ones; until the answer is there the data goes in short ones, so that none is lost on a path
 * that takes no others. --mtu leaves all this to the user.
 */
#ifndef PATH_H
#define PATH_H

#include <stddef.h>

struct cat;
struct peer;

struct path {
    enum {
        PATH_NEW,
        PATH_WAITS, /* to be asked: another heartbeat is on its way */
        PATH_ASKED,
        PATH_KNOWN /* or not to be asked */
    } state;
    size_t most; /* the longest that we would send */
};

/* The peer is open. */
void path_start(struct peer *peer);
/* There is more for it than fits a datagram. */
void path_bulk(struct peer *peer);
/* No heartbeat is on its way. */
void path_ask(struct peer *peer);
/* The path is asked, and the answer here or given up. */
void path_answered(struct peer *peer);
/* It is another path now. */
void path_moved(struct peer *peer);
/* The socket says that something was too long. */
void path_shrunk(struct cat *cat);

#endif
