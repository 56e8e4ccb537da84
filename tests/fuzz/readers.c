/*
 * readers.c - the readers of what the library gave away: tickets, cookies, states of resumption.
 * The input changes bytes of a real one, or replaces it. A changed ticket or cookie is refused.
 */
#include "fuzz/common_input.h"
#include "fuzz/common_world.h"
#include "message/cookie.h"
#include "message/sessions.h"
#include "message/ticket.h"

#include <stdlib.h>
#include <string.h>

static crypto_t *crypto;
static end_t end;
static world_t world;

static void *allocate(void *hook, size_t size)
{
    (void)hook;
    return malloc(size);
}

static void release(void *hook, void *memory)
{
    (void)hook;
    free(memory);
}

static const alloc_t alloc = {NULL, allocate, release};

static void set_up(void)
{
    if (!crypto) {
        crypto = crypto_new();
    }
    FUZZ_CHECK(crypto != NULL);
    world.now = 1000000;
    end = (end_t){.world = &world, .random = 1};
    dtls_config_init(&end.config);
    hooks_set(&end);
}

/* Applies (offset, mask) pairs. Returns true if a byte has changed. */
static bool change(input_t *input, uint8_t *bytes, size_t length)
{
    uint8_t before[TICKET_MAX];

    FUZZ_CHECK(length <= sizeof(before));
    memcpy(before, bytes, length);
    for (unsigned left = input_byte(input) % 4U; left > 0; left--) {
        unsigned offset = input_word(input);
        bytes[offset % length] ^= input_byte(input);
    }
    return memcmp(before, bytes, length) != 0;
}

static void open_ticket(const tickets_t *tickets, uint16_t version, reader_t bytes, bool changed,
                        uint64_t age)
{
    uint8_t room[TICKET_MAX];
    ticket_t found;
    bool opened = ticket_open(tickets, world.now + age, version, bytes, room, &found);

    FUZZ_CHECK(!opened || !changed);
    FUZZ_CHECK(!opened || age <= TICKET_LIFETIME_S * 1000ULL);
    FUZZ_CHECK(!opened || reader_left(&found.identity) <= TICKET_IDENTITY_MAX);
    opened = ticket_reopen(tickets, world.now + age, version, bytes, room, &found);
    FUZZ_CHECK(!opened || !changed);
}

static void read_ticket(input_t *input)
{
    static const uint8_t secret[HASH_MAX] = {1}, host[4] = {10, 0, 0, 1}, name[300] = {'n'};
    const suite_t *suite = suite_at(input_byte(input) % 20U);
    tickets_t tickets = {.next = 0};
    ticket_t ticket = {.issued = world.now, .suite = suite, .age_add = input_word(input)};
    uint8_t out[TICKET_MAX];
    size_t length;

    if (!suite) {
        return;
    }
    ticket.host = reader(host, sizeof(host));
    ticket.psk = reader(secret, suite->version == 0xfefc ? hash_length(suite->hash) : 48);
    ticket.identity = reader(name, input_word(input) % sizeof(name));
    FUZZ_CHECK(ticket_seal(&tickets, crypto, &alloc, &end.config, &ticket, out, &length) ==
               DTLS_ERR_NONE);
    FUZZ_CHECK(length <= TICKET_MAX);
    if (length > 0) {
        bool changed = change(input, out, length);
        uint64_t age = (uint64_t)input_word(input) * 1000;
        open_ticket(&tickets, suite->version, reader(out, length), changed, age);
        open_ticket(&tickets, suite->version, reader(input->at, input_left(input)), true, 0);
        FUZZ_CHECK(ticket_redeem(&tickets, ticket.serial));
        FUZZ_CHECK(!ticket_redeem(&tickets, ticket.serial));
    }
    tickets_end(&tickets, &alloc);
}

static void read_cookie(input_t *input)
{
    session_t session = world_address(2);
    cookies_t cookies = {.generation = 0};
    size_t length = input_byte(input) & 1 ? COOKIE_LENGTH : COOKIE13_LENGTH;
    static const uint8_t random[32] = {7};
    cookie_subject_t subject = {.session = &session, .version = 0xfefd, .random = random};
    uint8_t cookie[COOKIE13_LENGTH];

    FUZZ_CHECK(cookies_start(&cookies, crypto));
    FUZZ_CHECK(cookies_rotate(&cookies, &end.config, world.now));
    FUZZ_CHECK(cookie_make(&cookies, &subject, cookie, length));
    bool changed = change(input, cookie, length);
    FUZZ_CHECK(cookie_check(&cookies, &subject, cookie, length) == !changed);
    session = world_address(4);
    FUZZ_CHECK(!cookie_check(&cookies, &subject, cookie, length));
    cookies_end(&cookies);
}

/* dtls_resume() takes any bytes. The client then has a full or a resumed handshake. */
static void read_state(input_t *input)
{
    static const roles_t roles = {.accept = {false, true}};
    session_t server = world_address(1);

    if (world_start(&world, &roles, input)) {
        uint8_t *copy = input_copy(input);
        dtls_resume(world.ends[0].ctx, &server, copy, input_left(input), 1000);
        free(copy);
        while (world_exchange(&world)) {
        }
        world_check(&world);
    }
    world_end(&world);
}

static void read_session(input_t *input)
{
    sessions_t sessions = {.cached = NULL};
    uint64_t latest = 0;
    uint8_t id[SESSION_ID_MAX] = {0}, ticket[TICKET_MAX] = {0};

    for (unsigned i = 0; i < 64 && input_left(input) > 0; i++) {
        unsigned op = input_byte(input);
        id[0] = input_byte(input) % 8;
        if (op & 1) {
            latest = sessions_put(&sessions, &alloc, 4, id, reader(ticket, op));
        } else if (op & 2) {
            sessions_forget(&sessions, latest > op >> 6 ? latest - (op >> 6) : 0);
        } else {
            reader_t found = sessions_find(&sessions, reader(id, op % (SESSION_ID_MAX + 1)));
            FUZZ_CHECK(reader_left(&found) <= TICKET_MAX);
        }
    }
    sessions_end(&sessions, &alloc);
}

static void (*const readers[])(input_t *input) = {read_ticket, read_cookie, read_state,
                                                  read_session};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {data, data + size};
    unsigned which = input_byte(&input);

    set_up();
    readers[which % (sizeof(readers) / sizeof(*readers))](&input);
    return 0;
}
