/*
 * jar.h - stores the session of a test's client. Makes pairs of nodes that issue and resume
 * sessions.
 */
#ifndef JAR_H
#define JAR_H

#include "net.h"

enum { STATE_MAX = 1024, EARLY = 4000 };

/* The latest session, and the number of sessions received. */
typedef struct {
    uint8_t state[STATE_MAX];
    size_t length, count;
    uint32_t lifetime_s;
} jar_t;

/* Makes the client store its sessions in *jar. Call it before the client starts. Uses
 * client->user. */
void jar_use(node_t *client, jar_t *jar);
/* Calls dtls_resume() with the session in *jar, age_ms after it was received. Returns the
 * result. */
int resume(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms);

/* Makes a client that stores sessions in *jar, and a server that issues tickets. Nothing is
 * started. */
net_t *ticket_pair(uint16_t version, node_t **client, node_t **server, jar_t *jar);
/* Makes the same pair after a first connection, in which the client has received a ticket. */
net_t *with_ticket(uint16_t version, node_t **client, node_t **server, jar_t *jar);
void part(node_t *client, node_t *server);
dtls_info_t info_of(const node_t *node, const node_t *peer);
/* drop_finished() is a tap for DTLS 1.2. net->user is an attacker_t: `left` datagrams with the
 * Finished of node `from` are dropped. */
typedef struct {
    const node_t *from;
    unsigned left;
} attacker_t;
void drop_finished(net_t *net, net_packet_t *packet);

/* Checks that both nodes are connected, and whether the session is resumed. */
void check_connected(node_t *client, node_t *server, bool resumed);

#endif
