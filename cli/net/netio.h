/*
 * netio.h - names to addresses, one UDP socket, datagrams in and out.
 *
 * A client's socket is connected, so that the kernel drops strangers and reports ICMP errors. A
 * listener on all addresses answers from the address that the peer wrote to: session_t.ifindex
 * says which of net.locals that was.
 */
#ifndef NETIO_H
#define NETIO_H

#include <netdb.h>

#include "net/batch.h"
#include "options/options.h"

#define NET_LOCALS 16   /* own addresses told apart; to further ones the kernel's choice applies */
#define NET_NAME_MAX 80 /* "[fe80::1%interface]:65535" */

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

/* Each returns 0, or an exit code after having said why; net is all zeros before. A client resolves,
 * then calls the next address while net.next has one. */
int net_resolve(struct net *net, const struct options *options);
int net_call_next(struct net *net, const struct options *options);
int net_listen(struct net *net, const struct options *options);
void net_close(struct net *net);

/* Whether the own address of a connected socket is none of this host any more. */
bool net_lost_own(const struct net *net);
/* A connected socket keeps the own address that it began with. If the route to the peer starts at another one now,
 * and -s names none, the socket takes that one; its port stays if -p names it. False: nothing has changed. */
bool net_follow(struct net *net);

/* Whether the peer's name has more addresses than one. */
bool net_has_others(const struct net *net);
/* The socket's own port, and its address without port, or this host's name for a wildcard. */
uint16_t net_local(const struct net *net, char *host, size_t size);

/* The largest payload that a connected socket's path is known to take in one piece; 0: not known. */
size_t net_mtu(const struct net *net);

/* "127.0.0.1:5684", "[::1]:5684". Returns text, which holds NET_NAME_MAX. */
const char *net_name(char *text, const session_t *session);
const char *net_local_name(char *text, const struct net *net);

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
