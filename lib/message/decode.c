/* dtls_decode_message(): one function for each message of DTLS 1.2 and 1.3. */
#include "base/iana.h"
#include "crypto/suite.h"
#include "message/codes.h"
#include "message/decode_ext.h"
#include "message/hello.h"

/* ---- hellos ---- */

static const char *no_name(uint16_t number)
{
    (void)number;
    return NULL;
}

static const char *compression_name(uint16_t method)
{
    return method == COMPRESSION_NULL ? "null" : NULL;
}

static void client_hello(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 2, "version", code_version);
    decode_fixed(d, r, RANDOM_LENGTH, DTLS_FIELD_BYTES, "random");
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "session_id");
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "cookie");
    decode_codes(d, r, 2, 2, "cipher_suites", code_suite);
    decode_codes(d, r, 1, 1, "compression_methods", compression_name);
    decode_extensions(d, r, IN_CLIENT_HELLO);
}

static void server_hello_at(decoder_t *d, reader_t *r, bool retry)
{
    decode_code(d, r, 2, "version", code_version);
    decode_fixed(d, r, RANDOM_LENGTH, DTLS_FIELD_BYTES, "random");
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "session_id");
    decode_code(d, r, 2, "cipher_suite", code_suite);
    decode_code(d, r, 1, "compression_method", compression_name);
    bool is13 = !r->failed && ext_present(*r, EXTENSION_SUPPORTED_VERSIONS);
    decode_extensions(d, r,
                      retry  ? IN_HELLO_RETRY_REQUEST
                      : is13 ? IN_SERVER_HELLO_13
                             : IN_SERVER_HELLO_12);
}

static void server_hello(decoder_t *d, reader_t *r)
{
    server_hello_at(d, r, false);
}

static void hello_retry_request(decoder_t *d, reader_t *r)
{
    server_hello_at(d, r, true);
}

static void hello_verify_request(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 2, "server_version", code_version);
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "cookie");
}

/* ---- key exchange of DTLS 1.2 ---- */

static void curve_share(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "public_key");
}

static void curve_params(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 1, "curve_type", no_name);
    decode_code(d, r, 2, "group", code_group);
    curve_share(d, r);
}

static void field_share(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "public_key");
}

static void field_params(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "prime");
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "generator");
    field_share(d, r);
}

/* The steps after the identity or the hint, by key exchange (RFC 4279, RFC 5489). */
static const struct {
    void (*params)(decoder_t *d, reader_t *r), (*share)(decoder_t *d, reader_t *r);
} exchanges[] = {
    [KX_PSK] = {NULL, NULL},
    [KX_ECDHE_PSK] = {curve_params, curve_share},
    [KX_DHE_PSK] = {field_params, field_share},
};

static void key_exchange(decoder_t *d, reader_t *r, const suite_t *suite, bool server)
{
    if (!suite || suite->kx == KX_1_3) {
        decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "data");
        return;
    }
    decode_bytes(d, r, 2, DTLS_FIELD_TEXT, server ? "psk_identity_hint" : "psk_identity");
    void (*rest)(decoder_t *, reader_t *) =
        server ? exchanges[suite->kx].params : exchanges[suite->kx].share;
    if (rest)
        rest(d, r);
}

/* ---- other messages ---- */

static void new_session_ticket12(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 4, "lifetime");
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "ticket");
}

/* Does not show ticket_age_add: it hides from observers which sessions belong together. */
static void new_session_ticket13(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 4, "lifetime");
    decode_skip(d, r, 4);
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "nonce");
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "ticket");
    decode_extensions(d, r, IN_NEW_SESSION_TICKET);
}

static void encrypted_extensions(decoder_t *d, reader_t *r)
{
    decode_extensions(d, r, IN_ENCRYPTED_EXTENSIONS);
}

static void request_connection_id(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 1, "num_cids");
}

static const char *usage_name(uint16_t usage)
{
    return usage == 0 ? "cid_immediate" : usage == 1 ? "cid_spare" : NULL;
}

static void new_connection_id(decoder_t *d, reader_t *r)
{
    reader_t list = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, "cids");
    while (reader_left(&list) > 0)
        decode_bytes(d, &list, 1, DTLS_FIELD_BYTES, NULL);
    decode_end(d);
    decode_code(d, r, 1, "usage", usage_name);
}

static void finished(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "verify_data");
}

static const char *request_name(uint16_t request)
{
    return request == 0 ? "update_not_requested" : request == 1 ? "update_requested" : NULL;
}

static void key_update(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 1, "request_update", request_name);
}

static void empty(decoder_t *d, reader_t *r)
{
    (void)d, (void)r;
}

static void other(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "data");
}

static void (*const messages[])(decoder_t *d, reader_t *r) = {
    [HANDSHAKE_HELLO_REQUEST] = empty,
    [HANDSHAKE_CLIENT_HELLO] = client_hello,
    [HANDSHAKE_SERVER_HELLO] = server_hello,
    [HANDSHAKE_HELLO_VERIFY_REQUEST] = hello_verify_request,
    [HANDSHAKE_NEW_SESSION_TICKET] = new_session_ticket13,
    [HANDSHAKE_HELLO_RETRY_REQUEST] = hello_retry_request,
    [HANDSHAKE_ENCRYPTED_EXTENSIONS] = encrypted_extensions,
    [HANDSHAKE_REQUEST_CONNECTION_ID] = request_connection_id,
    [HANDSHAKE_NEW_CONNECTION_ID] = new_connection_id,
    [HANDSHAKE_SERVER_HELLO_DONE] = empty,
    [HANDSHAKE_FINISHED] = finished,
    [HANDSHAKE_KEY_UPDATE] = key_update,
};

static void decode_body(decoder_t *d, reader_t *r, const dtls_message_t *message)
{
    uint8_t kind = message_kind(message->msg_type, message->body, message->length);
    bool server = kind == HANDSHAKE_SERVER_KEY_EXCHANGE;
    if (server || kind == HANDSHAKE_CLIENT_KEY_EXCHANGE)
        key_exchange(d, r, suite_by_id(message->suite), server);
    else if (kind == HANDSHAKE_NEW_SESSION_TICKET && message->version != VERSION_DTLS13)
        new_session_ticket12(d, r);
    else if (kind < sizeof messages / sizeof *messages && messages[kind])
        messages[kind](d, r);
    else
        other(d, r);
}

int dtls_decode_message(const dtls_message_t *message,
                        void (*field)(void *arg, const dtls_field_t *field), void *arg)
{
    if (!message || !field || (!message->body && message->length > 0))
        return -DTLS_ERR_ARGUMENT;
    reader_t r = reader(message->body, message->length);
    decoder_t d = {.field = field, .arg = arg, .start = r.at};
    decode_body(&d, &r, message);
    decode_end_of(&d, &r);
    return d.stopped ? -DTLS_ERR_DECODE : 0;
}
