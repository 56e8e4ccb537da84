/* hello_pool.h - reassembly of fragmented ClientHellos, before the server has an association with
 * the client. The pool is one block of memory, allocated with the context, so that no sender can
 * make it grow.
 *
 * In a full pool a new ClientHello evicts the oldest one. So a flood of forged fragments affects
 * only clients whose ClientHello is fragmented, and such a client succeeds as soon as the fragments
 * of a retransmission arrive together. A sender can evict only its own ClientHellos once its
 * network (one address of IPv4, a /64 of IPv6) has HELLO_POOL_SHARE slots. */
#ifndef HELLO_POOL_H
#define HELLO_POOL_H

#include "base/address.h"
#include "message/reassembly.h"

#define HELLO_POOL_SLOTS DTLS_HELLO_POOL
#define HELLO_POOL_LENGTH DTLS_HELLO_POOL_LENGTH
#define HELLO_POOL_MS DTLS_HELLO_POOL_MS
#define HELLO_POOL_SHARE 4 /* the most slots for the ClientHellos of one network */

typedef struct {
    partial_t partial; /* the incomplete message; partial.memory NULL: the slot is free */
    uint8_t *memory;   /* the part of the pool that belongs to this slot */
    uint8_t address[ADDRESS_MAX], network[ADDRESS_MAX];
    size_t address_length, network_length;
    dtls_tick_t started; /* when the first fragment arrived */
    uint64_t age;        /* how many reassemblies had started before this one */
    uint64_t digest;     /* record_digest() of the record with the first fragment */
    /* The ClientHello has a valid cookie. Only another ClientHello with a valid cookie may evict
     * it. */
    bool proven;
    /* The ClientHello is complete and is being processed, so it must not be evicted. */
    bool in_use;
} hello_slot_t;

typedef struct {
    hello_slot_t *slots;
    uint64_t started; /* how many reassemblies have started so far */
    bool overrun;     /* an incomplete ClientHello was evicted */
} hello_pool_t;

/* Allocates the pool. Returns false if there is not enough memory. */
bool hello_pool_start(hello_pool_t *pool, const alloc_t *alloc);
/* Wipes and frees the pool. */
void hello_pool_end(hello_pool_t *pool, const alloc_t *alloc);
/* Adds a fragment of a ClientHello, whose whole length is at most HELLO_POOL_LENGTH. proven: the
 * fragment has a valid cookie. Returns the slot of the ClientHello, or NULL if there is no slot for
 * it. */
hello_slot_t *hello_pool_add(hello_pool_t *pool, const session_t *session,
                             const fragment_t *fragment, bool proven, dtls_tick_t now);
/* Returns true if the whole ClientHello has arrived. */
bool hello_pool_complete(const hello_slot_t *slot);
/* Wipes the slot and makes it free. */
void hello_pool_release(hello_slot_t *slot);

#endif
