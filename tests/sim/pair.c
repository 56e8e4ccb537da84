/*
 * pair.c - two ends with random features on a random network. They negotiate what their features
 * predict, exchange data, and end. Then the client connects again, if it can with a session.
 *
 *     build/tests/sim/pair                  the seeds from 1 on; SEEDS=10 tries ten times as many
 *     SEED=7 build/tests/sim/pair           only this seed
 *     SEED=7 COUNT=100 build/tests/sim/pair these seeds
 *     SEED=7 TRACE=1 build/tests/sim/pair   the features and all that is sent, on stderr
 */
#include "common_features.h"
#include "common_tracing.h"
#include "conn/state.h"
#include "jar.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 2000, MESSAGES = 400, CONTENT = 16384, EXPORT = 32, ROUNDS = 3, SECRETS = 64 };
enum { CLIENT, SERVER };
enum { CIDS = 6 }; /* fewer than an association stores, in addition to the first */
/* More than the handshake's 60 s, and then until both are silent. */
enum { HANDSHAKE_MS = 62000, QUIET_MS = 4000, IDLE_MS = 90000, END_MS = 400000 };
/* At most this number of datagrams is sent in a pair: a busy timer sends more. */
enum { PACKETS = 20000 };
/* A longer ClientHello of DTLS 1.3 needs a longer identity or share than those of the features. */
enum { HELLO13_LONGEST = 1232 };

typedef struct {
    const node_t *from;
    size_t length;
    unsigned delivered;
    bool early;
    unsigned round;
} sent_t;

/* What happens to the datagrams of both ends, besides loss, duplication and reordering. */
typedef struct {
    unsigned corrupt;  /* percent */
    size_t size_limit; /* longer datagrams are lost; 0: none */
    bool lossless;
} path_t;

typedef struct {
    net_t *net;
    node_t *nodes[2];
    features_t features[2];
    prediction_t prediction;
    path_t path;
    jar_t jar;
    session_t client_name; /* the client's address, as the server knows it */
    unsigned port;
    bool hello_too_long; /* the path does not carry the ClientHello, which is not fragmented */
    bool was_aborted;    /* the round before ended with a fatal alert */
    bool ordered;        /* the path of the handshake kept the order of datagrams */
    bool resumes;        /* the client offers to resume the session of the round before */
    bool lossless;       /* no datagram of this round was lost */
    bool cut; /* the client's address has changed, and the server cannot recognize the client */
    unsigned round, aborted[2], issued[2];
    size_t begun[2], ended[2]; /* events before this round */
    size_t ended_before_exchange[2];
    sent_t sent[MESSAGES];
    size_t sent_count;
    uint8_t exported[ROUNDS][EXPORT];
} pair_t;

static uint8_t secrets[SECRETS][EXPORT]; /* exported by the latest handshakes of all seeds */
static size_t secret_count;

static node_t *other(const pair_t *pair, const node_t *node)
{
    return pair->nodes[node == pair->nodes[CLIENT] ? SERVER : CLIENT];
}

/* Returns the name of a node's peer. */
static session_t *peer_of(pair_t *pair, const node_t *node)
{
    return node == pair->nodes[CLIENT] ? &pair->nodes[SERVER]->address : &pair->client_name;
}

static unsigned pick(const pair_t *pair, size_t below)
{
    return (unsigned)net_random(pair->net, below);
}

/* ---- the network ---- */

static void carry(net_t *net, net_packet_t *packet)
{
    pair_t *pair = net->user;
    wire_record_t record;

    if (pair->path.size_limit && packet->length > pair->path.size_limit) {
        packet->copies = 0;
        if (wire_find(packet, CLIENT_HELLO, &record))
            pair->hello_too_long = true;
    }
    if (packet->length > 0 && pair->path.corrupt && pick(pair, 100) < pair->path.corrupt) {
        size_t place = pick(pair, packet->length);

        packet->data[place] = (uint8_t)(packet->data[place] ^ (1 + pick(pair, 255)));
    }
    CHECK(net->packet_count < PACKETS);
    tracing_packet(packet);
}

