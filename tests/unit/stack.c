/*
 * stack.c - no function leaves a secret on the stack.
 */
#include "stack.h"
#include "common.h"
#include "crypto/kdf13.h"
#include "message/ticket.h"
#include "net.h"
#include "wire.h"

#include <string.h>

/* ---- the harness ---- */

static const uint8_t pattern[] = "left on the stack";

static void leave_pattern(void *argument)
{
    volatile uint8_t local[sizeof pattern] = {0};
    const uint8_t *from = argument;
    for (size_t i = 0; i < sizeof pattern; i++)
        local[i] = from[i];
    CHECK_EQ(local[0], pattern[0]);
}

TEST(stack_shows_what_a_function_leaves)
{
    stack_need();
    uint8_t copy[sizeof pattern];

    memcpy(copy, pattern, sizeof pattern);
    CHECK(!stack_holds(pattern, sizeof pattern));
    stack_run(leave_pattern, copy);
    CHECK(stack_holds(pattern, sizeof pattern));
}

/* ---- the key schedule of DTLS 1.3 ---- */

static const uint8_t psk[] = "a key of 32 bytes, for the stack", transcript[HASH_MAX] = {7};

typedef struct {
    crypto_t *crypto;
    schedule_t schedule;
    uint8_t secret[HASH_MAX], out[HASH_MAX];
    bool ok;
} derivation_t;

static void advance(void *argument)
{
    derivation_t *d = argument;
    d->ok = schedule_advance(&d->schedule, transcript, 32);
}

static void verify_data(void *argument)
{
    derivation_t *d = argument;
    d->ok = kdf13_verify_data(d->crypto, HASH_SHA256, psk, transcript, d->out);
}

static void update(void *argument)
{
    derivation_t *d = argument;
    memcpy(d->secret, psk, 32);
    d->ok = kdf13_update(d->crypto, HASH_SHA256, d->secret);
}

static void import(void *argument)
{
    derivation_t *d = argument;
    d->ok = kdf13_import(d->crypto, transcript, 8, psk, 32, d->out, 32);
}

static void export(void *argument)
{
    derivation_t *d = argument;
    d->ok = kdf13_export(d->crypto, HASH_SHA256, psk, "EXPORTER-test", transcript, 8, d->out, 32);
}

static void derive_own(void *argument)
{
    derivation_t *d = argument;
    d->ok = kdf13_own(d->crypto, psk, "test", transcript, 8, d->out, 32);
}

