#include "fuzz/common_world.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_12 = 0xfefd, VERSION_13 = 0xfefc };
enum { START = 1000000, BUSY = 1000, TO_END_MS = 3600000 };

/* The table of memory at the end of dtls.h. */
enum {
    MEMORY_CONTEXT = 70000,
    MEMORY_ACCEPT = 78000,
    MEMORY_TICKETS = 4200,
    MEMORY_SESSION = 500,
    MEMORY_HANDSHAKE12 = 5500,
    MEMORY_HANDSHAKE13 = 6500,
    MEMORY_HALF_OPEN = 200,
    MEMORY_EARLY_RECORDS = 4096,
    MEMORY_HANDSHAKE_CIDS = 1200,
    MEMORY_CONNECTED = 1500,
    MEMORY_KEYS = 300,
    MEMORY_DROPPED = 150,
    MEMORY_TICKET = 1500,
    MEMORY_CIDS = 2000,
    MEMORY_IDENTITY = 15
};

/* ---- addresses ---- */

session_t world_address(unsigned number)
{
    session_t session;

    dtls_session_init(&session);
    if (number < 6) {
        session.addr.sin.sin_family = AF_INET;
        session.addr.sin.sin_addr.s_addr = htonl(0x0a000001 + number / 2);
        session.addr.sin.sin_port = htons((uint16_t)(5684 + number));
        session.size = sizeof(session.addr.sin);
    } else {
        session.addr.sin6.sin6_family = AF_INET6;
        session.addr.sin6.sin6_addr.s6_addr[0] = 0xfd;
        session.addr.sin6.sin6_port = htons((uint16_t)(5684 + number));
        session.size = sizeof(session.addr.sin6);
    }
    return session;
}

unsigned world_number(const session_t *session)
{
    unsigned number = 0;

    for (session_t at; number < ADDRESSES; number++) {
        at = world_address(number);
        if (dtls_session_equals(&at, session)) {
            break;
        }
    }
    return number;
}

/* ---- oracles ---- */

static size_t handshake_limit(const end_t *end)
{
    size_t limit = end->config.only_version == VERSION_12 ? MEMORY_HANDSHAKE12 : MEMORY_HANDSHAKE13;

    limit += MEMORY_HALF_OPEN + MEMORY_EARLY_RECORDS + MEMORY_DROPPED + MEMORY_IDENTITY;
    limit += end->config.use_cid ? MEMORY_HANDSHAKE_CIDS : 0;
    return limit;
}

/* A connected peer of a server may have begun a new handshake. */
static size_t peer_limit(const end_t *end, const ledger_t *ledger)
{
    size_t limit = ledger->fragments < DTLS_MAX_REASSEMBLY ? (size_t)ledger->fragments
                                                           : (size_t)DTLS_MAX_REASSEMBLY;

    if (ledger->connected) {
        limit += MEMORY_CONNECTED + MEMORY_DROPPED + MEMORY_IDENTITY;
        limit += end->config.only_version == VERSION_12 ? 0 : MEMORY_KEYS + MEMORY_TICKET;
        limit += end->config.use_cid ? MEMORY_CIDS : 0;
    }
    limit += !ledger->connected || end->config.accept ? handshake_limit(end) : 0;
    return limit;
}

/* Returns what the library may have allocated between two calls. */
static size_t memory_limit(const end_t *end)
{
    const dtls_config_t *config = &end->config;
    size_t limit = MEMORY_CONTEXT;

    limit += config->accept ? MEMORY_ACCEPT : 0;
    limit += config->tickets || config->sessions ? MEMORY_TICKETS : 0;
    limit += config->sessions * MEMORY_SESSION;
    for (unsigned i = 0; i < ADDRESSES; i++) {
        limit += end->ledger[i].open ? peer_limit(end, &end->ledger[i]) : 0;
    }
    return limit;
}

/* Returns how many times the bytes that came from an unproven address may be sent there: one for the
 * demand of a cookie, three for a flight (RFC 9147 section 5.1) or for the check of an address that
 * a peer may have moved to (RFC 9853 section 7.4). */
static unsigned amplification(const end_t *end, const ledger_t *ledger)
{
    return ledger->open || end->config.use_cid || end->config.cookie != DTLS_COOKIE_ON ? 3 : 1;
}

static void check_address(const end_t *end, unsigned number)
{
    const ledger_t *ledger = &end->ledger[number];
    session_t session = world_address(number);
    FUZZ_CHECK((dtls_get_peer(end->ctx, &session) != NULL) == ledger->open);
    if (end->config.accept && !ledger->proven) {
        FUZZ_CHECK(ledger->bytes_out <= amplification(end, ledger) * ledger->bytes_in);
    }
}

