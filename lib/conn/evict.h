/*
 * evict.h - the limit of config.max_peers.
 */
#ifndef EVICT_H
#define EVICT_H

#include "conn/state.h"

/* Beyond the limit another client's association ends: of the identity that has most associations, the one that
 * has been silent longest. */
void evict_for(conn_t *newcomer);

#endif