static void set_path(pair_t *pair, bool bad, bool may_corrupt)
{
    pair->path = (path_t){.lossless = true};
    for (size_t i = 0; i < 2; i++) {
        node_t *node = pair->nodes[i];

        node->delay = pick(pair, 2) ? pick(pair, 5) : pick(pair, 120);
        node->reorder = pick(pair, 3) ? 0 : pick(pair, 30);
        node->reorder_ms = 1 + pick(pair, 40);
        node->duplicate = pick(pair, 3) ? 0 : pick(pair, 30);
        node->loss = bad && pick(pair, 3) ? pick(pair, 25) : 0;
    }
    if (bad && pick(pair, 3) == 0)
        pair->path.size_limit = 508 + pick(pair, 1000);
    if (bad && may_corrupt)
        pair->path.corrupt = pick(pair, 20);
    pair->path.lossless = !bad;
    pair->lossless = pair->lossless && !bad;
}

/* A NAT gives the client another address. */
static void change_address(pair_t *pair)
{
    net_address(&pair->nodes[CLIENT]->address, ++pair->port);
    pair->lossless = false; /* what is under way to the old address */
    tracing("the client's port is now %u", pair->port);
}

/* ---- data ---- */

static uint8_t content(size_t serial, size_t at)
{
    return (uint8_t)(at < 4 ? serial >> 8 * at : serial * 31 + at * (1 + serial % 7));
}

static int on_read(node_t *node, session_t *from, uint8_t *data, size_t length)
{
    pair_t *pair = node->net->user;
    size_t serial = 0;

    (void)from;
    CHECK(length >= 4);
    for (size_t i = 0; i < 4; i++) {
        serial |= (size_t)data[i] << 8 * i;
    }
    tracing("the %s receives message %zu", node->name, serial);
    CHECK(serial < pair->sent_count);
    sent_t *sent = &pair->sent[serial];
    CHECK(sent->from == other(pair, node));
    CHECK_EQ(length, sent->length);
    CHECK_EQ(sent->round, pair->round);
    for (size_t i = 0; i < length; i++) {
        CHECK_EQ(data[i], content(serial, i));
    }
    sent->delivered++;
    CHECK_EQ(sent->delivered, 1);
    return 0;
}

static void send_message(pair_t *pair, node_t *from, bool early)
{
    static uint8_t data[CONTENT];
    session_t *to = peer_of(pair, from);
    size_t most = dtls_max_payload(from->ctx, to), serial = pair->sent_count;

    if (most < 4 || serial == MESSAGES)
        return;
    size_t room = pick(pair, 4) ? 4 + most / 8 : most;
    size_t length = 4 + pick(pair, (room < most ? room : most) - 3);
    sent_t *sent = &pair->sent[pair->sent_count++];
    *sent = (sent_t){.from = from, .length = length, .early = early, .round = pair->round};
    for (size_t i = 0; i < length; i++) {
        data[i] = content(serial, i);
    }
    tracing("the %s sends message %zu, %zu bytes%s", from->name, serial, length,
            early ? ", early" : "");
    int result = early ? dtls_write_early(from->ctx, to, data, length)
                       : dtls_write(from->ctx, to, data, length);
    if (result == 0 && early)
        pair->sent_count--;
    else
        CHECK_EQ(result, length);
}

/* Of the data of this round: all that was written has been delivered. */
static void check_delivered(const pair_t *pair, dtls_early_t early)
{
    for (size_t i = 0; i < pair->sent_count; i++) {
        const sent_t *sent = &pair->sent[i];

        if (sent->round == pair->round && !sent->early && pair->path.lossless && !pair->cut) {
            NOTE("SEED=%u build/tests/sim/pair: message %zu", (unsigned)pair->net->seed, i);
            CHECK_EQ(sent->delivered, 1);
        }
        if (sent->round != pair->round || !sent->early)
            continue;
        CHECK(sent->delivered == 0 || early == DTLS_EARLY_ACCEPTED);
        /* Early data that overtakes the ClientHello is lost. */
        if (pair->lossless && pair->ordered && early == DTLS_EARLY_ACCEPTED)
            CHECK_EQ(sent->delivered, 1);
    }
}

