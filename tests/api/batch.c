/*
 * batch.c - dtls_peer_write_batch() and dtls_handle_batch(): the same bytes, statistics and
 * callbacks as with one call for each datagram.
 */
#include "conn/datagram.h"
#include "net.h"

#include <string.h>

enum { PIECE = 100, COUNT = 150, LENGTH = COUNT * PIECE - 7, PING = 16, FROM_SEED = 7 };

static uint8_t data[LENGTH];
static const uint8_t ping[PING] = {1, 2, 3, 4};
static size_t calls, accepted;
static void (*inside)(dtls_peer_t *peer);

/* Sends the datagrams of a batch one by one, as long as `accepted` is not 0. */
static int on_batch(dtls_context_t *ctx, session_t *peer, uint8_t *datagrams, size_t length,
                    size_t segment)
{
    node_t *node = dtls_get_app_data(ctx);
    size_t at = 0;

    calls++;
    CHECK(dtls_callback_peer(ctx) == dtls_get_peer(ctx, peer));
    CHECK(length > 0 && length <= 65507 && segment <= length && length <= 64 * segment);
    for (; at < length && accepted > 0; at += segment, accepted--) {
        size_t left = length - at;

        CHECK(net_send(node, peer, datagrams + at, left < segment ? left : segment) > 0);
    }
    if (inside) {
        inside(dtls_callback_peer(ctx));
    }
    return at == 0 ? -1 : (int)(at < length ? at : length);
}

static uint16_t suite; /* the only cipher suite; 0: the default */
static uint64_t rekey_after;

/* Returns a connected pair of nodes with heartbeats. All pairs with one seed have the same keys. */
static net_t *connected(node_t **client, node_t **server, bool batches)
{
    net_t *net = net_pair(FROM_SEED, client, server);

    (*client)->config.heartbeat = (*server)->config.heartbeat = true;
    (*client)->config.use_cid = (*server)->config.use_cid = true;
    (*server)->config.cid_length = 4;
    (*client)->config.rekey_after = rekey_after;
    (*client)->config.suites = (*server)->config.suites = suite ? &suite : NULL;
    (*client)->config.suite_count = (*server)->config.suite_count = suite > 0;
    net_start(net);
    CHECK(net_connect(*client, *server, 10000));
    net_run(net, 1000);
    for (size_t i = 0; i < LENGTH; i++) {
        data[i] = (uint8_t)(i * i);
    }
    if (batches) {
        (*client)->ctx->handler.write_batch = on_batch;
    }
    calls = 0;
    accepted = SIZE_MAX;
    inside = NULL;
    return net;
}

static dtls_peer_t *peer_of(const node_t *node, const node_t *peer)
{
    return dtls_get_peer(node->ctx, &peer->address);
}

static void write_singles(const node_t *client, const node_t *server)
{
    dtls_peer_t *peer = peer_of(client, server);

    for (size_t at = 0; at < LENGTH; at += PIECE) {
        size_t length = LENGTH - at < PIECE ? LENGTH - at : PIECE;

        CHECK_EQ(dtls_peer_write(peer, data + at, length), length);
    }
}

static void check_same_packets(const net_t *a, const net_t *b)
{
    CHECK_EQ(a->packet_count, b->packet_count);
    for (size_t i = 0; i < a->packet_count; i++) {
        CHECK_EQ(a->packets[i].length, b->packets[i].length);
        CHECK_MEM(a->packets[i].data, b->packets[i].data, b->packets[i].length);
    }
}

static void check_arrived(const node_t *server)
{
    CHECK_EQ(server->message_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_MEM(server->messages[i].data, data + i * PIECE, server->messages[i].length);
    }
}

static void same_bytes(bool batches)
{
    node_t *client, *server, *other, *its_server;
    net_t *net = connected(&client, &server, batches);
    net_t *singles = connected(&other, &its_server, false);
    dtls_stats_t stats, expected;

    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, LENGTH, PIECE, NULL, 0), LENGTH);
    /* 64 datagrams, 64 and 22; with an update of the keys, 30, 64 and 56 */
    CHECK_EQ(calls, batches ? 3 : 0);
    write_singles(other, its_server);
    stats = node_stats(client, server);
    expected = node_stats(other, its_server);
    CHECK_MEM(&stats, &expected, sizeof(stats));
    net_run(net, 1000);
    net_run(singles, 1000);
    check_same_packets(net, singles);
    check_arrived(server);
    net_end(net);
    net_end(singles);
}

EACH_VERSION(batch_has_the_bytes_of_single_writes)
{
    same_bytes(true);
    same_bytes(false);
}

TEST(batch_with_cbc_has_the_bytes_of_single_writes)
{
    suite = 0x00ae;
    same_bytes(true);
    suite = 0;
}

/* The KeyUpdate comes after the same record. */
TEST(batch_that_updates_the_keys_has_the_bytes_of_single_writes)
{
    net_version = DTLS13;
    rekey_after = 30;
    same_bytes(true);
    rekey_after = 0;
    net_version = DTLS12;
}

