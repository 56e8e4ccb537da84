/*
 * jar.h - where a client of the tests keeps the sessions that it is given, and pairs that give and resume them.
 */
#ifndef JAR_H
#define JAR_H

#include "net.h"

enum { STATE_MAX = 1024, EARLY = 4000 };

/* The latest one, and how many there were. */
typedef struct {
    uint8_t state[STATE_MAX];
    size_t length, count;
    uint32_t lifetime_s;
} jar_t;

/* Before the client starts. It needs its field user for that. */
void jar_use(node_t *client, jar_t *jar);
int resume(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms);

/* A client that keeps tickets, and a server that gives them. */
net_t *ticket_pair(uint16_t version, node_t **client, node_t **server, jar_t *jar);
/* After a first session, which has given a ticket. */
net_t *with_ticket(uint16_t version, node_t **client, node_t **server, jar_t *jar);
void part(node_t *client, node_t *server);
dtls_info_t info_of(const node_t *node, const node_t *peer);
/* A tap, with an attacker_t in net->user: loses that many datagrams with the Finished of one side of DTLS 1.2. */
typedef struct {
    const node_t *from;
    unsigned left;
} attacker_t;
void drop_finished(net_t *net, net_packet_t *packet);

/* In the end, and knows whom it is connected to. */
void check_connected(node_t *client, node_t *server, bool resumed);

#endif
