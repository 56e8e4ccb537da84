#include "message/hello_pool.h"

#include <string.h>

static size_t slot_size(void)
{
    return partial_size(HELLO_POOL_LENGTH);
}

static size_t pool_size(void)
{
    return HELLO_POOL_SLOTS * (sizeof(hello_slot_t) + slot_size());
}

bool hello_pool_start(hello_pool_t *pool, const alloc_t *alloc)
{
    pool->slots = alloc_zeroed(alloc, pool_size());
    if (!pool->slots)
        return false;
    uint8_t *memory = (uint8_t *)(pool->slots + HELLO_POOL_SLOTS);
    for (size_t i = 0; i < HELLO_POOL_SLOTS; i++)
        pool->slots[i].memory = memory + i * slot_size();
    return true;
}

void hello_pool_end(hello_pool_t *pool, const alloc_t *alloc)
{
    alloc_wipe(alloc, pool->slots, pool_size());
    pool->slots = NULL;
}

/* ---- one slot ---- */

static bool is_live(const hello_slot_t *slot, dtls_tick_t now)
{
    return slot->partial.memory && (slot->in_use || now < slot->started + HELLO_POOL_MS);
}

static bool is_for(const hello_slot_t *slot, const hello_slot_t *wanted, const fragment_t *fragment)
{
    return slot->partial.seq == fragment->seq && slot->partial.length == fragment->length &&
           slot->address_length == wanted->address_length &&
           memcmp(slot->address, wanted->address, wanted->address_length) == 0;
}

static bool same_network(const hello_slot_t *slot, const hello_slot_t *other)
{
    return slot->network_length == other->network_length &&
           memcmp(slot->network, other->network, other->network_length) == 0;
}

static void name_sender(hello_slot_t *slot, const session_t *session)
{
    writer_t address = writer(slot->address, sizeof slot->address);
    writer_t network = writer(slot->network, sizeof slot->network);
    put_address(&address, session);
    put_network(&network, session);
    slot->address_length = writer_length(&address);
    slot->network_length = writer_length(&network);
}

static void restart_slot(hello_pool_t *pool, hello_slot_t *slot, const fragment_t *fragment,
                         dtls_tick_t now)
{
    memset(slot->memory, 0, partial_size(fragment->length));
    partial_start(&slot->partial, slot->memory, fragment);
    slot->started = now;
    slot->age = pool->started++;
}

bool hello_pool_complete(const hello_slot_t *slot)
{
    return slot->partial.missing == 0;
}

void hello_pool_release(hello_slot_t *slot)
{
    slot->partial.memory = NULL;
    slot->in_use = slot->proven = false;
}

/* ---- choice of a slot ---- */

static hello_slot_t *find_slot(const hello_pool_t *pool, const hello_slot_t *wanted,
                               const fragment_t *fragment, dtls_tick_t now)
{
    for (size_t i = 0; i < HELLO_POOL_SLOTS; i++) {
        hello_slot_t *slot = &pool->slots[i];
        if (is_live(slot, now) && !slot->in_use && is_for(slot, wanted, fragment))
            return slot;
    }
    return NULL;
}

/* Returns true if `slot` is to be evicted before `other`: a slot without a valid cookie before one
 * with a valid cookie, and otherwise the older one. */
static bool evict_before(const hello_slot_t *slot, const hello_slot_t *other)
{
    if (!other || slot->proven != other->proven)
        return !other || !slot->proven;
    return slot->age < other->age;
}

/* Returns a free slot, or a slot to evict for the newcomer, a ClientHello without a slot. Returns
 * NULL if every slot is in use, or if the newcomer has no valid cookie and every slot that it could
 * evict has one. */
static hello_slot_t *choose_slot(hello_pool_t *pool, const hello_slot_t *newcomer, dtls_tick_t now)
{
    hello_slot_t *free_slot = NULL, *own = NULL, *any = NULL;
    size_t share = 0;
    for (size_t i = 0; i < HELLO_POOL_SLOTS; i++) {
        hello_slot_t *slot = &pool->slots[i];
        if (!is_live(slot, now)) {
            free_slot = slot;
            continue;
        }
        bool same = same_network(slot, newcomer);
        share += same;
        if (slot->in_use || (slot->proven && !newcomer->proven))
            continue;
        if (same && evict_before(slot, own))
            own = slot;
        if (evict_before(slot, any))
            any = slot;
    }
    if (share >= HELLO_POOL_SHARE)
        return own;
    if (!free_slot && any)
        pool->overrun = true;
    return free_slot ? free_slot : any;
}

hello_slot_t *hello_pool_add(hello_pool_t *pool, const session_t *session,
                             const fragment_t *fragment, bool proven, dtls_tick_t now)
{
    hello_slot_t newcomer = {.proven = proven};
    name_sender(&newcomer, session);
    hello_slot_t *slot = find_slot(pool, &newcomer, fragment, now);
    if (!slot) {
        slot = choose_slot(pool, &newcomer, now);
        if (!slot)
            return NULL;
        newcomer.memory = slot->memory;
        *slot = newcomer;
        restart_slot(pool, slot, fragment, now);
    } else if (partial_contradicts(&slot->partial, fragment)) {
        /* The two fragments belong to different messages, and one of them may be forged. Keep the
         * later fragment: the rest of its message may still arrive. */
        restart_slot(pool, slot, fragment, now);
    }
    slot->proven = slot->proven || proven;
    partial_fill(&slot->partial, fragment);
    return slot;
}
