#include "message/hello_pool.h"
#include "common.h"

#include <arpa/inet.h>
#include <string.h>

enum { LENGTH = 40 };

typedef struct {
    memory_t memory;
    alloc_t alloc;
    hello_pool_t pool;
    dtls_tick_t now;
} box_t;

static void box_start(box_t *box)
{
    memset(box, 0, sizeof *box);
    box->alloc = memory_alloc(&box->memory);
    box->now = 1000;
    CHECK(hello_pool_start(&box->pool, &box->alloc));
}

static void box_end(box_t *box)
{
    CHECK_EQ(box->memory.calls, 1);
    hello_pool_end(&box->pool, &box->alloc);
    memory_check(&box->memory);
}

static session_t address(const char *text, unsigned port)
{
    session_t session;
    dtls_session_init(&session);
    session.addr.sin6.sin6_family = AF_INET6;
    session.addr.sin6.sin6_port = htons((uint16_t)port);
    if (strchr(text, ':')) {
        CHECK(inet_pton(AF_INET6, text, &session.addr.sin6.sin6_addr) == 1);
        return session;
    }
    session.addr.sin.sin_family = AF_INET;
    CHECK(inet_pton(AF_INET, text, &session.addr.sin.sin_addr) == 1);
    return session;
}

/* Returns an address in a network of its own. */
static session_t other_sender(unsigned nth)
{
    session_t session = address("10.0.0.0", 7);
    session.addr.sin.sin_addr.s_addr = htonl(0x0b000000 + nth);
    return session;
}

static fragment_t part(uint32_t offset, uint32_t length)
{
    static const uint8_t body[LENGTH] = "a hello that is cut into a few parts...";
    return (fragment_t){.type = 1,
                        .length = LENGTH,
                        .offset = offset,
                        .frag_length = length,
                        .body = body + offset};
}

static const fragment_t *first_half(void)
{
    static fragment_t half;
    half = part(0, LENGTH / 2);
    return &half;
}

/* Returns whether the second fragment completes the hello. Releases the hello if it does. */
static bool completes(box_t *box, const session_t *session)
{
    fragment_t half = part(LENGTH / 2, LENGTH / 2);
    hello_slot_t *slot = hello_pool_add(&box->pool, session, &half, false, box->now);
    bool complete = slot && hello_pool_complete(slot);
    if (complete)
        CHECK_MEM(slot->partial.memory + MESSAGE_HEADER, part(0, LENGTH).body, LENGTH);
    if (slot)
        hello_pool_release(slot);
    return complete;
}

static hello_slot_t *begin(box_t *box, const session_t *session, bool proven)
{
    return hello_pool_add(&box->pool, session, first_half(), proven, box->now);
}

static void flood(box_t *box, unsigned count, bool proven)
{
    for (unsigned i = 0; i < count; i++) {
        session_t session = other_sender(i);
        begin(box, &session, proven);
    }
}

TEST(hello_pool_completes_in_any_order)
{
    session_t client = address("192.0.2.1", 7);
    box_t box;
    box_start(&box);
    for (uint32_t size = 1; size < LENGTH; size++) {
        for (unsigned backwards = 0; backwards < 2; backwards++) {
            hello_slot_t *slot = NULL;
            uint32_t count = (LENGTH + size - 1) / size;
            NOTE("parts of %u bytes%s", (unsigned)size, backwards ? ", backwards" : "");
            for (uint32_t i = 0; i < count; i++) {
                uint32_t at = (backwards ? count - 1 - i : i) * size;
                fragment_t fragment = part(at, at + size < LENGTH ? size : LENGTH - at);
                slot = hello_pool_add(&box.pool, &client, &fragment, false, box.now);
                CHECK(slot != NULL);
                CHECK_EQ(hello_pool_complete(slot), i == count - 1);
            }
            CHECK_MEM(slot->partial.memory + MESSAGE_HEADER, part(0, LENGTH).body, LENGTH);
            hello_pool_release(slot);
        }
    }
    box_end(&box);
}

TEST(hello_pool_keeps_a_fragment_for_a_time)
{
    session_t client = address("192.0.2.1", 7);
    box_t box;
    box_start(&box);
    begin(&box, &client, false);
    box.now += HELLO_POOL_MS - 1;
    CHECK(completes(&box, &client));
    begin(&box, &client, false);
    box.now += HELLO_POOL_MS;
    CHECK(!completes(&box, &client));
    box_end(&box);
}

/* A fragment from another port, with another message_seq or another length, belongs to another
 * hello. */