/* ---- events ---- */

static int on_event(node_t *node, session_t *session, int level, unsigned code)
{
    pair_t *pair = node->net->user;
    const dtls_info_t *info = &node->events[node->event_count - 1].info;

    tracing("the %s has the %s %#x, error %s, alert %u", node->name, level ? "alert" : "event",
            code, dtls_error_name(info->error), info->alert);
    if (level > 0)
        return 0;
    /* A copy of an old ClientHello may start another handshake. */
    if (code == DTLS_EVENT_CONNECTED && node == pair->nodes[SERVER])
        pair->client_name = *session;
    if (code == DTLS_EVENT_MOVED && node == pair->nodes[SERVER])
        pair->client_name = info->address;
    if (code == DTLS_EVENT_HALF_CLOSED)
        CHECK_EQ(dtls_close(node->ctx, session), 0);
    return 0;
}

static size_t begun(const pair_t *pair, unsigned side)
{
    return node_events(pair->nodes[side], DTLS_EVENT_CONNECT) - pair->begun[side];
}

static size_t ended(const pair_t *pair, unsigned side)
{
    return node_ends(pair->nodes[side]) - pair->ended[side];
}

static bool is_up(pair_t *pair, unsigned side)
{
    dtls_info_t info;
    const node_t *node = pair->nodes[side];

    return dtls_get_info(node->ctx, peer_of(pair, node), &info) == 0 && info.connected;
}

static dtls_info_t info_at(pair_t *pair, unsigned side)
{
    dtls_info_t info;

    CHECK_EQ(dtls_get_info(pair->nodes[side]->ctx, peer_of(pair, pair->nodes[side]), &info), 0);
    return info;
}

/* ---- handshake ---- */

static bool is_decided(net_t *net)
{
    pair_t *pair = net->user;

    return ended(pair, CLIENT) > 0 || (is_up(pair, CLIENT) && is_up(pair, SERVER));
}

/* Both ends export the same secret, which no handshake before this one had. */
static void check_secret(pair_t *pair)
{
    uint8_t *ours = pair->exported[pair->round], theirs[EXPORT];
    const node_t *client = pair->nodes[CLIENT], *server = pair->nodes[SERVER];
    int expected = info_at(pair, CLIENT).version == DTLS13 || info_at(pair, CLIENT).ems
                       ? 0
                       : -(int)DTLS_ERR_STATE;

    CHECK_EQ(dtls_export(client->ctx, &server->address, "EXPORTER-pair", NULL, 0, ours, EXPORT),
             expected);
    CHECK_EQ(dtls_export(server->ctx, &pair->client_name, "EXPORTER-pair", NULL, 0, theirs, EXPORT),
             expected);
    if (expected)
        return;
    CHECK_MEM(ours, theirs, EXPORT);
    for (size_t i = 0; i < SECRETS && i < secret_count; i++) {
        CHECK(memcmp(ours, secrets[i], EXPORT) != 0);
    }
    memcpy(secrets[secret_count++ % SECRETS], ours, EXPORT);
}

/* Returns true if nothing keeps the ends from resuming the session. A fatal alert forbids it (RFC
 * 5246 section 7.2.2). A ClientHello that does not fit a datagram is sent without the session, and
 * a ticket has no room for a long identity. */
static bool may_resume(const pair_t *pair)
{
    const features_t *client = &pair->features[CLIENT];

    return !pair->was_aborted && client->identity_length <= 200 && client->mtu >= HELLO13_LONGEST;
}

