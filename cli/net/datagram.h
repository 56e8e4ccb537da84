/*
 * datagram.h - datagrams in and out of one UDP socket, in batches, and from which own address they leave.
 */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <netdb.h>

#include "net/batch.h"

#define NET_LOCALS 16 /* own addresses told apart; to further ones the kernel's choice applies */

struct net {
    int fd;
    bool connected;
    bool wildcard;                      /* bound to all addresses */
    session_t peer;                     /* of a connected socket */
    struct addrinfo *own;               /* what -s resolved to, NULL without */
    struct addrinfo *found;             /* what the peer's name resolved to */
    struct addrinfo *next;              /* what of it is left to try, NULL: nothing */
    struct in6_addr locals[NET_LOCALS]; /* IPv4 as ::ffff:a.b.c.d */
    int local_count;
    int refused;           /* ECONNREFUSED: an ICMP error has come; the caller clears it */
    int failing;           /* errno of the last other error that may pass; the caller clears it */
    int broken;            /* errno of the last error that cannot pass */
    bool too_long;         /* the path takes less than was sent; the caller clears it */
    bool batches;          /* the kernel takes them */
    bool message;          /* the next datagram has a message; net_send() clears it */
    uint64_t write_failed; /* datagrams that could not be sent */
    void (*unsent)(void *hook, const session_t *to,
                   size_t messages); /* messages among them; or NULL */
    void *hook;
    struct batch out, in;
};

/* One datagram: its length, or -1 with errno; does not wait. It stays where it is, to be decrypted
 * there, until the next call. Errors of the network are noted as in net_send(). */
ssize_t net_receive(struct net *net, session_t *from, uint8_t **data);
/* Whether the next one is here already: poll() knows nothing of it. */
bool net_has_more(const struct net *net);

/* Sends a datagram. It may be kept for a batch, and waits for room in the send buffer. One that cannot be sent
 * is a lost one: it is counted, and net.refused, failing, broken or too_long says why. */
void net_send(struct net *net, const session_t *to, uint8_t *data, size_t length);
/* Sends what is kept: to be called before every wait. */
void net_flush(struct net *net);

#endif
