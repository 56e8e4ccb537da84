/*
 * hello_pool.h - reassembly of fragmented ClientHellos from senders that are not known yet. The
 * pool is one block of memory, allocated with the context. No sender can make it grow.
 *
 * If the pool is full, the oldest slot is evicted. A flood of forged fragments therefore affects
 * only clients whose ClientHello is fragmented: they retransmit it, unless its fragments arrive
 * together. A network (/32 of IPv4, /64 of IPv6) that has HELLO_POOL_SHARE slots can evict only its
 * own.
 */
#ifndef HELLO_POOL_H
#define HELLO_POOL_H

#include "base/address.h"
#include "message/reassembly.h"

#define HELLO_POOL_SLOTS DTLS_HELLO_POOL
#define HELLO_POOL_LENGTH DTLS_HELLO_POOL_LENGTH
#define HELLO_POOL_MS DTLS_HELLO_POOL_MS
#define HELLO_POOL_SHARE 4 /* slots of one network, at most */

typedef struct {
    partial_t partial; /* the message; the slot is free if partial.memory is NULL */
    uint8_t *memory;   /* the slot's part of the pool */
    uint8_t address[ADDRESS_MAX], network[ADDRESS_MAX];
    size_t address_length, network_length;
    dtls_tick_t started; /* time of the first fragment */
    uint64_t age;        /* the value of hello_pool_t.started at that time */
    uint64_t digest;     /* record_digest() of the record with the first fragment */
    bool proven;         /* has a valid cookie: only a ClientHello with one may evict it */
    bool in_use;         /* complete and being processed: must not be evicted */
} hello_slot_t;

typedef struct {
    hello_slot_t *slots;
    uint64_t started; /* number of reassemblies started */
    bool overrun;     /* an incomplete ClientHello has been evicted */
} hello_pool_t;

/* Allocates the pool. Returns false if there is not enough memory. */
bool hello_pool_start(hello_pool_t *pool, const alloc_t *alloc);
void hello_pool_end(hello_pool_t *pool, const alloc_t *alloc);
/* Adds a fragment of a message of at most HELLO_POOL_LENGTH bytes. proven: it carries a valid
 * cookie. Returns the slot, or NULL if there is none for it. */
hello_slot_t *hello_pool_add(hello_pool_t *pool, const session_t *session,
                             const fragment_t *fragment, bool proven, dtls_tick_t now);
bool hello_pool_complete(const hello_slot_t *slot);
void hello_pool_release(hello_slot_t *slot);

#endif