static void check_agreement(pair_t *pair)
{
    const prediction_t *p = &pair->prediction;
    dtls_info_t client = info_at(pair, CLIENT), server = info_at(pair, SERVER);

    CHECK_EQ(client.version, p->version);
    CHECK_EQ(server.version, p->version);
    CHECK_EQ(client.suite, p->suite);
    CHECK_EQ(server.suite, p->suite);
    CHECK_EQ(client.resumed, server.resumed);
    CHECK_EQ(client.group, client.resumed && p->version == DTLS12 ? 0 : p->group);
    CHECK_EQ(server.group, client.group);
    CHECK_EQ(client.ems, p->ems);
    CHECK_EQ(server.ems, p->ems);
    CHECK_EQ(client.heartbeat, p->heartbeat);
    CHECK_EQ(server.heartbeat, p->heartbeat);
    CHECK_EQ(client.cid_in, p->client_cid);
    CHECK_EQ(server.cid_out, p->client_cid);
    CHECK_EQ(client.cid_out, p->server_cid);
    CHECK_EQ(server.cid_in, p->server_cid);
    CHECK_EQ(client.early_data == DTLS_EARLY_ACCEPTED, server.early_data == DTLS_EARLY_ACCEPTED);
    CHECK_EQ(server.identity_length, pair->features[CLIENT].identity_length);
    CHECK_MEM(server.identity, pair->nodes[CLIENT]->identity, server.identity_length);
    CHECK_EQ(client.error, DTLS_ERR_NONE);
    CHECK_EQ(server.error, DTLS_ERR_NONE);
    if (!pair->resumes)
        CHECK(!client.resumed);
    else if (pair->lossless && may_resume(pair))
        CHECK(client.resumed);
    check_secret(pair);
}

/* A client of both versions offers only DTLS 1.2 if a ClientHello with DTLS 1.3 exceeds its MTU. */
static void predict(pair_t *pair)
{
    features_t client = pair->features[CLIENT];
    const node_t *node = pair->nodes[CLIENT];
    const struct conn *conn = dtls_get_peer(node->ctx, &pair->nodes[SERVER]->address)->conn;

    pair->prediction = features_predict(&client, &pair->features[SERVER]);
    if (!conn->hs->offer.v13 && client.version == BOTH_VERSIONS && client.mtu < HELLO13_LONGEST) {
        client.version = DTLS12;
        pair->prediction = features_predict(&client, &pair->features[SERVER]);
    }
    tracing("expected reasons of failure: %#x", pair->prediction.reasons);
}

/* Returns true if this end of the client is the one that dtls.h documents for the reason. A client
 * that requires extended_master_secret finds out by itself that the server has none. */
static bool is_end_for(const pair_t *pair, reason_t reason, const dtls_info_t *end)
{
    bool own = pair->features[CLIENT].ems == DTLS_EMS_REQUIRE;

    switch (reason) {
    case BECAUSE_VERSION:
        return end->error == DTLS_ERR_ALERT && end->alert == DTLS_ALERT_PROTOCOL_VERSION;
    case BECAUSE_KEY:
        return end->error == DTLS_ERR_WRONG_PSK &&
               end->alert == (pair->prediction.version == DTLS13 ? DTLS_ALERT_DECRYPT_ERROR
                                                                 : DTLS_ALERT_BAD_RECORD_MAC);
    case BECAUSE_EMS:
        return end->error == (own ? DTLS_ERR_NO_EXTENDED_MASTER_SECRET : DTLS_ERR_ALERT) &&
               end->alert == DTLS_ALERT_HANDSHAKE_FAILURE;
    default: return end->error == DTLS_ERR_ALERT && end->alert == DTLS_ALERT_HANDSHAKE_FAILURE;
    }
}

static bool is_predicted_end(const pair_t *pair, const dtls_info_t *end)
{
    for (unsigned reason = 1; reason <= BECAUSE_KEY; reason *= 2) {
        if (pair->prediction.reasons & reason && is_end_for(pair, (reason_t)reason, end))
            return true;
    }
    return false;
}

