/*
 * jar.h - where a client of the tests keeps the sessions that it is given.
 */
#ifndef JAR_H
#define JAR_H

#include "net.h"

enum { STATE_MAX = 1024 };

/* The latest one, and how many there were. */
typedef struct {
    uint8_t state[STATE_MAX];
    size_t length, count;
    uint32_t lifetime_s;
} jar_t;

/* Before the client starts. It needs its field user for that. */
void jar_use(node_t *client, jar_t *jar);
int resume(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms);

#endif