void world_check(const world_t *world)
{
    for (unsigned i = 0; i < ENDS; i++) {
        const end_t *end = &world->ends[i];
        if (!end->ctx) {
            continue;
        }
        FUZZ_CHECK(sizeof(void *) != 8 || end->live_bytes <= memory_limit(end));
        for (unsigned k = 0; k < ADDRESSES; k++) {
            check_address(end, k);
        }
    }
}

void world_count(dtls_stats_t *sum, const dtls_stats_t *stats)
{
    sum->datagrams_in += stats->datagrams_in;
    sum->datagrams_out += stats->datagrams_out;
    sum->octets_in += stats->octets_in;
    sum->octets_out += stats->octets_out;
}

/* When all associations have ended, each datagram was counted in one of them, or in those of no
 * peer. */
static void check_counts(end_t *end)
{
    dtls_stats_t none;

    FUZZ_CHECK(dtls_get_stats(end->ctx, NULL, &none) == 0);
    world_count(&end->counted, &none);
    if (!end->uncounted) {
        FUZZ_CHECK(end->counted.datagrams_in == end->sent.datagrams_in);
        FUZZ_CHECK(end->counted.octets_in == end->sent.octets_in);
        FUZZ_CHECK(end->counted.datagrams_out == end->sent.datagrams_out);
        FUZZ_CHECK(end->counted.octets_out == end->sent.octets_out);
    }
}

/* ---- datagrams ---- */

void world_deliver(end_t *to, unsigned from, const uint8_t *data, size_t length)
{
    session_t session = world_address(from);
    uint8_t *copy = malloc(length > 0 ? length : 1);

    FUZZ_CHECK(copy != NULL);
    if (length > 0) {
        memcpy(copy, data, length);
    }
    to->ledger[from].bytes_in += length;
    to->sent.datagrams_in++;
    to->sent.octets_in += length;
    dtls_handle_message(to->ctx, &session, copy, (int)length);
    free(copy);
}

bool world_exchange(world_t *world)
{
    if (world->delivered + PACKETS < world->sent) {
        world->delivered = world->sent - PACKETS;
    }
    if (world->delivered == world->sent) {
        return false;
    }
    packet_t packet = world->packets[world->delivered++ % PACKETS];
    uint8_t *copy = malloc(packet.length);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, packet.data, packet.length);
    world_deliver(&world->ends[packet.to], packet.from, copy, packet.length);
    free(copy);
    return true;
}

const packet_t *world_packet(const world_t *world, size_t n)
{
    n %= PACKETS;
    return n < world->sent ? &world->packets[(world->sent - 1 - n) % PACKETS] : NULL;
}

int world_write(end_t *end, unsigned to, size_t length)
{
    static uint8_t data[PACKET_MAX];
    session_t session = world_address(to);
    unsigned number = end->world->writes;

    if (number >= 1 << 16) {
        return 0;
    }
    length = length > 0 && length < 4 ? 4 : length;
    data[0] = 0xda;
    data[1] = (uint8_t)end->number;
    data[2] = (uint8_t)(number >> 8);
    data[3] = (uint8_t)number;
    /* Before the call: it may deliver the record, and a callback may write another one. */
    end->world->writes++;
    return dtls_write(end->ctx, &session, data, length);
}

/* ---- time ---- */

/* Returns the time until the next timer, or -1. A timer that is due at once must not be due again
 * and again. */
static int run_timers(end_t *end)
{
    int wait = 0;

    for (unsigned i = 0; i < BUSY && (wait = dtls_next_timeout(end->ctx)) == 0; i++) {
        dtls_check_retransmit(end->ctx, NULL);
    }
    FUZZ_CHECK(wait != 0);
    return wait;
}

void world_advance(world_t *world, uint64_t ms)
{
    uint64_t until = world->now + ms;

    for (unsigned steps = 0; steps < 100 * BUSY; steps++) {
        uint64_t next = until;
        for (unsigned i = 0; i < ENDS; i++) {
            int wait = run_timers(&world->ends[i]);
            if (wait > 0 && world->now + (unsigned)wait < next) {
                next = world->now + (unsigned)wait;
            }
        }
        if (world->now == until) {
            return;
        }
        world->now = next;
    }
    fuzz_fail(__FILE__, __LINE__, "the timers run too often");
}

/* ---- beginning and end ---- */

/* The bytes are the configuration of both ends. bytes[4] is the stage, bytes[5] the seed of the
 * random bytes; of bytes[6] see also world_start() and keyed.c. */