static void check_failure(const pair_t *pair)
{
    const node_t *client = pair->nodes[CLIENT];
    const net_event_t *end = node_last_end(client);

    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(node_events(pair->nodes[SERVER], DTLS_EVENT_CONNECTED), 0);
    CHECK_EQ(ended(pair, CLIENT), begun(pair, CLIENT));
    CHECK_EQ(ended(pair, SERVER), begun(pair, SERVER));
    CHECK(end != NULL);
    if (pair->lossless) {
        CHECK_EQ(end->code, DTLS_EVENT_FAILED);
        CHECK(is_predicted_end(pair, &end->info));
    }
}

/* Returns true if the server may not resend its first flight to an address that is not validated. */
static bool may_not_resend(const pair_t *pair)
{
    const features_t *server = &pair->features[SERVER];

    return server->cookie != DTLS_COOKIE_ON && server->mtu < 508;
}

/* Returns true if both ends are connected. */
static bool perform_handshake(pair_t *pair)
{
    node_t *client = pair->nodes[CLIENT], *server = pair->nodes[SERVER];
    bool corrupt = pick(pair, 10) == 0, moves = pick(pair, 20) == 0;
    jar_t *jar = &pair->jar;

    set_path(pair, corrupt || pick(pair, 2), corrupt);
    pair->ordered = client->reorder == 0;
    pair->client_name = client->address;
    pair->resumes = jar->length > 0 && pick(pair, 8) > 0;
    int result = pair->resumes
                     ? dtls_resume(client->ctx, &server->address, jar->state, jar->length, 100)
                     : dtls_connect(client->ctx, &server->address);
    CHECK(result > 0);
    predict(pair);
    jar->length = 0;
    for (unsigned i = pick(pair, 4); i > 0; i--) {
        if (pair->features[CLIENT].early)
            send_message(pair, client, true);
    }
    if (moves) {
        net_run(pair->net, pick(pair, 100));
        change_address(pair);
    }
    bool up = net_until(pair->net, is_decided, HANDSHAKE_MS) && ended(pair, CLIENT) == 0;
    pair->cut = up && !pair->prediction.server_cid &&
                !dtls_session_equals(&pair->client_name, &client->address);
    if (!pair->prediction.connects) {
        CHECK(!up);
        net_run(pair->net, HANDSHAKE_MS);
        check_failure(pair);
    } else if (!up) {
        CHECK(pair->path.corrupt || moves || pair->hello_too_long || may_not_resend(pair));
    }
    return up;
}

/* ---- after the handshake ---- */

static bool is_allowed(int result)
{
    return result >= 0 || result == -(int)DTLS_ERR_STATE || result == -(int)DTLS_ERR_TOO_LONG;
}

/* A copy of an earlier datagram, or one of random bytes. */
static void attack(pair_t *pair)
{
    net_t *net = pair->net;
    net_packet_t packet = net->packets[net_random(net, net->packet_count)];
    uint8_t junk[100];

    tracing("an attacker sends a datagram");
    /* A copy of a ClientHello may start a handshake at the address to which the client moves. */
    pair->lossless = pair->path.lossless = false;
    if (pick(pair, 2)) {
        net_inject(packet.to ? packet.to : pair->nodes[SERVER], &packet.from->address, packet.data,
                   packet.length);
        return;
    }
    for (size_t i = 0; i < sizeof(junk); i++) {
        junk[i] = (uint8_t)pick(pair, 256);
    }
    junk[0] = (uint8_t)(20 + pick(pair, 40));
    net_inject(pair->nodes[SERVER], &pair->client_name, junk, sizeof(junk));
}

