/*
 * hello_pool.h - reassembly of fragmented ClientHellos, before the server has an association with
 * the client. The pool is one block of memory, allocated with the context, so that no sender can
 * make it grow.
 *
 * In a full pool a new ClientHello evicts the oldest one. A flood of forged fragments therefore
 * affects only clients whose ClientHello is fragmented. Such a client succeeds by a retransmission
 * whose fragments arrive together. A network (one address of IPv4, a /64 of IPv6) that has
 * HELLO_POOL_SHARE slots can evict only its own.
 */
#ifndef HELLO_POOL_H
#define HELLO_POOL_H

#include "base/address.h"
#include "message/reassembly.h"

#define HELLO_POOL_SLOTS DTLS_HELLO_POOL
#define HELLO_POOL_LENGTH DTLS_HELLO_POOL_LENGTH
#define HELLO_POOL_MS DTLS_HELLO_POOL_MS
#define HELLO_POOL_SHARE 4 /* the most slots of one network */

typedef struct {
    partial_t partial; /* the incomplete message; partial.memory NULL: the slot is free */
    uint8_t *memory;   /* the part of the pool that belongs to this slot */
    uint8_t address[ADDRESS_MAX], network[ADDRESS_MAX];
    size_t address_length, network_length;
    dtls_tick_t started; /* when the first fragment arrived */
    uint64_t age;        /* number of the reassembly, in the order of their starts */
    uint64_t digest;     /* record_digest() of the record with the first fragment */
    bool proven;         /* has a valid cookie: evicted only by another one with a valid cookie */
    bool in_use;         /* complete, and being processed: must not be evicted */
} hello_slot_t;

typedef struct {
    hello_slot_t *slots;
    uint64_t started; /* number of reassemblies started so far */
    bool overrun;     /* an incomplete ClientHello was evicted */
} hello_pool_t;

/* Allocates the pool. Returns false if there is not enough memory. */
bool hello_pool_start(hello_pool_t *pool, const alloc_t *alloc);
/* Wipes and frees the pool. */
void hello_pool_end(hello_pool_t *pool, const alloc_t *alloc);
/* Adds a fragment of a ClientHello of at most HELLO_POOL_LENGTH bytes. proven is true if the
 * fragment has a valid cookie. Returns the slot of the ClientHello, or NULL if there is no slot for
 * it. */
hello_slot_t *hello_pool_add(hello_pool_t *pool, const session_t *session,
                             const fragment_t *fragment, bool proven, dtls_tick_t now);
/* Returns true if the whole ClientHello has arrived. */
bool hello_pool_complete(const hello_slot_t *slot);
/* Wipes the slot and makes it free. */
void hello_pool_release(hello_slot_t *slot);

#endif
