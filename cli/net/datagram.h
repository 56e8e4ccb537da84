/*
 * datagram.h - sends and receives the datagrams of one UDP socket, in batches. A listener on all
 * addresses responds from the local address that the peer has used.
 */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <netdb.h>

#include "net/batch.h"

#define NET_LOCALS 16 /* local addresses remembered; for others the kernel selects the source */

struct net {
    int fd;
    bool connected;
    bool wildcard;          /* bound to all local addresses */
    session_t peer;         /* the remote address of a connected socket */
    struct addrinfo *own;   /* addresses of -s; NULL without -s */
    struct addrinfo *found; /* addresses of the peer's name */
    struct addrinfo *next; /* first address of found that was not tried yet; NULL if none is left */
    struct in6_addr
        locals[NET_LOCALS]; /* local addresses that peers used; IPv4 as ::ffff:a.b.c.d */
    int local_count;
    int refused;           /* ECONNREFUSED after an ICMP error; the caller clears it */
    int failing;           /* errno of the last other temporary error; the caller clears it */
    int broken;            /* errno of the last permanent error */
    bool too_long;         /* a datagram exceeded the path MTU; the caller clears it */
    bool batches;          /* the kernel can send batches */
    bool message;          /* the next datagram has an application message; net_send() clears it */
    uint64_t write_failed; /* datagrams that could not be sent */
    /* Called when application messages could not be sent, with their number; may be NULL. */
    void (*unsent)(void *hook, const session_t *to, size_t messages);
    void *hook;
    struct batch out, in;
};

/* Receives one datagram without waiting. data points into net->in until the next call, and may be
 * decrypted there. Returns the length, or -1 if none is available. Errors of the network are noted
 * as in net_send(). */
ssize_t net_receive(struct net *net, session_t *from, uint8_t **data);
/* True if a batch still has datagrams. poll(2) does not report these. */
bool net_has_more(const struct net *net);

/* Sends a datagram, or queues it for a batch. Blocks while the send buffer is full. If a datagram
 * cannot be sent, it is lost: write_failed counts it, and refused, failing, broken or too_long has
 * the reason. */
void net_send(struct net *net, const session_t *to, uint8_t *data, size_t length);
/* Sends the queued datagrams. Call it before every wait. */
void net_flush(struct net *net);

#endif