static void move(pair_t *pair)
{
    if (pair->prediction.server_cid && is_up(pair, SERVER)) {
        change_address(pair);
        /* The first record may arrive while another address is checked. */
        for (unsigned i = 0; i < 2; i++) {
            send_message(pair, pair->nodes[CLIENT], false);
            net_run(pair->net, QUIET_MS);
        }
        if (pair->path.lossless)
            CHECK_EQ(net_port(&pair->client_name), pair->port);
    } else if (pick(pair, 6) == 0) {
        change_address(pair);
        pair->cut = true;
    }
}

/* Returns true if a node may issue another connection ID. When it has too many, it retires the
 * oldest, and loses the records that are on their way with that ID. */
static bool issues(pair_t *pair, const node_t *node)
{
    return pair->issued[node == pair->nodes[SERVER]]++ < CIDS;
}

static void act(pair_t *pair, node_t *node)
{
    session_t *peer = peer_of(pair, node);
    dtls_context_t *ctx = node->ctx;

    switch (pick(pair, 20)) {
    case 0: CHECK(is_allowed(dtls_heartbeat(ctx, peer, (const uint8_t *)"beat", 4))); break;
    case 1:
    case 2: CHECK(is_allowed(dtls_update_keys(ctx, peer, pick(pair, 2)))); break;
    case 3:
        if (issues(pair, node))
            CHECK(is_allowed(dtls_new_cid(ctx, peer)));
        break;
    case 4:
        if (issues(pair, other(pair, node)))
            CHECK(is_allowed(dtls_request_cids(ctx, peer, 1)));
        break;
    case 5: CHECK(is_allowed(dtls_probe_mtu(ctx, peer, 256 + pick(pair, 2000)))); break;
    case 6: move(pair); break;
    case 7: CHECK(is_allowed(dtls_ping(ctx, peer, (const uint8_t *)"ping", 4))); break;
    case 8: net_run(pair->net, pick(pair, 5000)); break;
    case 9: attack(pair); break;
    default: send_message(pair, node, false);
    }
}

static void check_stats(pair_t *pair)
{
    dtls_stats_t stats[2];

    for (unsigned side = 0; side < 2; side++) {
        const node_t *node = pair->nodes[side];
        uint64_t out = 0, bytes_out = 0, in = 0, bytes_in = 0;

        CHECK_EQ(dtls_get_stats(node->ctx, peer_of(pair, node), &stats[side]), 0);
        for (size_t i = 0; i < pair->sent_count; i++) {
            const sent_t *sent = &pair->sent[i];

            if (sent->round == pair->round && sent->from == node) {
                out++;
                bytes_out += sent->length;
            } else if (sent->round == pair->round && sent->delivered) {
                in++;
                bytes_in += sent->length;
            }
        }
        NOTE("SEED=%u build/tests/sim/pair: counts of the %s", (unsigned)pair->net->seed,
             node->name);
        CHECK_EQ(stats[side].records_out, out);
        CHECK_EQ(stats[side].bytes_out, bytes_out);
        CHECK_EQ(stats[side].records_in, in);
        CHECK_EQ(stats[side].bytes_in, bytes_in);
        CHECK_EQ(stats[side].write_failed, 0);
        CHECK_EQ(stats[side].replayed, stats[side].dropped[DTLS_DROP_REPLAYED]);
        if (pair->lossless)
            CHECK_EQ(stats[side].lost, 0);
        CHECK(stats[side].octets_in >= stats[side].bytes_in);
        CHECK(stats[side].octets_out >= stats[side].bytes_out);
    }
}

static void exchange(pair_t *pair)
{
    set_path(pair, pick(pair, 2), true);
    if (!dtls_session_equals(&pair->client_name, &pair->nodes[CLIENT]->address))
        pair->path.lossless = false; /* the server does not know the client's address yet */
    for (unsigned side = 0; side < 2; side++) {
        pair->ended_before_exchange[side] = node_ends(pair->nodes[side]);
    }
    for (unsigned i = pick(pair, 25); i > 0 && !pair->cut; i--) {
        act(pair, pair->nodes[pick(pair, 2)]);
        net_run(pair->net, pick(pair, 40));
    }
    net_run(pair->net, QUIET_MS);
    if (pair->cut)
        return;
    CHECK_EQ(node_ends(pair->nodes[CLIENT]), pair->ended_before_exchange[CLIENT]);
    CHECK_EQ(node_ends(pair->nodes[SERVER]), pair->ended_before_exchange[SERVER]);
    CHECK(is_up(pair, CLIENT) && is_up(pair, SERVER));
    check_delivered(pair, info_at(pair, CLIENT).early_data);
    check_stats(pair);
}

