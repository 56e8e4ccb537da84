/*
 * batch.h - sends or receives several datagrams of one peer in one system call, with UDP_SEGMENT
 * and UDP_GRO of Linux. This takes a tenth of the time of one call per datagram. All datagrams of a
 * batch have the same size; only the last one may be shorter.
 */
#ifndef BATCH_H
#define BATCH_H

#include <netinet/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dtls.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define BATCH_DATAGRAMS 64 /* most datagrams sent at once: limit of UDP_SEGMENT in old kernels */
#define BATCH_RECEIVED 128 /* most datagrams received at once: limit of UDP_GRO */
/* Most bytes sent at once. With its headers, a longer batch exceeds the 64 kB that most devices,
 * such as loopback, can segment. The kernel would then segment the batch itself, and the receiver
 * would get it in pieces. */
#define BATCH_BYTES 65472
#define BATCH_REQUEST 128 /* bytes kept free for a heartbeat request at the end of a batch */

struct batch {
    session_t peer;
    size_t segment;    /* size in bytes of each datagram except the last one */
    size_t start, end; /* the queued datagrams are data[start] to data[end - 1] */
    uint64_t messages; /* bit i is set if datagram i has an application message */
    uint8_t data[DTLS_MAX_BUF];
};

/* Asks the kernel to deliver received datagrams in batches. Returns true if the kernel can also
 * send batches. */
bool batch_enable(int fd);
/* Returns true if sendmsg(2) may have failed with this errno because of the batch, so that the
 * kernel may still accept each datagram alone. */
bool batch_is_refused(int error);

bool batch_is_empty(const struct batch *batch);
/* Returns the number of queued datagrams. */
size_t batch_count(const struct batch *batch);
/* Returns the number of datagrams that have an application message. */
size_t batch_messages(const struct batch *batch);
/* Appends a datagram. message is true if the datagram has an application message. Returns false if
 * the batch is full, or if the peer or the size of the datagram does not fit the queued ones. */
bool batch_add(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
               bool message);
/* Fills an empty batch with length bytes, at most BATCH_BYTES: 1 to BATCH_DATAGRAMS datagrams of
 * segment bytes each, of which the last may be shorter. messages is true if each datagram has an
 * application message. */
void batch_fill(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
                size_t segment, bool messages);
/* Removes the next datagram. Sets data to its first byte, and returns its length. Returns 0 for an
 * empty datagram, and if the batch is empty. */
size_t batch_next(struct batch *batch, uint8_t **data);
void batch_clear(struct batch *batch);

#endif
