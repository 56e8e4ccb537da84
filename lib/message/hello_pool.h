/*
 * hello_pool.h - ClientHellos that arrive in fragments, from senders of which nothing is known yet. The pool is
 * one block of memory, allocated with the context, and no sender can make it grow.
 *
 * When it is full, the oldest slot is reused. A flood of forged fragments can thus only make clients retransmit
 * whose hello is fragmented, and not even these while their fragments arrive one after the other. A network
 * (/32 of IPv4, /64 of IPv6) reuses its own slots before it takes those of others.
 */
#ifndef HELLO_POOL_H
#define HELLO_POOL_H

#include "base/address.h"
#include "message/reassembly.h"

#define HELLO_POOL_SLOTS DTLS_HELLO_POOL
#define HELLO_POOL_LENGTH DTLS_HELLO_POOL_LENGTH
#define HELLO_POOL_MS DTLS_HELLO_POOL_MS
#define HELLO_POOL_SHARE 4 /* slots of one network */

typedef struct {
    partial_t partial; /* no memory: free */
    uint8_t *memory;
    uint8_t address[ADDRESS_MAX], network[ADDRESS_MAX];
    size_t address_length, network_length;
    dtls_tick_t started;
    uint64_t age;    /* counts the slots that were started before */
    uint64_t digest; /* of the record with the first fragment */
    bool proven;     /* it has a cookie: only another one that has may push it out */
    bool in_use;     /* it is complete, and being processed */
} hello_slot_t;

typedef struct {
    hello_slot_t *slots;
    uint64_t started; /* so many slots */
    bool overrun;     /* a hello that was not complete has been pushed out */
} hello_pool_t;

bool hello_pool_start(hello_pool_t *pool, const alloc_t *alloc);
void hello_pool_end(hello_pool_t *pool, const alloc_t *alloc);
/* Adds a fragment of a message that fits a slot. NULL: no slot may be reused. */
hello_slot_t *hello_pool_add(hello_pool_t *pool, const session_t *session,
                             const fragment_t *fragment, bool proven, dtls_tick_t now);
bool hello_pool_complete(const hello_slot_t *slot);
void hello_pool_release(hello_slot_t *slot);

#endif
