/* The library accepts only a part of a batch: outgoing.c sends the rest, or reports the error. */
#include "peer/outgoing.h"

#include <string.h>

#include "peer/peer.h"
#include "test.h"

enum { PIECES = 5 };

static struct app app;
static struct options options;
static dtls_context_t *server;
static session_t server_address, client_address;

/* What the server has received. */
static uint8_t received[1 << 16];
static size_t received_length;
/* The first `parts` batches are accepted up to their first datagram only. Then all are refused if
 * `refuses`. */
static size_t calls, parts;
static bool refuses;

/* ---- a connected peer ---- */

static int to_server(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx, (void)session;
    dtls_handle_message(server, &client_address, data, (int)length);
    return (int)length;
}

static int batch_to_server(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length,
                           size_t segment)
{
    bool in_part = calls++ < parts;

    (void)ctx, (void)session;
    if (!in_part && refuses)
        return -1;
    size_t taken = in_part ? segment : length;
    dtls_handle_batch(server, &client_address, data, taken, segment);
    return (int)taken;
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx, (void)session;
    CHECK(received_length + length <= sizeof received);
    memcpy(received + received_length, data, length);
    received_length += length;
    return 0;
}

static int to_client(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx, (void)session;
    dtls_handle_message(app.dtls, &server_address, data, (int)length);
    return (int)length;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    (void)ctx, (void)session, (void)desc, (void)desc_length, (void)room;
    if (type == DTLS_PSK_HINT)
        return 0;
    memset(result, 'x', 16);
    return 16;
}

static session_t address(uint16_t port)
{
    session_t session;

    dtls_session_init(&session);
    session.size = sizeof session.addr.sin;
    session.addr.sin = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    return session;
}

static struct peer *connected_peer(void)
{
    static const dtls_handler_t client_handler = {
        .write = to_server, .write_batch = batch_to_server, .get_psk_info = on_psk};
    static const dtls_handler_t server_handler = {
        .write = to_client, .read = on_read, .get_psk_info = on_psk};

    memset(&app, 0, sizeof app);
    options = (struct options){.keep = true, .mtu = 1232}; /* so that no MTU is probed */
    app.options = &options;
    app.net.fd = -1;
    app.dtls = dtls_new_context(&app);
    server = dtls_new_context(NULL);
    CHECK(app.dtls != NULL && server != NULL);
    dtls_set_handler(app.dtls, &client_handler);
    dtls_set_handler(server, &server_handler);
    due_init(&app.due);
    server_address = address(1);
    client_address = address(2);
    CHECK(dtls_connect(app.dtls, &server_address) >= 0);
    struct peer *peer = peer_add(&app, &server_address);
    CHECK(peer != NULL && dtls_max_payload(app.dtls, &server_address) > 0);
    peer->state = PEER_OPEN;
    peer->out.path.state = PATH_KNOWN;
    received_length = calls = parts = 0;
    refuses = false;
    return peer;
}

static void end(void)
{
    peers_clear(&app);
    due_clear(&app.due);
    dtls_free_context(app.dtls);
    dtls_free_context(server);
}

static size_t make_data(uint8_t *data)
{
    size_t length = PIECES * dtls_max_payload(app.dtls, &server_address);

    for (size_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i / 7);
    return length;
}

/* ---- tests ---- */

TEST(the_rest_of_a_batch_is_sent)
{
    static uint8_t data[1 << 16];

    for (size_t some = 0; some < PIECES; some++) {
        NOTE("%zu batches are accepted in part", some);
        struct peer *peer = connected_peer();
        size_t length = make_data(data);
        parts = some;
        outgoing_put(peer, data, length);
        CHECK_EQ(received_length, length);
        CHECK_MEM(received, data, length);
        CHECK_EQ(peer->out.window.sent.bytes, length);
        CHECK_EQ(peer->out.window.sent.records, PIECES);
        CHECK_EQ(peer->state, PEER_OPEN);
        end();
    }
}

TEST(an_error_after_a_part_ends_the_session)
{
    static uint8_t data[1 << 16];
    struct peer *peer = connected_peer();
    size_t length = make_data(data);

    parts = 1;
    refuses = true;
    outgoing_put(peer, data, length);
    CHECK_EQ(peer->out.window.sent.bytes, length / PIECES);
    CHECK(peer->state != PEER_OPEN);
    end();
}