static void configure(world_t *world, end_t *end, const uint8_t bytes[8])
{
    static const uint16_t versions[] = {0, VERSION_12, VERSION_13, 0};
    static const uint16_t groups[] = {0, 29, 23, 256};
    static const size_t mtus[] = {1232, 256, 500, 16000};
    dtls_config_t *config = &end->config;
    size_t suites = 0;

    dtls_config_init(config);
    hooks_set(end);
    config->only_version = versions[bytes[0] & 3];
    config->cookie = (dtls_cookie_t)((bytes[0] >> 2) % 3);
    config->use_cid = bytes[0] & 16;
    config->cid_length = bytes[0] & 32 ? CID_LENGTH : 0;
    config->heartbeat = bytes[0] & 64;
    config->tickets = bytes[0] & 128;
    config->half_close = bytes[1] & 1;
    config->import_psk = bytes[1] & 2;
    config->early_data = bytes[1] & 4 ? 1000 : 0;
    config->ems = (dtls_ems_t)((bytes[1] >> 3 & 3) % 3);
    config->record_size_limit = bytes[1] & 32 ? 100 : 0;
    config->sessions = bytes[1] & 64 ? 4 : 0;
    config->cid_move_newest = bytes[1] & 128;
    while (dtls_suite_at(suites) != 0) {
        suites++;
    }
    world->suite = dtls_suite_at((bytes[2] - 1U) % suites);
    config->suites = bytes[2] ? &world->suite : NULL;
    config->suite_count = bytes[2] != 0;
    config->key_exchange = (dtls_ke_t)(bytes[3] & 3);
    world->group = groups[bytes[3] >> 2 & 3];
    config->groups = world->group ? &world->group : NULL;
    config->group_count = world->group != 0;
    config->mtu = mtus[bytes[3] >> 4 & 3];
    config->idle_ms = bytes[3] & 64 ? 3000 : 0;
    config->max_peers = config->max_half_open = bytes[3] & 128 ? 2 : 256;
    config->rekey_after = bytes[6] & 2 ? 3 : 0;
    config->cid = config->cid_length > 0 ? world->cid : NULL;
    end->wrong_key = end->number == 1 && bytes[6] & 1;
    end->random = bytes[5] * 2U + end->number + 1;
}

bool world_start(world_t *world, const roles_t *roles, input_t *input)
{
    uint8_t bytes[8];

    memset(world, 0, sizeof(*world));
    world->now = START;
    world->sequence = 200;
    world->forgeable = roles->forgeable;
    memcpy(world->cid, "\1\2\3\4", CID_LENGTH);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = input_byte(input);
    }
    for (unsigned i = 0; i < ENDS; i++) {
        end_t *end = &world->ends[i];
        end->world = world;
        end->number = i;
        configure(world, end, bytes);
        end->config.accept = roles->accept[i];
        end->ctx = dtls_new_context_config(end, &end->config);
        if (!end->ctx) {
            return false;
        }
        dtls_set_handler(end->ctx, &world_handler);
    }
    for (unsigned i = 0; i < ENDS; i++) {
        session_t other = world_address(!i);
        if (roles->connect[i] && !(bytes[6] & 4)) {
            dtls_connect(world->ends[i].ctx, &other);
        }
    }
    /* The stage: how many datagrams the ends exchange before the first operation. */
    for (unsigned i = 0; i < bytes[4] % 32U && world_exchange(world); i++) {
    }
    return true;
}

static void close_all(end_t *end)
{
    for (unsigned i = 0; i < ADDRESSES; i++) {
        session_t session = world_address(i);
        if (end->ledger[i].open) {
            dtls_close(end->ctx, &session);
        }
    }
}

static void check_end(const end_t *end)
{
    FUZZ_CHECK(end->live == 0 && end->live_bytes == 0);
    FUZZ_CHECK(end->unwiped == 0);
}

void world_end(world_t *world)
{
    bool started = world->ends[ENDS - 1].ctx != NULL;

    world->call = NULL;
    for (unsigned i = 0; started && i < ENDS; i++) {
        world->ends[i].refuse_writes = false;
        dtls_set_handler(world->ends[i].ctx, &world_handler);
        close_all(&world->ends[i]);
    }
    if (started) {
        world_advance(world, TO_END_MS);
        world_check(world);
    }
    for (unsigned i = 0; i < ENDS; i++) {
        end_t *end = &world->ends[i];
        for (unsigned k = 0; started && k < ADDRESSES; k++) {
            FUZZ_CHECK(!end->ledger[k].open);
        }
        if (started) {
            check_counts(end);
        }
        end->ending = true;
        dtls_free_context(end->ctx);
        check_end(end);
    }
    for (size_t i = 0; i < PACKETS; i++) {
        free(world->packets[i].data);
    }
}
