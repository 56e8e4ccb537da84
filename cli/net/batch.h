/*
 * batch.h - consecutive datagrams to or from one peer in one system call, by UDP_SEGMENT and
 * UDP_GRO of Linux. A datagram in a batch costs a tenth of a call of its own. All datagrams of a
 * batch have the same size. Only the last one may be shorter.
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

#define BATCH_DATAGRAMS 64 /* the limit of UDP_SEGMENT in older kernels */
#define BATCH_BYTES 65507

struct batch {
    session_t peer;
    size_t segment;    /* bytes per datagram */
    size_t start, end; /* the part of data that is queued */
    uint64_t messages; /* a bit per datagram, the first one lowest: has an application message */
    uint8_t data[DTLS_MAX_BUF];
};

/* Makes the kernel deliver received datagrams in batches, if it can. Returns true if the kernel can
 * send batches too. */
bool batch_enable(int fd);
/* True if this errno of sendmsg(2) may be about the batch. Each datagram may still be accepted
 * alone. */
bool batch_is_refused(int error);

bool batch_is_empty(const struct batch *batch);
/* Returns the number of queued datagrams. */
size_t batch_count(const struct batch *batch);
/* Returns the number of datagrams that have an application message. */
size_t batch_messages(const struct batch *batch);
/* Appends a datagram. message: it has an application message. Returns false if the peer or the size
 * differs from the queued datagrams, or if the batch is full. An empty batch accepts any datagram.
 * */
bool batch_add(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
               bool message);
/* Removes the next datagram and points data at it. Returns its length. 0 means an empty datagram or
 * an empty batch. */
size_t batch_next(struct batch *batch, uint8_t **data);
void batch_clear(struct batch *batch);

#endif