/* The HeartbeatRequest is a second record in the last datagram, which is short, or a datagram of its
 * own after the last one, which is as long as the others. */
EACH_VERSION(request_is_in_the_last_datagram)
{
    static const struct {
        size_t length, piece, datagrams;
    } rows[] = {{7 * 500 + 20, 500, 8}, {8 * 500, 500, 9},   {300, 500, 1},
                {3 * 30, 30, 4},        {64 * 100, 100, 65}, {63 * 100 + 1, 100, 64}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        node_t *client, *server;
        net_t *net = connected(&client, &server, true);
        size_t before = client->sent;

        NOTE("row %zu", i);
        CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, rows[i].length, rows[i].piece,
                                       ping, PING),
                 rows[i].length);
        CHECK_EQ(client->sent - before, rows[i].datagrams);
        CHECK_EQ(info_of(client, server).unanswered, 1);
        net_run(net, 1000);
        CHECK_EQ(info_of(client, server).unanswered, 0);
        CHECK_EQ(server->message_count, (rows[i].length + rows[i].piece - 1) / rows[i].piece);
        net_end(net);
    }
}

/* The request fits in the last datagram exactly, or by one byte not. If the batch has more than one datagram, the last one
 * may be as long as the others, and otherwise as long as the MTU. */
EACH_VERSION(request_that_fits_exactly)
{
    for (unsigned row = 0; row < 4; row++) {
        unsigned more = row % 2, others = row / 2 * 7;
        node_t *client, *server;
        net_t *net = connected(&client, &server, true);
        const conn_t *conn = conn_of(client, server);
        const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
        size_t overhead = epoch->form->overhead(epoch), request = 3 + PING + 17 + overhead;
        size_t room = others > 0 ? 500 + overhead : client->config.mtu, before = client->sent;
        size_t last = room - request - overhead + more;

        NOTE("row %u", row);
        CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, others * 500 + last,
                                       others > 0 ? 500 : last, ping, PING),
                 others * 500 + last);
        CHECK_EQ(client->sent - before, others + 1 + more);
        net_end(net);
    }
}

EACH_VERSION(a_part_of_a_batch_is_accepted)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);
    dtls_peer_t *peer = peer_of(client, server);
    dtls_stats_t stats;

    accepted = 70;
    CHECK_EQ(dtls_peer_write_batch(peer, data, LENGTH, PIECE, ping, PING), 70 * PIECE);
    CHECK_EQ(dtls_peer_write_batch(peer, data, LENGTH, PIECE, ping, PING), -DTLS_ERR_WRITE);
    accepted = SIZE_MAX;
    CHECK_EQ(dtls_peer_write_batch(peer, data + 70 * PIECE, LENGTH - 70 * PIECE, PIECE, NULL, 0),
             LENGTH - 70 * PIECE);
    stats = node_stats(client, server);
    CHECK_EQ(stats.records_out, COUNT);
    CHECK_EQ(stats.bytes_out, LENGTH);
    CHECK_EQ(stats.write_failed, 58 + 64);
    CHECK_EQ(stats.datagrams_out, client->sent);
    CHECK_EQ(stats.octets_out, client->sent_bytes);
    net_run(net, 1000);
    check_arrived(server);
    net_end(net);
}

static void close_it(dtls_peer_t *peer)
{
    inside = NULL;
    CHECK_EQ(dtls_close(peer->ctx, dtls_peer_session(peer)), 0);
}

static void abort_it(dtls_peer_t *peer)
{
    inside = NULL;
    CHECK_EQ(dtls_abort(peer->ctx, dtls_peer_session(peer), DTLS_ALERT_INTERNAL_ERROR), 0);
}

/* Once the callback has closed or ended the association, nothing more is sent. */
EACH_VERSION(callback_ends_the_association)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);

    inside = close_it;
    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, LENGTH, PIECE, ping, PING),
             64 * PIECE);
    CHECK_EQ(calls, 1);
    CHECK_EQ(dtls_peer_write(peer_of(client, server), data, 1), -DTLS_ERR_STATE);
    net_run(net, 10000);
    CHECK_EQ(server->message_count, 64);
    net_end(net);

    net = connected(&client, &server, true);
    inside = abort_it;
    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, LENGTH, PIECE, ping, PING),
             64 * PIECE);
    CHECK_EQ(calls, 1);
    CHECK(!peer_of(client, server));
    net_run(net, 10000);
    net_end(net);
}