TEST(hello_pool_mixes_no_hellos)
{
    session_t client = address("192.0.2.1", 7), other = address("192.0.2.1", 8);
    fragment_t renumbered = part(LENGTH / 2, LENGTH / 2), shorter = renumbered;
    hello_slot_t *slot;
    box_t box;
    box_start(&box);
    renumbered.seq = 1;
    shorter.length -= 1;
    shorter.frag_length -= 1;
    begin(&box, &client, false);
    CHECK(!completes(&box, &other));
    slot = hello_pool_add(&box.pool, &client, &renumbered, false, box.now);
    CHECK(slot && !hello_pool_complete(slot));
    slot = hello_pool_add(&box.pool, &client, &shorter, false, box.now);
    CHECK(slot && !hello_pool_complete(slot));
    CHECK(completes(&box, &client));
    box_end(&box);
}

/* An attacker sends a forged fragment from the client's address first. The genuine hello must
 * still complete. */
TEST(hello_pool_follows_the_later_of_two_that_disagree)
{
    static const uint8_t junk[LENGTH] = {0};
    session_t client = address("192.0.2.1", 7);
    fragment_t forged = part(0, LENGTH / 2);
    box_t box;
    box_start(&box);
    forged.body = junk;
    hello_pool_add(&box.pool, &client, &forged, false, box.now);
    begin(&box, &client, false);
    CHECK(completes(&box, &client));
    box_end(&box);
}

/* Returns whether a pending hello survives when others begin, from other networks or from its
 * own. */
static bool survives(const char *client_at, const char *flood_from, unsigned count)
{
    session_t client = address(client_at, 7);
    bool complete;
    box_t box;
    box_start(&box);
    begin(&box, &client, false);
    for (unsigned i = 0; i < count; i++) {
        session_t session = address(flood_from, 1000 + i);
        begin(&box, &session, false);
    }
    complete = completes(&box, &client);
    box_end(&box);
    return complete;
}

TEST(hello_pool_gives_each_network_a_share)
{
    CHECK(survives("192.0.2.1", "192.0.2.2", 10000));
    CHECK(survives("192.0.2.1", "192.0.2.1", HELLO_POOL_SHARE - 1));
    CHECK(!survives("192.0.2.1", "192.0.2.1", HELLO_POOL_SHARE));
    CHECK(survives("2001:db8::1", "2001:db8:0:1::1", 10000));
    CHECK(!survives("2001:db8::1", "2001:db8::2", HELLO_POOL_SHARE));
    CHECK(survives("::ffff:192.0.2.1", "::ffff:192.0.2.2", 10000));
    CHECK(!survives("::ffff:192.0.2.1", "::ffff:192.0.2.1", HELLO_POOL_SHARE));
}

TEST(hello_pool_reuses_the_oldest_slot)
{
    session_t client = address("192.0.2.1", 7);
    box_t box;
    box_start(&box);
    begin(&box, &client, false);
    flood(&box, HELLO_POOL_SLOTS - 1, false);
    CHECK(!box.pool.overrun);
    CHECK(completes(&box, &client));
    begin(&box, &client, false);
    flood(&box, 2 * HELLO_POOL_SLOTS, false);
    CHECK(box.pool.overrun);
    CHECK(!completes(&box, &client));
    flood(&box, 100000, false);
    begin(&box, &client, false);
    CHECK(completes(&box, &client));
    box_end(&box);
}

TEST(hello_pool_evicts_hellos_without_a_cookie_first)
{
    session_t client = address("192.0.2.1", 7), other = address("192.0.2.2", 7);
    box_t box;
    box_start(&box);
    begin(&box, &client, true);
    flood(&box, 100000, false);
    CHECK(completes(&box, &client));
    flood(&box, HELLO_POOL_SLOTS, true);
    CHECK(begin(&box, &client, false) == NULL);
    CHECK(begin(&box, &other, true) != NULL);
    CHECK(completes(&box, &other));
    box_end(&box);
}

/* A hello that is being processed is not evicted. */
TEST(hello_pool_leaves_what_is_in_use)
{
    session_t client = address("192.0.2.1", 7);
    hello_slot_t *slot;
    box_t box;
    box_start(&box);
    slot = begin(&box, &client, false);
    slot->in_use = true;
    box.now += HELLO_POOL_MS;
    flood(&box, 100, true);
    CHECK(!completes(&box, &client));
    CHECK_EQ(slot->partial.missing, LENGTH / 2);
    CHECK_MEM(slot->partial.memory + MESSAGE_HEADER, part(0, LENGTH).body, LENGTH / 2);
    hello_pool_release(slot);
    box_end(&box);
}
