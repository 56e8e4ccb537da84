/* sessions.c - the cache of DTLS 1.2 sessions: which sessions it finds, and how long that takes. */
#include "message/sessions.h"
#include "base/siphash.h"

#include "common.h"

#include <string.h>
#include <time.h>

static memory_t memory;
static const alloc_t heap = {&memory, memory_allocate, memory_release};
static sessions_t sessions;

/* Makes an ID that looks random, as those of a server are. */
static void make_id(uint8_t id[SESSION_ID_MAX], uint64_t n)
{
    static const uint8_t key[16];
    for (uint64_t i = 0; i < SESSION_ID_MAX / 8; i++) {
        const uint64_t words[2] = {n, i};
        uint64_t hash = siphash(key, (const uint8_t *)words, sizeof words);
        memcpy(id + 8 * i, &hash, 8);
    }
}

static uint64_t put(size_t capacity, uint64_t n)
{
    uint8_t id[SESSION_ID_MAX];
    make_id(id, n);
    return sessions_put(&sessions, &heap, capacity, id, reader((const uint8_t *)&n, sizeof n));
}

static bool finds(uint64_t n)
{
    uint8_t id[SESSION_ID_MAX];
    make_id(id, n);
    reader_t found = sessions_find(&sessions, reader(id, sizeof id));
    return reader_left(&found) == sizeof n && memcmp(found.at, &n, sizeof n) == 0;
}

static void end(void)
{
    sessions_end(&sessions, &heap);
    sessions = (sessions_t){.cached = NULL};
    memory_check(&memory);
}

TEST(cache_has_the_latest_sessions)
{
    enum { CAPACITY = 10 };
    CHECK(!finds(1));
    for (uint64_t n = 1; n <= 35; n++) {
        CHECK_EQ(put(CAPACITY, n), n);
        for (uint64_t old = 1; old <= n; old++)
            CHECK_EQ(finds(old), old + CAPACITY > n);
    }
    CHECK_EQ(put(CAPACITY, 30), 30); /* replaces the session with the same ID */
    sessions_forget(&sessions, 0);
    sessions_forget(&sessions, 25); /* replaced by 35 long ago */
    CHECK(finds(35));
    sessions_forget(&sessions, 30);
    sessions_forget(&sessions, 30);
    CHECK(!finds(30));
    CHECK(finds(29) && finds(31));
    CHECK_EQ(put(CAPACITY, 30), 36);
    CHECK(finds(30) && !finds(26));
    end();
}

TEST(id_of_another_length_is_not_found)
{
    uint8_t id[SESSION_ID_MAX];
    put(4, 1);
    make_id(id, 1);
    reader_t found = sessions_find(&sessions, reader(id, SESSION_ID_MAX - 1));
    CHECK_EQ(reader_left(&found), 0);
    end();
}

/* Only the first 8 bytes of an ID are hashed. */
TEST(ids_with_the_same_hash)
{
    for (uint64_t n = 0; n < 3; n++) {
        const uint8_t id[SESSION_ID_MAX] = {[31] = (uint8_t)n};
        CHECK(sessions_put(&sessions, &heap, 3, id, reader((const uint8_t *)&n, sizeof n)) > 0);
    }
    for (uint64_t n = 0; n < 4; n++) {
        const uint8_t id[SESSION_ID_MAX] = {[31] = (uint8_t)n};
        reader_t found = sessions_find(&sessions, reader(id, sizeof id));
        NOTE("session %d", (int)n);
        CHECK_EQ(reader_left(&found), n < 3 ? sizeof n : 0);
        if (n < 3)
            CHECK_MEM(found.at, &n, sizeof n);
    }
    end();
}

TEST(no_memory_for_the_cache)
{
    size_t tries = 1;
    while (memory.fail_at = memory.calls + tries, put(4, 1) == 0) {
        CHECK(!finds(1));
        CHECK_EQ(memory.live, 0);
        tries++;
    }
    memory.fail_at = 0;
    CHECK(tries > 2);
    CHECK(finds(1));
    end();
}

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Returns the least time of 200 look-ups of unknown IDs in a full cache. */
static uint64_t time_of(size_t capacity)
{
    uint64_t least = UINT64_MAX;
    for (uint64_t n = 0; n < capacity; n++)
        put(capacity, n);
    for (unsigned turn = 0; turn < 20; turn++) {
        uint64_t before = cpu_ns();
        for (uint64_t n = 0; n < 200; n++)
            CHECK(!finds(SESSIONS_MAX + n));
        uint64_t took = cpu_ns() - before;
        least = took < least ? took : least;
    }
    end();
    return least;
}

/* A client that has not authenticated chooses the session ID of its hello. */
TEST(look_up_time_does_not_depend_on_the_number)
{
    uint64_t few = time_of(16), many = time_of(SESSIONS_MAX);
    NOTE("200 look-ups: %lu ns among 16, %lu among %d", (unsigned long)few, (unsigned long)many,
         SESSIONS_MAX);
    CHECK(many < 20 * few);
}
