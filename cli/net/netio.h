/*
 * netio.h - resolves names and opens the UDP socket.
 *
 * The socket of a client is connected, so that the kernel drops datagrams of other senders and
 * reports ICMP errors. A listener on all addresses responds from the local address that the peer
 * has used: session_t.ifindex is its number in net.locals, counted from 1.
 */
#ifndef NETIO_H
#define NETIO_H

#include "net/address.h"
#include "net/datagram.h"

/* Values of the command line. */
struct net_config {
    int family;           /* AF_INET for -4, AF_INET6 for -6, else AF_UNSPEC */
    bool numeric;         /* -n: do not look up names */
    const char *host;     /* to connect to, or to listen on; NULL: listen on all addresses */
    uint16_t port;        /* of the peer, or to listen on; 0: listen on a free port */
    const char *source;   /* -s of a client; NULL: the kernel selects */
    uint16_t source_port; /* -p of a client; 0: the kernel selects */
};

/* These three return 0, or an exit code after reporting the error. Before the first call net is all
 * zeros. */
/* Client: resolves the peer's name, and the address of -s. */
int net_resolve(struct net *net, const struct net_config *config);
/* Client: connects to the next address. Call it only while net->next is not NULL. */
int net_connect_next(struct net *net, const struct net_config *config);
/* Listener: opens and binds the socket. */
int net_listen(struct net *net, const struct net_config *config);
/* Sends the queued datagrams, closes the socket and frees the addresses. */
void net_close(struct net *net);

/* A connected socket keeps its local address even if the route to the peer changes. If the kernel
 * would select another local address now, and -s is not given, this reconnects the socket from that
 * address. The port of -p is kept. Returns true if the local address has changed. */
bool net_follow(struct net *net);

/* True if the peer's name has more than one address. */
bool net_has_others(const struct net *net);
/* Writes the local address without port, or the host name if the socket is bound to all addresses.
 * Returns the local port. */
uint16_t net_local(const struct net *net, char *host, size_t size);

/* Returns the largest UDP payload in bytes that fits the path MTU of a connected socket, or 0 if
 * the MTU is unknown. */
size_t net_mtu(const struct net *net);

/* Formats the local address and port. text has room for NET_NAME_MAX. Returns text. */
const char *net_local_name(char *text, const struct net *net);

#endif