/* ---- the end ---- */

static void abort_from(pair_t *pair, unsigned side)
{
    CHECK_EQ(dtls_abort(pair->nodes[side]->ctx, peer_of(pair, pair->nodes[side]),
                        DTLS_ALERT_ACCESS_DENIED),
             0);
    pair->aborted[side]++;
}

typedef enum { BY_CLIENT, BY_SERVER, BY_BOTH, BY_ABORT, BY_SILENCE, WAYS } way_t;

/* Returns the end of the association of this round. Another one may have begun after it: a copy of
 * an old ClientHello starts a handshake at a server without cookies. */
static const net_event_t *first_end(const pair_t *pair, unsigned side)
{
    const node_t *node = pair->nodes[side];
    size_t before = pair->ended_before_exchange[side];

    for (size_t i = 0; i < node->event_count; i++) {
        const net_event_t *event = &node->events[i];

        if (event->level == 0 &&
            (event->code == DTLS_EVENT_CLOSED || event->code == DTLS_EVENT_FAILED ||
             event->code == DTLS_EVENT_TIMEOUT) &&
            before-- == 0)
            return event;
    }
    return NULL;
}

static void check_end(const pair_t *pair, way_t way, unsigned side)
{
    const net_event_t *end = first_end(pair, side);

    if (!pair->path.lossless || pair->cut)
        return;
    switch (way) {
    case BY_CLIENT:
    case BY_SERVER:
    case BY_BOTH:
        CHECK_EQ(end->code, DTLS_EVENT_CLOSED);
        CHECK(end->info.alert_received || side == (unsigned)way || way == BY_BOTH);
        break;
    case BY_ABORT:
        if (!pair->aborted[side]) {
            CHECK_EQ(end->code, DTLS_EVENT_FAILED);
            CHECK_EQ(end->info.error, DTLS_ERR_ALERT);
            CHECK_EQ(end->info.alert, DTLS_ALERT_ACCESS_DENIED);
            CHECK(end->info.alert_authenticated);
        }
        break;
    default:
        CHECK(first_end(pair, CLIENT)->code == DTLS_EVENT_TIMEOUT ||
              first_end(pair, SERVER)->code == DTLS_EVENT_TIMEOUT);
    }
}

static void finish(pair_t *pair, bool up)
{
    way_t way = (way_t)pick(pair, WAYS);

    tracing("the end: way %d", (int)way);
    if (!up)
        way = BY_SILENCE;
    if (way == BY_CLIENT || way == BY_BOTH)
        CHECK_EQ(dtls_close(pair->nodes[CLIENT]->ctx, peer_of(pair, pair->nodes[CLIENT])), 0);
    if (way == BY_SERVER || way == BY_BOTH)
        CHECK_EQ(dtls_close(pair->nodes[SERVER]->ctx, peer_of(pair, pair->nodes[SERVER])), 0);
    if (way == BY_ABORT)
        abort_from(pair, pick(pair, 2));
    net_run(pair->net, END_MS);
    for (unsigned side = 0; side < 2; side++) {
        node_t *node = pair->nodes[side];

        NOTE("SEED=%u build/tests/sim/pair: end of the %s, way %d", (unsigned)pair->net->seed,
             node->name, (int)way);
        CHECK_EQ(ended(pair, side) + pair->aborted[side], begun(pair, side));
        CHECK(dtls_get_peer(node->ctx, peer_of(pair, node)) == NULL);
        CHECK_EQ(dtls_next_timeout(node->ctx), -1);
        if (up)
            check_end(pair, way, side);
    }
}

