/*
 * batch.h - datagrams in a row, to or from one peer, that pass the kernel in one call: UDP_SEGMENT and
 * UDP_GRO of Linux, which cost a tenth of a call for each. All have one size, but for the last, which may
 * be shorter.
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

#define BATCH_DATAGRAMS 64 /* what every kernel takes at once */
#define BATCH_BYTES 65507

struct batch {
    session_t peer;
    size_t segment;    /* their size */
    size_t start, end; /* of data: what waits */
    uint64_t
        messages; /* a bit for each of them, the lowest for the first: it has a message of the user's */
    uint8_t data[DTLS_MAX_BUF];
};

/* Asks the kernel to hand over what came in batches. True: it also takes batches to send. */
bool batch_enable(int fd);
/* Whether it was not the datagrams but the batch that send(2) refused with this errno. */
bool batch_is_refused(int error);

bool batch_is_empty(const struct batch *batch);
size_t batch_count(const struct batch *batch);
size_t batch_messages(const struct batch *batch);
/* False: it does not fit to those that wait. An empty one takes any. */
bool batch_add(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
               bool message);
/* Takes the next one out; 0: there is none, or it is empty. */
size_t batch_next(struct batch *batch, uint8_t **data);
void batch_clear(struct batch *batch);

#endif
