#include "message/cookie.h"
#include "common.h"

#include <arpa/inet.h>
#include <string.h>

enum { LIFE = 60000 };

static const uint8_t hello_random[32] = {1, 2, 3}, id[] = {7, 8, 9},
                     suites[] = {0xc0, 0xa8, 0, 0xa8}, compressions[] = {0};

typedef struct {
    crypto_t *crypto;
    cookies_t cookies;
    dtls_config_t config;
    session_t session;
    bool no_random;
    uint8_t randoms; /* each secret differs */
} jar_t;

static int jar_random(void *hook, uint8_t *out, size_t length)
{
    jar_t *jar = hook;
    memset(out, ++jar->randoms, length);
    return jar->no_random ? -1 : 0;
}

static void jar_open(jar_t *jar, dtls_tick_t now)
{
    memset(jar, 0, sizeof *jar);
    jar->crypto = crypto_new();
    dtls_config_init(&jar->config);
    jar->config.hook = jar;
    jar->config.random = jar_random;
    jar->config.cookie_ms = LIFE;
    dtls_session_init(&jar->session);
    jar->session.addr.sin.sin_family = AF_INET;
    jar->session.addr.sin.sin_port = htons(5684);
    jar->session.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(cookies_start(&jar->cookies, jar->crypto));
    CHECK(cookies_rotate(&jar->cookies, &jar->config, now));
}

static void jar_close(jar_t *jar)
{
    cookies_end(&jar->cookies);
    crypto_free(jar->crypto);
}

static cookie_subject_t subject_of(const jar_t *jar)
{
    return (cookie_subject_t){.session = &jar->session,
                              .version = 0xfefd,
                              .random = hello_random,
                              .session_id = id,
                              .session_id_length = sizeof id,
                              .suites = suites,
                              .suites_length = sizeof suites,
                              .compressions = compressions,
                              .compressions_length = sizeof compressions};
}

static void make(jar_t *jar, uint8_t cookie[COOKIE_LENGTH])
{
    const cookie_subject_t subject = subject_of(jar);
    CHECK(cookie_make(&jar->cookies, &subject, cookie, COOKIE_LENGTH));
}

static bool check(jar_t *jar, const uint8_t cookie[COOKIE_LENGTH])
{
    const cookie_subject_t subject = subject_of(jar);
    return cookie_check(&jar->cookies, &subject, cookie, COOKIE_LENGTH);
}

TEST(a_cookie_is_right_once_and_again)
{
    jar_t jar;
    uint8_t cookie[COOKIE_LENGTH], again[COOKIE_LENGTH];
    jar_open(&jar, 1);
    make(&jar, cookie);
    make(&jar, again);
    CHECK_MEM(cookie, again, sizeof cookie);
    CHECK(check(&jar, cookie));
    CHECK(check(&jar, cookie));
    jar_close(&jar);
}