static void begin_round(pair_t *pair, unsigned round)
{
    pair->round = round;
    pair->cut = false;
    pair->lossless = true;
    pair->hello_too_long = false;
    pair->was_aborted = pair->aborted[CLIENT] + pair->aborted[SERVER] > 0;
    for (unsigned side = 0; side < 2; side++) {
        pair->aborted[side] = pair->issued[side] = 0;
        pair->begun[side] = node_events(pair->nodes[side], DTLS_EVENT_CONNECT);
        pair->ended[side] = node_ends(pair->nodes[side]);
    }
}

/* Connects, exchanges data and ends. Returns false if the ends cannot connect. */
static bool live(pair_t *pair, unsigned round)
{
    begin_round(pair, round);
    bool up = perform_handshake(pair);
    if (up) {
        check_agreement(pair);
        exchange(pair);
    }
    finish(pair, up);
    return up;
}

static void configure(pair_t *pair)
{
    static const char *const names[] = {"client", "server"};

    features_draw(pair->net, &pair->features[CLIENT], &pair->features[SERVER]);
    pair->prediction = features_predict(&pair->features[CLIENT], &pair->features[SERVER]);
    for (unsigned side = 0; side < 2; side++) {
        node_t *node = pair->nodes[side];

        if (tracing_is_on())
            features_print(names[side], &pair->features[side]);
        features_configure(node, &pair->features[side]);
        node->config.idle_ms = IDLE_MS;
        node->on_read = on_read;
        node->on_event = on_event;
        tracing_use(node);
    }
    if (pair->features[CLIENT].tickets)
        jar_use(pair->nodes[CLIENT], &pair->jar);
}

static void run(unsigned seed)
{
    static pair_t pair;

    memset(&pair, 0, sizeof(pair));
    net_ecdhe = true; /* no default key exchange of the node's own */
    pair.net = net_pair(seed, &pair.nodes[CLIENT], &pair.nodes[SERVER]);
    pair.net->user = &pair;
    pair.net->tap = carry;
    pair.port = 50000;
    tracing_start(pair.net);
    configure(&pair);
    CHECK_EQ(node_start(pair.nodes[CLIENT]), pair.prediction.client_starts);
    CHECK_EQ(node_start(pair.nodes[SERVER]), pair.prediction.server_starts);
    if (pair.nodes[CLIENT]->ctx && pair.nodes[SERVER]->ctx) {
        for (unsigned round = 0; round < ROUNDS && live(&pair, round); round++) {
            NOTE("SEED=%u build/tests/sim/pair", seed);
        }
    }
    net_end(pair.net);
}

/* ---- seeds ---- */

static unsigned number(const char *name, unsigned without)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : without;
}

/* Runs the seeds from *seed to last in a child process, which counts *seed up. Returns true if the
 * child has completed all of them. */
static bool run_in_child(volatile unsigned *seed, unsigned last)
{
    int status;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        for (; *seed <= last; (*seed)++) {
            NOTE("SEED=%u build/tests/sim/pair", *seed);
            run(*seed);
        }
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        printf("not ok random_pairs - SEED=%u build/tests/sim/pair: signal %d\n", *seed,
               WTERMSIG(status));
    return status == 0;
}

/* A seed that fails, or that crashes, does not keep the others from running. */
TEST(random_pairs)
{
    unsigned first = number("SEED", 1);
    unsigned count = number("COUNT", getenv("SEED") ? 1 : test_seeds(SEEDS)), failed = 0;
    volatile unsigned *seed =
        mmap(NULL, sizeof(*seed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CHECK(seed != MAP_FAILED);
    for (*seed = first; *seed < first + count; (*seed)++) {
        failed += !run_in_child(seed, first + count - 1);
    }
    if (failed > 0)
        FAIL("%u of the seeds from %u to %u failed", failed, first, first + count - 1);
}
