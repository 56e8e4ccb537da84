/*
 * unacked.c - post-handshake messages of DTLS 1.3 to a peer that never acknowledges them.
 */
#include "conn/state.h"
#include "net.h"

enum { LIMIT = 60000, TEN_MINUTES = 600000 };
enum { CID = 4, AROUND = 1 + CID + 2 + 2 + 1 + 16 }; /* header, content type and tag of a record */

static const struct {
    const char *name;
    post_t post;
} messages[] = {{"ticket", POST_TICKET},
                {"key update", POST_KEY_UPDATE},
                {"new ID", POST_NEW_CID},
                {"request for IDs", POST_REQUEST_CID}};

#define EACH_MESSAGE(i)                                                                            \
    size_t i = 0;                                                                                  \
    i < sizeof messages / sizeof *messages;                                                        \
    i++

/* In DTLS 1.3 the content type is encrypted. The length identifies an ACK, because no data here has
 * that length. */
static void lose_acks(net_t *net, net_packet_t *packet)
{
    bool hidden = (packet->data[0] & 0xe0) == 0x20 && packet->length > AROUND + 2;

    if (packet->from == net->user && hidden && (packet->length - AROUND) % 16 == 2)
        packet->copies = 0;
}

/* Makes a server that has sent a message to a client. All ACKs of the client are lost. */
static net_t *with_message(size_t i, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);
    const post_t post = messages[i].post;

    NOTE("%s", messages[i].name);
    (*client)->config.only_version = (*server)->config.only_version = DTLS13;
    (*client)->config.use_cid = (*server)->config.use_cid = true;
    (*client)->config.cid_length = (*server)->config.cid_length = CID;
    (*server)->config.tickets = post == POST_TICKET;
    net->user = *client;
    net->tap = lose_acks;
    net_start(net);
    CHECK(net_connect(*client, *server, 1000));
    switch (post) {
    case POST_KEY_UPDATE:
        CHECK(dtls_update_keys((*server)->ctx, &(*client)->address, false) >= 0);
        break;
    case POST_NEW_CID: CHECK_EQ(dtls_new_cid((*server)->ctx, &(*client)->address), 0); break;
    case POST_REQUEST_CID:
        CHECK_EQ(dtls_request_cids((*server)->ctx, &(*client)->address, 1), 0);
        break;
    default: break;
    }
    CHECK(conn_of(*server, *client)->v13->post[post] != NULL);
    return net;
}

static void data_each_second(node_t *client, const node_t *server, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        net_run(client->net, 1000);
        CHECK(node_write(client, server, "alive") > 0);
    }
}

/* If the peer is alive, a missing ACK does not end the association. The server gives up a ticket.
 * Of other messages, the server sends no further one before the first is acknowledged (RFC 9147
 * section 5.8.4). */
TEST(live_peer_is_not_given_up)
{
    for (EACH_MESSAGE(i)) {
        node_t *client, *server;
        net_t *net = with_message(i, &client, &server);
        const conn13_t *v13 = conn_of(server, client)->v13;
        const post_t post = messages[i].post;

        data_each_second(client, server, TEN_MINUTES / 1000);
        CHECK_EQ(v13->post[post] == NULL, post == POST_TICKET);
        CHECK_EQ(conn_of(server, client)->send_epoch, 3);
        CHECK(net_echo(client, server)); /* from here on ACKs arrive */
        net_run(net, 60000);
        CHECK(v13->post[post] == NULL);
        CHECK_EQ(conn_of(server, client)->send_epoch, post == POST_KEY_UPDATE ? 4 : 3);
        CHECK(net_echo(client, server));
        CHECK_EQ(node_ends(client) + node_ends(server), 0);
        net_end(net);
    }
}

/* If an ACK is missing and the peer is silent too, the association ends. A ticket is an exception,
 * because it needs no response. */