TEST(every_bit_and_the_length_count)
{
    jar_t jar;
    uint8_t cookie[COOKIE13_LENGTH + 1] = {0};
    jar_open(&jar, 1);
    make(&jar, cookie);
    for (size_t bit = 0; bit < 8 * COOKIE_LENGTH; bit++) {
        NOTE("bit %zu", bit);
        cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(!check(&jar, cookie));
        cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    const cookie_subject_t subject = subject_of(&jar);
    CHECK(!cookie_check(&jar.cookies, &subject, cookie, 0));
    CHECK(!cookie_check(&jar.cookies, &subject, cookie, COOKIE_LENGTH + 1));
    CHECK(!cookie_check(&jar.cookies, &subject, cookie, COOKIE13_LENGTH + 1));
    jar_close(&jar);
}

/* ---- what a cookie depends on ---- */

static session_t other;

static void other_address(cookie_subject_t *subject)
{
    other.addr.sin.sin_addr.s_addr ^= htonl(1);
    subject->session = &other;
}

static void other_port(cookie_subject_t *subject)
{
    other.addr.sin.sin_port ^= htons(1);
    subject->session = &other;
}

static void other_family(cookie_subject_t *subject)
{
    other.addr.sin.sin_family = AF_INET6;
    subject->session = &other;
}

static void other_version(cookie_subject_t *subject)
{
    subject->version = 0xfeff;
}

static void other_random(cookie_subject_t *subject)
{
    static const uint8_t bytes[32] = {1, 2, 3, [31] = 1};
    subject->random = bytes;
}

static void no_session_id(cookie_subject_t *subject)
{
    subject->session_id_length = 0;
}

static void other_session_id(cookie_subject_t *subject)
{
    static const uint8_t bytes[] = {7, 8, 10};
    subject->session_id = bytes;
}

static void fewer_suites(cookie_subject_t *subject)
{
    subject->suites_length = 2;
}

static void other_suites(cookie_subject_t *subject)
{
    static const uint8_t bytes[] = {0, 0xa8, 0xc0, 0xa8};
    subject->suites = bytes;
}

static void more_compressions(cookie_subject_t *subject)
{
    static const uint8_t bytes[] = {0, 1};
    subject->compressions = bytes;
    subject->compressions_length = sizeof bytes;
}

/* Divides the same bytes differently between the fields. */
static void shifted(cookie_subject_t *subject)
{
    static const uint8_t bytes[] = {7, 8, 9, 0xc0, 0xa8, 0, 0xa8};
    subject->session_id = bytes;
    subject->session_id_length = 5;
    subject->suites = bytes + 5;
    subject->suites_length = 2;
}

TEST(each_bound_field_counts)
{
    static void (*const changes[])(cookie_subject_t *) = {
        other_address, other_port,        other_family,  other_version,
        other_random,  other_session_id,  no_session_id, fewer_suites,
        other_suites,  more_compressions, shifted};
    jar_t jar;
    uint8_t cookie[COOKIE_LENGTH];
    jar_open(&jar, 1);
    make(&jar, cookie);
    for (size_t i = 0; i < COUNT(changes); i++) {
        cookie_subject_t subject = subject_of(&jar);
        other = jar.session;
        NOTE("row %zu", i);
        changes[i](&subject);
        CHECK(!cookie_check(&jar.cookies, &subject, cookie, sizeof cookie));
    }
    jar_close(&jar);
}

TEST(what_is_no_address_does_not_count)
{
    jar_t jar;
    uint8_t cookie[COOKIE_LENGTH];
    jar_open(&jar, 1);
    make(&jar, cookie);
    jar.session.ifindex = 3;
    jar.session.size = sizeof jar.session.addr.sin;
    memset(jar.session.addr.sin.sin_zero, 0xee, sizeof jar.session.addr.sin.sin_zero);
    CHECK(check(&jar, cookie));
    jar_close(&jar);
}

/* ---- rotation ---- */

TEST(a_secret_lives_one_period_in_use_and_one_more)
{
    /* Makes a cookie at `made`, then rotates the secret at each of these times if it is due. */
    static const struct {
        dtls_tick_t start, made, ticks[4];
        size_t count;
        bool valid;
    } rows[] = {
        {1, 1, {0}, 0, true},
        {1, 1, {LIFE}, 1, true},
        {1, 1, {LIFE + 1}, 1, true}, /* the secret changes once */
        /* The later a cookie is made, the longer it is valid. */
        {1, LIFE, {LIFE + 1, 2 * LIFE}, 2, true},
        {1, LIFE, {LIFE + 1, 2 * LIFE + 1}, 2, false}, /* the secret changes twice */
        {1, 1, {2 * LIFE}, 1, true},
        /* No hello arrived in between: the secret is old all the same. */
        {1, 1, {2 * LIFE + 1}, 1, false},
        {1, 1, {100 * LIFE}, 1, false},
        {5 * LIFE, 5 * LIFE, {6 * LIFE, 7 * LIFE, 8 * LIFE}, 3, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        jar_t jar;
        uint8_t cookie[COOKIE_LENGTH];
        NOTE("row %zu", i);
        jar_open(&jar, rows[i].start);
        CHECK(cookies_rotate(&jar.cookies, &jar.config, rows[i].made));
        make(&jar, cookie);
        for (size_t tick = 0; tick < rows[i].count; tick++)
            CHECK(cookies_rotate(&jar.cookies, &jar.config, rows[i].ticks[tick]));
        CHECK_EQ(check(&jar, cookie), rows[i].valid);
        jar_close(&jar);
    }
}

/* The cookie that a wrong cookie should have been, whichever secret it names. */
TEST(a_wrong_cookie_shows_the_right_one)
{
    jar_t jar;
    uint8_t before[COOKIE_LENGTH], after[COOKIE_LENGTH], made[COOKIE_LENGTH];
    jar_open(&jar, 1);
    const cookie_subject_t subject = subject_of(&jar);
    make(&jar, before);
    CHECK(cookies_rotate(&jar.cookies, &jar.config, LIFE + 1));
    make(&jar, after);
    before[1] ^= 1;
    after[1] ^= 1;
    CHECK(cookie_remake(&jar.cookies, &subject, before, made, sizeof made));
    before[1] ^= 1;
    CHECK_MEM(made, before, sizeof made);
    CHECK(cookie_remake(&jar.cookies, &subject, after, made, sizeof made));
    after[1] ^= 1;
    CHECK_MEM(made, after, sizeof made);
    /* The previous secret is no longer valid, so the current one is used for either name. */
    jar.cookies.valid[jar.cookies.generation ^ 1] = false;
    CHECK(cookie_remake(&jar.cookies, &subject, before, made, sizeof made));
    CHECK_MEM(made, after, sizeof made);
    jar_close(&jar);
}

TEST(the_new_secret_makes_other_cookies)
{
    jar_t jar;
    uint8_t before[COOKIE_LENGTH], after[COOKIE_LENGTH];
    jar_open(&jar, 1);
    make(&jar, before);
    CHECK(cookies_rotate(&jar.cookies, &jar.config, LIFE + 1));
    make(&jar, after);
    CHECK(memcmp(before, after, sizeof before) != 0);
    CHECK(check(&jar, before) && check(&jar, after));
    jar_close(&jar);
}

TEST(without_randomness_there_is_no_new_secret)
{
    jar_t jar;
    uint8_t cookie[COOKIE_LENGTH];
    jar_open(&jar, 1);
    make(&jar, cookie);
    jar.no_random = true;
    CHECK(cookies_rotate(&jar.cookies, &jar.config, LIFE)); /* the change is not due yet */
    CHECK(!cookies_rotate(&jar.cookies, &jar.config, LIFE + 1));
    jar.no_random = false;
    CHECK(cookies_rotate(&jar.cookies, &jar.config, LIFE + 2));
    CHECK(check(&jar, cookie));
    jar_close(&jar);
}

TEST(before_the_first_secret_nothing_is_right)
{
    jar_t jar;
    uint8_t cookie[COOKIE_LENGTH] = {0};
    jar_open(&jar, 1);
    cookies_end(&jar.cookies);
    memset(&jar.cookies, 0, sizeof jar.cookies);
    CHECK(cookies_start(&jar.cookies, jar.crypto));
    const cookie_subject_t subject = subject_of(&jar);
    CHECK(!cookie_make(&jar.cookies, &subject, cookie, COOKIE_LENGTH));
    for (unsigned first = 0; first < 256; first++) {
        cookie[0] = (uint8_t)first;
        CHECK(!check(&jar, cookie));
    }
    jar_close(&jar);
}

/* ---- shared secrets ---- */

static dtls_tick_t period_clock(void *hook)
{
    (void)hook;
    return 10 * LIFE + 1;
}

/* A derivation fails at each allocation of libcrypto in turn. The next call derives all keys. */
TEST(missing_keys_of_shared_secrets_are_derived_later)
{
    static const uint8_t bytes[2 * DTLS_SECRET] = {1, [DTLS_SECRET] = 2};
    static const cookies_t none;
    secrets_t secrets = {.count = 0};
    jar_t jar, whole;
    size_t failed = 0;

    jar_open(&jar, 1);
    jar_open(&whole, 1);
    jar.config.wall_clock = whole.config.wall_clock = period_clock;
    CHECK(secrets_set(&secrets, jar.crypto, bytes, 2));
    cookies_share(&whole.cookies, &secrets);
    CHECK(cookies_rotate(&whole.cookies, &whole.config, 1));
    for (size_t failing = 1; failed + 1 == failing; failing++) {
        NOTE("allocation %zu", failing);
        cookies_end(&jar.cookies);
        jar.cookies = none;
        cookies_share(&jar.cookies, &secrets);
        libcrypto_fail_at = libcrypto_allocations + failing;
        failed += !cookies_rotate(&jar.cookies, &jar.config, 1);
        libcrypto_fail_at = 0;
        CHECK(cookies_rotate(&jar.cookies, &jar.config, 1));
        CHECK_MEM(jar.cookies.valid, whole.cookies.valid, sizeof whole.cookies.valid);
    }
    CHECK(failed > 2);
    jar_close(&jar);
    jar_close(&whole);
}
