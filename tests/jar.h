/*
 * jar.h - stores the sessions that a client can resume, and makes pairs of nodes with such
 * sessions.
 */
#ifndef JAR_H
#define JAR_H

#include "net.h"

enum { STATE_MAX = 1024, EARLY = 4000 };

/* The latest session, and the number of sessions received so far. */
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

/* Makes a client that stores sessions in *jar, and a server that issues tickets. They have no
 * contexts yet. */
net_t *ticket_pair(uint16_t version, node_t **client, node_t **server, jar_t *jar);
/* Makes the same pair, connects it and closes it: *jar then has a ticket. */
net_t *with_ticket(uint16_t version, node_t **client, node_t **server, jar_t *jar);
/* Closes the association from the client. Checks that both sides have ended it. */
void part(node_t *client, node_t *server);
/* A tap for DTLS 1.2 that drops datagrams with a Finished. net->user is an attacker_t: `left` such
 * datagrams of node `from` are dropped. */
typedef struct {
    const node_t *from;
    unsigned left;
} attacker_t;
void drop_finished(net_t *net, net_packet_t *packet);

/* Checks that both nodes are connected, and that info.resumed is this value. */
void check_connected(node_t *client, node_t *server, bool resumed);

#endif
