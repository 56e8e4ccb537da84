/*
 * evict.h - the limit of config.max_peers.
 */
#ifndef EVICT_H
#define EVICT_H

#include "conn/state.h"

/* If more than config.max_peers are connected, ends another client's association: of the identity with
 * most associations, the one that has been silent longest. */
void evict_for(conn_t *newcomer);

#endif