/* Computes HKDF-Expand-Label of a secret; with_hash: with the hash of no messages as context. */
static void expand_label(const crypto_t *crypto, const uint8_t *secret, const char *label,
                         bool with_hash, uint8_t *out)
{
    static const char hash_of_nothing[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    uint8_t hash[32];

    UNHEX(hash_of_nothing, hash);
    CHECK(kdf13_own(crypto, secret, label, hash, with_hash ? 32 : 0, out, 32));
}

/* The first call of a function of libcrypto may go through the dynamic linker, which saves registers
 * on the stack: so only the second run counts. */
static void check_left(derivation_t *d, const char *name, void (*run)(void *),
                       const uint8_t *secret)
{
    const schedule_t schedule = d->schedule;

    NOTE("%s", name);
    stack_run(run, d);
    d->schedule = schedule;
    stack_run(run, d);
    CHECK(d->ok);
    CHECK(!stack_holds(secret, 32));
}

TEST(stack_has_no_secret_of_the_key_schedule)
{
    stack_need();
    derivation_t d = {.crypto = crypto_new()};
    uint8_t secret[HASH_MAX];

    CHECK(schedule_start(&d.schedule, d.crypto, HASH_SHA256, psk, 32));
    expand_label(d.crypto, d.schedule.secret, "derived", true, secret);
    check_left(&d, "advance", advance, secret);
    expand_label(d.crypto, psk, "finished", false, secret);
    check_left(&d, "verify_data", verify_data, secret);
    expand_label(d.crypto, psk, "traffic upd", false, secret);
    check_left(&d, "update", update, secret);
    CHECK(schedule_start(&d.schedule, d.crypto, HASH_SHA256, psk, 32));
    check_left(&d, "import", import, d.schedule.secret);
    expand_label(d.crypto, psk, "EXPORTER-test", true, secret);
    check_left(&d, "export", export, secret);
    check_left(&d, "derive_own", derive_own, d.out);
    crypto_free(d.crypto);
}

/* ---- keys of tickets ---- */

typedef struct {
    crypto_t *crypto;
    memory_t memory;
    alloc_t alloc;
    dtls_config_t config;
    tickets_t tickets;
    uint8_t sealed[TICKET_MAX], room[TICKET_MAX];
    size_t length;
    bool ok;
} issuer_t;

static dtls_tick_t clock_of(void *hook)
{
    (void)hook;
    return 1000;
}

/* Makes psk the key of the tickets, but no part of it their name. */
static int random_of_psk(void *hook, uint8_t *out, size_t length)
{
    (void)hook;
    memset(out, 9, length);
    if (length == AEAD_MAX_KEY)
        memcpy(out, psk, length);
    return 0;
}

static void seal(void *argument)
{
    issuer_t *issuer = argument;
    ticket_t ticket = {.issued = 1000,
                       .established = 1000,
                       .suite = suite_by_id(0x1301),
                       .identity = reader(transcript, 5),
                       .psk = reader(transcript, 32)};
    issuer->ok = ticket_seal(&issuer->tickets, issuer->crypto, &issuer->alloc, &issuer->config,
                             &ticket, issuer->sealed, &issuer->length) == DTLS_ERR_NONE;
}

static void open_ticket(void *argument)
{
    issuer_t *issuer = argument;
    ticket_t ticket;
    issuer->ok = ticket_open(&issuer->tickets, 1000, 0xfefc, reader(issuer->sealed, issuer->length),
                             issuer->room, &ticket);
}

static void issuer_start(issuer_t *issuer, crypto_t *crypto)
{
    *issuer = (issuer_t){.crypto = crypto};
    issuer->alloc = memory_alloc(&issuer->memory);
    dtls_config_init(&issuer->config);
    issuer->config.clock = clock_of;
    issuer->config.random = random_of_psk;
}

/* Memory for the list of redeemed tickets is short, so the ticket is not sealed: sealing it would
 * overwrite the stack. */
TEST(stack_has_no_random_key_of_tickets)
{
    stack_need();
    issuer_t issuer;

    issuer_start(&issuer, crypto_new());
    issuer.memory.fail_at = 1;
    stack_run(seal, &issuer);
    CHECK(issuer.ok && issuer.length == 0 && issuer.tickets.keys[0].seal);
    CHECK(!stack_holds(psk, 32));
    tickets_end(&issuer.tickets, &issuer.alloc);
    crypto_free(issuer.crypto);
}

/* Each allocation of libcrypto fails in turn: so the function ends at various places, and what
 * follows does not overwrite the stack. */
TEST(stack_has_no_shared_key_of_tickets)
{
    stack_need();
    static secrets_t secrets;
    issuer_t issuer, other;
    uint8_t key[AEAD_MAX_KEY];
    size_t failing = 1;

    issuer_start(&issuer, crypto_new());
    issuer_start(&other, issuer.crypto);
    CHECK(secrets_set(&secrets, issuer.crypto, psk, 1));
    tickets_share(&issuer.tickets, &secrets);
    tickets_share(&other.tickets, &secrets);
    stack_run(seal, &issuer);
    CHECK(issuer.ok);
    CHECK(secrets_ticket_key(&secrets, 0, issuer.sealed, TICKET_KEY_NAME, key));
    CHECK(!stack_holds(key, sizeof key));

    memcpy(other.sealed, issuer.sealed, other.length = issuer.length);
    for (other.ok = false; !other.ok; failing++) {
        NOTE("allocation %zu", failing);
        libcrypto_fail_at = libcrypto_allocations + failing;
        stack_run(open_ticket, &other);
        libcrypto_fail_at = 0;
        CHECK(!stack_holds(key, sizeof key));
    }
    CHECK(failing > 2);
    tickets_end(&issuer.tickets, &issuer.alloc);
    tickets_end(&other.tickets, &other.alloc);
    crypto_free(issuer.crypto);
}

/* ---- a server of DTLS 1.2 ---- */

typedef struct {
    unsigned message; /* the tap drops the client's datagrams with this message */
    node_t *client, *server;
    uint8_t random[64];
    size_t random_length, searches;
    bool left; /* the key of an unknown identity was on the stack */
    int (*node_random)(void *hook, uint8_t *out, size_t length);
} server_t;

static server_t *watched;

/* Keeps the random bytes that the server gets for its random and for the key of an unknown identity.
 * The call after that one is for the connection ID. It searches the stack, because the rest of the
 * handshake overwrites it. */
static int keep_random(void *hook, uint8_t *out, size_t length)
{
    server_t *s = watched;
    int result = s->node_random(hook, out, length);
    if (s->random_length > 0)
        s->left |= stack_holds(s->random + 32, 16);
    else if (length == 48)
        memcpy(s->random, out, s->random_length = length);
    s->searches += s->random_length > 0;
    return result;
}

static void drop_message(net_t *net, net_packet_t *packet)
{
    (void)net;
    wire_record_t record;
    if (packet->from == watched->client && wire_find(packet, watched->message, &record))
        packet->copies = 0;
}

static void receive_message(void *argument)
{
    server_t *s = argument;
    wire_record_t record;

    CHECK(wire_find(wire_sent_message(s->client, s->message, 0), s->message, &record));
    net_inject(s->server, &s->client->address, record.raw, record.raw_length);
}

/* Runs a handshake to this message of the client, which the server receives by stack_run(). The
 * other records of the datagram are lost, because they would overwrite the stack. */
static net_t *stack_handshake(server_t *s, unsigned message)
{
    net_t *net = net_pair(1, &s->client, &s->server);
    watched = s;
    s->message = message;
    s->server->key = s->client->key = psk;
    s->server->key_length = s->client->key_length = 32;
    s->server->config.cookie = DTLS_COOKIE_OFF;
    s->server->config.use_cid = s->client->config.use_cid = true;
    s->server->config.cid_length = 8;
    s->node_random = s->server->config.random;
    s->server->config.random = keep_random;
    net->tap = drop_message;
    net_start(net);
    CHECK(!net_connect(s->client, s->server, 100));
    CHECK(wire_sent_message(s->client, message, 0));
    stack_run(receive_message, s);
    return net;
}

TEST(stack_has_no_key_of_a_client)
{
    stack_need();
    server_t s = {.message = 0};
    net_t *net = stack_handshake(&s, CLIENT_KEY_EXCHANGE);

    CHECK(!stack_holds(psk, 32));
    net_calm(net);
    net_run(net, 10000);
    CHECK(node_connected(s.server, s.client));
    net_end(net);
}

TEST(stack_has_no_key_of_an_unknown_identity)
{
    stack_need();
    server_t s = {.message = 0};
    net_t *net = stack_handshake(&s, CLIENT_HELLO);

    CHECK(s.searches > 1);
    CHECK(!s.left);
    net_end(net);
}

/* ---- handshakes ---- */

static struct {
    uint8_t bytes[24][HASH_MAX];
    size_t lengths[24], count;
} logged;

static void keep_secret(void *hook, const char *label, const uint8_t *client_random,
                        const uint8_t *secret, size_t length)
{
    (void)hook, (void)label, (void)client_random;
    CHECK(logged.count < COUNT(logged.bytes) && length <= HASH_MAX);
    memcpy(logged.bytes[logged.count], secret, length);
    logged.lengths[logged.count++] = length;
}

static struct {
    bool active;
    size_t calls, found;
    dtls_tick_t (*clock)(void *hook);
    int (*random)(void *hook, uint8_t *out, size_t length);
    void *(*allocate)(void *hook, size_t size);
    void (*release)(void *hook, void *memory);
} searching;

static void search(void)
{
    if (!searching.active)
        return;
    searching.calls++;
    searching.found += stack_holds_below(psk, 32);
    for (size_t i = 0; i < logged.count; i++)
        searching.found += stack_holds_below(logged.bytes[i], logged.lengths[i]);
}

static dtls_tick_t clock_and_search(void *hook)
{
    search();
    return searching.clock(hook);
}

static int random_and_search(void *hook, uint8_t *out, size_t length)
{
    search();
    return searching.random(hook, out, length);
}

static void *allocate_and_search(void *hook, size_t size)
{
    search();
    return searching.allocate(hook, size);
}

static void release_and_search(void *hook, void *memory)
{
    search();
    searching.release(hook, memory);
}

static void search_in_hooks(dtls_config_t *config)
{
    searching.clock = config->clock;
    searching.random = config->random;
    searching.allocate = config->allocate;
    searching.release = config->release;
    config->clock = clock_and_search;
    config->random = random_and_search;
    config->allocate = allocate_and_search;
    config->release = release_and_search;
}

static void discard(net_t *net, net_packet_t *packet)
{
    (void)net;
    packet->copies = 0;
}

typedef struct {
    node_t *client, *server;
    const net_packet_t *packet; /* to deliver; NULL: the client connects */
} step_t;

static void take_step(void *argument)
{
    step_t *step = argument;
    const net_packet_t *packet = step->packet;
    if (!packet)
        CHECK_EQ(dtls_connect(step->client->ctx, &step->server->address), 1);
    else
        net_inject(packet->from == step->client ? step->server : step->client,
                   &packet->from->address, packet->data, packet->length);
}

static void check_step(step_t *step, const net_packet_t *packet, bool warm)
{
    step->packet = packet;
    searching.active = warm;
    stack_run(take_step, step);
    searching.active = false;
    NOTE("datagram %zu: found %zu in %zu calls", packet ? 1 + packet->index : 0, searching.found,
         searching.calls);
    CHECK_EQ(searching.found, 0);
    CHECK(!warm || !stack_holds(psk, 32));
    for (size_t i = 0; i < logged.count; i++) {
        NOTE("datagram %zu, secret %zu", packet ? 1 + packet->index : 0, i);
        CHECK(!warm || !stack_holds(logged.bytes[i], logged.lengths[i]));
    }
}

/* Delivers one datagram after the other, and searches the stack after each. */
static void quiet_handshake(uint16_t suite, bool warm)
{
    step_t step;
    net_t *net = net_pair(1, &step.client, &step.server);
    logged.count = 0;
    net->tap = discard;
    for (size_t i = 0; i < 2; i++) {
        node_t *node = net->nodes[i];
        node->key = psk;
        node->key_length = 32;
        node->config.only_version = BOTH_VERSIONS;
        node->config.suites = &suite;
        node->config.suite_count = 1;
        node->config.tickets = true;
        node->config.keylog = keep_secret;
        search_in_hooks(&node->config);
    }
    net_start(net);
    check_step(&step, NULL, warm);
    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t packet = net->packets[i];
        check_step(&step, &packet, warm);
    }
    CHECK(node_connected(step.client, step.server) && node_connected(step.server, step.client));
    CHECK(logged.count > 0);
    net_end(net);
}

TEST(stack_has_no_secret_of_a_handshake)
{
    static const uint16_t suites[] = {0x00a8, 0x00aa, 0xd001, 0x1301};
    for (size_t i = 0; i < COUNT(suites); i++) {
        quiet_handshake(suites[i], false);
        quiet_handshake(suites[i], true);
    }
}
