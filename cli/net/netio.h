/*
 * netio.h - names to addresses, and one UDP socket.
 *
 * A client's socket is connected, so that the kernel drops strangers and reports ICMP errors. A
 * listener on all addresses answers from the address that the peer wrote to: session_t.ifindex
 * says which of net.locals that was.
 */
#ifndef NETIO_H
#define NETIO_H

#include "net/address.h"
#include "net/datagram.h"

/* From the command line. */
struct net_config {
    int family;           /* -4, -6: AF_INET, AF_INET6; else AF_UNSPEC */
    bool numeric;         /* -n */
    const char *host;     /* where to connect, or where to listen; NULL: on all addresses */
    uint16_t port;        /* of the peer, or to listen on: 0 takes a free one */
    const char *source;   /* -s, client; NULL: the system chooses */
    uint16_t source_port; /* -p of a client; 0: the system chooses */
};

/* Each returns 0, or an exit code after having said why; net is all zeros before. A client resolves,
 * then calls the next address while net.next has one. */
int net_resolve(struct net *net, const struct net_config *config);
int net_connect_next(struct net *net, const struct net_config *config);
int net_listen(struct net *net, const struct net_config *config);
void net_close(struct net *net);

/* A connected socket keeps the own address that it began with. If the route to the peer starts at another one now,
 * and -s names none, the socket takes that one; its port stays if -p names it. False: nothing has changed. */
bool net_follow(struct net *net);

/* Whether the peer's name has more addresses than one. */
bool net_has_others(const struct net *net);
/* The socket's own port, and its address without port, or this host's name for a wildcard. */
uint16_t net_local(const struct net *net, char *host, size_t size);

/* The largest payload that a connected socket's path is known to take in one piece; 0: not known. */
size_t net_mtu(const struct net *net);

const char *net_local_name(char *text, const struct net *net);

#endif