EACH_VERSION(batch_refuses_what_cannot_be_sent)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);
    dtls_peer_t *peer = peer_of(client, server);
    size_t most = dtls_peer_max_payload(peer), before = client->sent;

    CHECK_EQ(most, dtls_max_payload(client->ctx, &server->address));
    CHECK_EQ(dtls_peer_write_batch(NULL, data, 1, 1, NULL, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write_batch(peer, NULL, 1, 1, NULL, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write_batch(peer, data, 0, 1, NULL, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write_batch(peer, data, 1, 0, NULL, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write_batch(peer, data, 1, 1, ping, 1025), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_peer_write_batch(peer, data, LENGTH, most + 1, NULL, 0), -DTLS_ERR_TOO_LONG);
    CHECK_EQ(client->sent, before);
    CHECK_EQ(dtls_peer_write_batch(peer, data, most, LENGTH, NULL, 0), most);
    CHECK_EQ(dtls_peer_write_batch(peer, data, 2 * most + 1, most, NULL, 0), 2 * most + 1);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    CHECK_EQ(dtls_peer_write_batch(peer, data, 1, 1, NULL, 0), -DTLS_ERR_STATE);
    net_run(net, 10000);
    net_end(net);
}

/* A prefetch of any peers, also of unknown ones and of those that have ended, changes nothing. */
EACH_VERSION(prefetch_changes_nothing)
{
    enum { MANY = 3 * DTLS_PREFETCH_MAX };
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);
    session_t unknown = client->address;
    const session_t *addresses[MANY];
    dtls_peer_t *peers[MANY] = {NULL, peer_of(client, server)};
    size_t sent = client->sent + server->sent;

    unknown.addr.sin6.sin6_port ^= 1;
    for (size_t i = 0; i < MANY; i++)
        addresses[i] = i % 2 == 0 ? &unknown : &client->address;
    for (unsigned i = 0; i < 3; i++) {
        for (size_t count = 0; count <= MANY; count++) {
            dtls_prefetch(server->ctx, addresses, count);
            dtls_prefetch_peers(peers, count);
        }
        CHECK_EQ(client->sent + server->sent, sent);
        CHECK(
            net_echo(client, server)); /* from the second time on, the peers have used their keys */
        sent = client->sent + server->sent;
    }
    dtls_prefetch(NULL, addresses, 1);
    dtls_prefetch(server->ctx, NULL, 0);
    dtls_prefetch_peers(NULL, 0);
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(net, 10000);
    CHECK(!dtls_get_peer(server->ctx, &client->address));
    dtls_prefetch(server->ctx, addresses, MANY);
    net_end(net);
}

/* A batch of datagrams is passed in at once. */
EACH_VERSION(batch_is_received)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);
    static uint8_t all[65507];
    size_t length = 0, segment = 0, first = net->packet_count;
    dtls_stats_t stats;

    client->loss = 100;
    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, 64 * PIECE - 1, PIECE, NULL, 0),
             64 * PIECE - 1);
    for (size_t i = first; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];

        segment = segment > 0 ? segment : packet->length;
        memcpy(all + length, packet->data, packet->length);
        length += packet->length;
    }
    stats = node_stats(server, client);
    CHECK_EQ(dtls_handle_batch(server->ctx, &client->address, all, length, 0), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_handle_batch(server->ctx, &client->address, all, length, segment), 0);
    CHECK_EQ(server->message_count, 64);
    CHECK_EQ(node_stats(server, client).datagrams_in, stats.datagrams_in + 64);
    CHECK_EQ(node_stats(server, client).octets_in, stats.octets_in + length);
    CHECK_EQ(server->messages[63].length, PIECE - 1);
    client->loss = 0;
    net_end(net);
}

static void abort_soon(dtls_peer_t *peer)
{
    if (calls == 2)
        abort_it(peer);
}

/* The HeartbeatRequest needs a batch of its own, whose predecessor ends the association. */
EACH_VERSION(callback_ends_the_association_before_the_request)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);

    inside = abort_soon;
    CHECK_EQ(
        dtls_peer_write_batch(peer_of(client, server), data, 2 * 64 * PIECE, PIECE, ping, PING),
        2 * 64 * PIECE);
    CHECK_EQ(calls, 2);
    CHECK(!peer_of(client, server));
    net_run(net, 10000);
    net_end(net);
}

EACH_VERSION(no_memory_for_a_batch)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);

    uint8_t *spare = datagram_get_buffer(client->ctx);

    client->fail_at = client->allocations + 1;
    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, LENGTH, PIECE, NULL, 0),
             -DTLS_ERR_MEMORY);
    datagram_release_buffer(client->ctx, spare);
    CHECK_EQ(dtls_peer_write_batch(peer_of(client, server), data, LENGTH, PIECE, NULL, 0), LENGTH);
    net_run(net, 1000);
    check_arrived(server);
    net_end(net);
}

/* The last record that the key permits is sent, and the next one ends the association. */
TEST(batch_ends_at_the_limit_of_the_key)
{
    node_t *client, *server;
    net_t *net = connected(&client, &server, true);
    dtls_peer_t *peer = peer_of(client, server);

    epoch_t *epoch = conn_write_epoch(peer->conn, 1);

    epoch->sequence = epoch->suite->seal_limit - 10;
    CHECK_EQ(dtls_peer_write_batch(peer, data, LENGTH, PIECE, NULL, 0), 10 * PIECE);
    CHECK_EQ(dtls_peer_write_batch(peer, data, LENGTH, PIECE, NULL, 0), -DTLS_ERR_KEY_LIMIT);
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_KEY_LIMIT);
    net_run(net, 10000);
    net_end(net);
}
