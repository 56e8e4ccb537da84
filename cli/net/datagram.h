/*
 * datagram.h - sends and receives datagrams on one UDP socket, in batches. A listener on all
 * addresses responds from the local address to which the peer has sent.
 */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <netdb.h>

#include "net/batch.h"
#include "net/sim.h"

/* Size of the table of local addresses. If it is full, the kernel selects the source address. */
#define NET_LOCALS 16
/* The most batches that one system call receives. A batch has one or more datagrams of one peer. */
#define NET_BATCHES 16

struct net {
    int fd;
    unsigned binding;       /* changes when the local address of a connected socket may change */
    bool connected;         /* the socket of a client, which is connected to the peer */
    bool wildcard;          /* the socket is bound to all local addresses */
    session_t peer;         /* the remote address of a connected socket */
    struct addrinfo *own;   /* list of the addresses of -s; NULL without -s */
    struct addrinfo *found; /* list of the addresses of the peer's host name */
    struct addrinfo *next;  /* the next address of the list `found` to try; NULL: none is left */
    /* local addresses to which peers have sent; IPv4 as ::ffff:a.b.c.d */
    struct in6_addr locals[NET_LOCALS];
    int local_count;
    int refused; /* ECONNREFUSED after an ICMP error; the caller clears it */
    /* errno of the last temporary error except ECONNREFUSED and EMSGSIZE; the caller clears it */
    int failing;
    int broken;            /* errno of the last permanent error */
    bool too_long;         /* a datagram exceeded the path MTU; the caller clears it */
    session_t too_long_to; /* the peer to which the too long datagram was sent */
    bool unfragmented;     /* net_forbid_fragments() was called for this socket */
    int receive_buffer;    /* size of the receive buffer in bytes, as the kernel counts it */
    bool batches;          /* the kernel can send batches */
    bool message; /* the next datagram to send has an application message; net_send() resets this */
    uint64_t write_failed; /* number of datagrams that could not be sent */
    /* Called with the number of application messages that could not be sent. May be NULL. */
    void (*unsent)(void *hook, const session_t *to, size_t messages);
    void *hook;      /* the first argument of unsent() */
    struct sim *sim; /* --sim: all datagrams pass through this network; NULL: none */
    struct batch out;
    struct batch in[NET_BATCHES];
    int received, taken; /* in[taken] to in[received - 1] wait for net_next() */
};

/* Receives what has arrived, in one system call and without waiting, and with --sim what is due. Call
 * it only if net_has_more() returns false. Errors are recorded in net, as by net_send(). */
void net_receive(struct net *net);
/* Returns true if net_next() has more to return. poll(2) does not report that. */
bool net_has_more(const struct net *net);
/* Stores the addresses of the received datagrams that net_next() has not returned yet. Returns their
 * number. */
size_t net_senders(const struct net *net, const session_t *senders[NET_BATCHES]);
/* Returns the next received datagrams, all from one peer, or NULL if there are none. They are valid
 * until the next call of net_receive(), and may be decrypted in place. */
struct batch *net_next(struct net *net);

/* Sends a datagram, or queues it for a batch. Blocks while the send buffer of the socket is full. A
 * datagram that cannot be sent is lost: write_failed is incremented, and refused, failing, broken
 * or too_long records the error. */
void net_send(struct net *net, const session_t *to, uint8_t *data, size_t length);
/* Sends length bytes as datagrams of segment bytes each; the last one may be shorter. All have an
 * application message, or none has. */
void net_send_batch(struct net *net, const session_t *to, uint8_t *data, size_t length,
                    size_t segment);
/* From now on no router may fragment a datagram: one that exceeds the path MTU is lost, and the
 * loss shows that the MTU is smaller. Without this call the kernel permits routers to fragment
 * batches. If an application message exceeds the path MTU that the kernel knows, this host still
 * sends the message, in fragments, and too_long is set. */
void net_forbid_fragments(struct net *net);

/* Sends the queued datagrams. Call this before every wait. */
void net_flush(struct net *net);

/* The next functions are for the datagrams that --sim delays. Without --sim, the first two return
 * CLOCK_NEVER, and the others do nothing. */
/* Returns the time at which net_receive() can return the next delayed datagram. */
int64_t net_arrival_us(const struct net *net);
/* Returns the time at which net_release() can send the next delayed datagram. */
int64_t net_departure_us(const struct net *net);
/* Sends the delayed datagrams that are due, or queues them for a batch. */
void net_release(struct net *net, int64_t now_us);
/* Discards the delayed datagrams of both directions. */
void net_discard(struct net *net);

#endif