TEST(silent_peer_is_given_up)
{
    for (EACH_MESSAGE(i)) {
        node_t *client, *server;
        net_t *net = with_message(i, &client, &server);

        data_each_second(client, server, 20);
        uint64_t last_received = net->now;
        net_run(net, TEN_MINUTES);
        if (messages[i].post == POST_TICKET) {
            CHECK_EQ(node_ends(server), 0);
            CHECK_EQ(dtls_next_timeout(server->ctx), -1);
        } else {
            CHECK_EQ(node_ends(server), 1);
            CHECK_EQ(node_last_end(server)->info.error, DTLS_ERR_TIMEOUT);
            CHECK(node_last_end(server)->at >= last_received + LIMIT);
            CHECK(node_last_end(server)->at < last_received + 2 * LIMIT);
        }
        net_end(net);
    }
}

/* A message that waited for the ticket is sent when the ticket is given up. */
TEST(keys_change_after_a_ticket_was_given_up)
{
    node_t *client, *server;
    net_t *net = with_message(0, &client, &server);

    CHECK(dtls_update_keys(client->ctx, &server->address, true) >= 0);
    net_run(net, 1000);
    CHECK_EQ(conn_of(client, server)->send_epoch, 4);
    CHECK_EQ(conn_of(server, client)->send_epoch, 3);
    CHECK(conn_of(server, client)->v13->pending[POST_KEY_UPDATE]);
    net_run(net, 2 * LIMIT);
    CHECK(conn_of(server, client)->v13->post[POST_KEY_UPDATE] != NULL);
    CHECK(net_echo(client, server));
    net_run(net, 60000);
    CHECK_EQ(conn_of(server, client)->send_epoch, 4);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A request for the peer's KeyUpdate, too, is sent after the ticket is given up. */
TEST(peer_is_asked_after_a_ticket_was_given_up)
{
    node_t *client, *server;
    net_t *net = with_message(0, &client, &server);

    CHECK(dtls_update_keys(server->ctx, &client->address, true) >= 0);
    data_each_second(client, server, 2 * LIMIT / 1000);
    CHECK(conn_of(server, client)->v13->post[POST_KEY_UPDATE] != NULL);
    CHECK(net_echo(client, server));
    net_run(net, 60000);
    CHECK_EQ(conn_of(server, client)->send_epoch, 4);
    CHECK_EQ(conn_of(client, server)->send_epoch, 4);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A KeyUpdate without a request is in flight, so a request needs a second KeyUpdate. */
TEST(peer_is_asked_after_an_update_that_did_not)
{
    node_t *client, *server;
    net_t *net = with_message(1, &client, &server);

    for (unsigned i = 0; i < 3; i++)
        CHECK(dtls_update_keys(server->ctx, &client->address, true) >= 0);
    net_run(net, 1000);
    CHECK_EQ(conn_of(client, server)->send_epoch, 3);
    CHECK(net_echo(client, server));
    net_run(net, 60000);
    CHECK_EQ(conn_of(server, client)->send_epoch, 5);
    CHECK_EQ(conn_of(client, server)->send_epoch, 4);
    CHECK(net_echo(client, server));
    net_end(net);
}

/* A KeyUpdate that was pending before the request does not satisfy the request. */
TEST(update_that_had_to_wait_does_not_satisfy_a_request)
{
    node_t *client, *server;
    net_t *net = with_message(0, &client, &server);

    CHECK(dtls_update_keys(server->ctx, &client->address, false) >= 0);
    data_each_second(client, server, 2 * LIMIT / 1000);
    CHECK(conn_of(server, client)->v13->post[POST_KEY_UPDATE] != NULL);
    CHECK_EQ(conn_of(server, client)->send_epoch, 3);
    CHECK(dtls_update_keys(client->ctx, &server->address, true) >= 0);
    net_run(net, 1000);
    CHECK(net_echo(client, server));
    net_run(net, 60000);
    CHECK_EQ(conn_of(client, server)->send_epoch, 4);
    CHECK_EQ(conn_of(server, client)->send_epoch, 5);
    CHECK(net_echo(client, server));
    net_end(net);
}
