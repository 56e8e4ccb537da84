/*
 * socket.h - resolves names and opens the UDP socket.
 *
 * A client connects its socket to the peer: then the kernel drops datagrams of other senders, and
 * reports ICMP errors. A listener on all addresses responds from the local address to which the
 * peer has sent. session_t.ifindex is the position of that address in net.locals; the first
 * position is 1.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "net/address.h"
#include "net/datagram.h"

/* The options that concern the socket. */
struct net_config {
    int family;   /* AF_INET for -4, AF_INET6 for -6, otherwise AF_UNSPEC */
    bool numeric; /* -n: do not look up names */
    /* the host to connect to, or the address to listen on; NULL: listen on all addresses */
    const char *host;
    uint16_t port; /* the port of the peer, or the port to listen on; 0: listen on a free port */
    const char *source;   /* local address of a client (-s); NULL: the kernel selects it */
    uint16_t source_port; /* local port of a client (-p); 0: the kernel selects it */
};

/* The next three functions return 0, or an exit code after reporting the error. net must be all
 * zeros before the first call. */
/* For a client: resolves the host name of the peer, and the address of -s. */
int net_resolve(struct net *net, const struct net_config *config);
/* For a client: connects the socket to net->next, which must not be NULL. */
int net_connect_next(struct net *net, const struct net_config *config);
/* For a listener: opens and binds the socket. */
int net_listen(struct net *net, const struct net_config *config);
/* For a listener: opens another socket at the address of the first one, net->fd. The kernel
 * distributes datagrams among these sockets by the address of the sender. Returns the descriptor of
 * the new socket, or -1 with errno. */
int net_listen_again(struct net *net);
/* Sends the queued datagrams, closes the socket and frees the addresses. */
void net_close(struct net *net);

/* Reconnects the socket of a client from a new local address, if the kernel would now select
 * another one. This is needed because a connected socket keeps its local address when the route to
 * the peer changes. Keeps the port of -p, and does nothing with -s. Returns true if the local
 * address has changed. */
bool net_follow(struct net *net);

/* Reconnects the socket of a client from another local port. Call this only without -p. Does nothing
 * while there is no route to the peer. Returns true if the kernel has selected a local port again. */
bool net_change_port(struct net *net);

/* Returns true if the host name of the peer has more than one address. */
bool net_has_others(const struct net *net);
/* Writes the local address without its port. If the socket is bound to all addresses, writes the
 * name of this host instead. Returns the local port. */
uint16_t net_local(const struct net *net, char *host, size_t size);

/* Returns the largest UDP payload in bytes that fits the path MTU to a peer, as far as the kernel
 * knows that: the MTU of the interface, or an MTU that a router has reported. Returns 0 if there
 * is no route. */
size_t net_mtu(const struct net *net, const session_t *to);

/* Writes the local address and port. text must have room for NET_NAME_MAX characters.
 * Returns text. */
const char *net_local_name(char *text, const struct net *net);

#endif
