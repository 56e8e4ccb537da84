/*
 * common_tickets.h - a client that keeps tickets, and a server that gives them.
 */
#ifndef API_COMMON_TICKETS_H
#define API_COMMON_TICKETS_H

#include "jar.h"

enum { EARLY = 4000 };

net_t *ticket_pair(uint16_t version, node_t **client, node_t **server, jar_t *jar);
/* After a first session, which has given a ticket. */
net_t *with_ticket(uint16_t version, node_t **client, node_t **server, jar_t *jar);
void part(node_t *client, node_t *server);
dtls_info_t info_of(const node_t *node, const node_t *peer);
/* In the end, and knows whom it is connected to. */
void check_connected(node_t *client, node_t *server, bool resumed);

#endif
