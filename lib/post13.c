#include "post13.h"

#include "conn.h"
#include "iana.h"

/* ---- sending ---- */

static dtls_error_t send_message(conn_t *conn, post_t which, uint8_t msg_type, const uint8_t *body,
                                 size_t length)
{
    const alloc_t *alloc = &conn->ctx->alloc;
    if (conn->send_seq == UINT16_MAX)
        return DTLS_ERR_KEY_LIMIT; /* message_seq must not wrap */
    flight_t *flight = alloc_zeroed(alloc, sizeof *flight);
    conn->v13->post[which] = flight;
    if (!flight || !flight_start(flight, alloc, MESSAGE_HEADER + length, true))
        return DTLS_ERR_MEMORY;
    writer_t w = flight_open(flight);
    put_message_header(&w, msg_type, (uint32_t)length, conn->send_seq++);
    put_bytes(&w, body, length);
    if (!flight_close(flight, &w, CONTENT_HANDSHAKE, conn->send_epoch))
        return DTLS_ERR_TOO_LONG;
    return conn_send_flight(conn, flight);
}

/* ---- KeyUpdate: RFC 9147 section 8, RFC 8446 section 4.6.3 ---- */

dtls_error_t post13_update_keys(conn_t *conn, bool request)
{
    const uint8_t body = request;
    if (conn->v13->post[POST_KEY_UPDATE])
        return DTLS_ERR_NONE;
    /* Its ACK must mean that all before it has arrived as well. */
    conn->v13->update_owed = conn->flight.timer_at != NEVER;
    if (conn->v13->update_owed)
        return DTLS_ERR_NONE;
    return send_message(conn, POST_KEY_UPDATE, HANDSHAKE_KEY_UPDATE, &body, 1);
}

/* Only now may the new keys be used: the peer has got ready for them. */
static dtls_error_t switch_write_keys(conn_t *conn)
{
    dtls_context_t *ctx = conn->ctx;
    if (!kdf13_update(ctx->crypto, conn->suite->hash, conn->v13->write_secret))
        return DTLS_ERR_CRYPTO;
    uint64_t number = conn->send_epoch + 1;
    epoch_t *epoch = conn_new_write_epoch(conn, number);
    if (!epoch)
        return DTLS_ERR_MEMORY;
    if (!epoch_dtls13(epoch, ctx->crypto, conn->suite, number, conn->v13->write_secret, true))
        return DTLS_ERR_CRYPTO;
    conn_end_write_epoch(conn, conn->send_epoch);
    conn->send_epoch = number;
    return post13_settle(conn);
}

dtls_error_t post13_settle(conn_t *conn)
{
    if (!conn->v13->update_owed)
        return DTLS_ERR_NONE;
    conn->v13->update_owed = false;
    return post13_update_keys(conn, false);
}

dtls_error_t post13_acked(conn_t *conn, post_t which)
{
    conn_end_post(conn, which);
    return which == POST_KEY_UPDATE ? switch_write_keys(conn) : DTLS_ERR_NONE;
}

/* The old keys stay: the sender keeps to them until it has our ACK. */
dtls_error_t post13_receive_key_update(conn_t *conn, reader_t *body, const message_t *message)
{
    dtls_context_t *ctx = conn->ctx;
    uint8_t request = take_u8(body);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (request > 1)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (!kdf13_update(ctx->crypto, conn->suite->hash, conn->v13->read_secret))
        return DTLS_ERR_CRYPTO;
    epoch_t *next = conn_new_read_epoch(conn, ++conn->v13->read_epoch);
    if (!next)
        return DTLS_ERR_MEMORY;
    if (!epoch_dtls13(next, ctx->crypto, conn->suite, conn->v13->read_epoch, conn->v13->read_secret,
                      false))
        return DTLS_ERR_CRYPTO;
    (void)message;
    conn_retain_epochs(conn);
    if (!request)
        return DTLS_ERR_NONE;
    /* One under way was perhaps sent before the request: it is owed all the same. */
    conn->v13->update_owed = conn->v13->post[POST_KEY_UPDATE] != NULL;
    return post13_update_keys(conn, false);
}

/* ---- NewSessionTicket ---- */

/* Acknowledged like every message, and not used: RFC 9147 section 5.7. */
dtls_error_t post13_receive_ticket(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    if (!conn->client)
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    take_rest(body);
    return DTLS_ERR_NONE;
}
