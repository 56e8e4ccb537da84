#include "handshake/kx12.h"

#include "base/iana.h"

/* ---- plain PSK, RFC 4279 section 2 ---- */

static dtls_error_t parse_nothing(conn_t *conn, reader_t *body)
{
    (void)conn;
    return reader_done(body) ? DTLS_ERR_NONE : DTLS_ERR_DECODE;
}

static void put_nothing(const conn_t *conn, writer_t *w)
{
    (void)conn, (void)w;
}

/* ---- ECDHE_PSK, RFC 5489 section 2, RFC 8422 sections 5.4 and 5.7 ---- */

/* Makes a key pair of this group, unless we have one: a client that has offered DTLS 1.3 may have
 * made its key pair for the ClientHello. */
static dtls_error_t use_group(conn_t *conn, const group_t *group)
{
    const share_t *share = &conn->hs->share;
    return share->dh && share->group == group ? DTLS_ERR_NONE : share_make(conn, group);
}

static dtls_error_t parse_ecdhe_params(conn_t *conn, reader_t *body)
{
    if (take_u8(body) != CURVE_TYPE_NAMED)
        return body->failed ? DTLS_ERR_DECODE : DTLS_ERR_ILLEGAL_PARAMETER;
    uint16_t group = take_u16(body);
    reader_t point = take_block(body, 1);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (!share_group_is_ours(conn->ctx, group) || group_by_id(group)->finite_field)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    dtls_error_t error = use_group(conn, group_by_id(group));
    return error ? error : share_derive(conn, point);
}

static dtls_error_t parse_ecdhe_share(conn_t *conn, reader_t *body)
{
    reader_t point = take_block(body, 1);
    return reader_done(body) ? share_derive(conn, point) : DTLS_ERR_DECODE;
}

static void put_ecdhe_share(const conn_t *conn, writer_t *w)
{
    bytes_t public_key = dh_public(conn->hs->share.dh);
    put_u8(w, (unsigned)public_key.length);
    put_bytes(w, public_key.bytes, public_key.length);
}

static void put_ecdhe_params(const conn_t *conn, writer_t *w)
{
    put_u8(w, CURVE_TYPE_NAMED);
    put_u16(w, conn->hs->share.group->id);
    put_ecdhe_share(conn, w);
}

/* ---- DHE_PSK, RFC 4279 section 3, RFC 5246 section 7.4.3 ---- */

static bool parse_number(reader_t *body, reader_t *number)
{
    *number = take_block(body, 2);
    return reader_left(number) > 0;
}

static dtls_error_t parse_dhe_params(conn_t *conn, reader_t *body)
{
    reader_t prime, generator, public_key;
    bool ok = parse_number(body, &prime) && parse_number(body, &generator) &&
              parse_number(body, &public_key) && reader_done(body);
    if (!ok)
        return DTLS_ERR_DECODE;
    dtls_error_t error = share_make_in_field(conn, prime, generator);
    return error ? error : share_derive(conn, public_key);
}

static dtls_error_t parse_dhe_share(conn_t *conn, reader_t *body)
{
    reader_t public_key;
    bool ok = parse_number(body, &public_key) && reader_done(body);
    return ok ? share_derive(conn, public_key) : DTLS_ERR_DECODE;
}

static void put_number(writer_t *w, bytes_t number)
{
    put_u16(w, (unsigned)number.length);
    put_bytes(w, number.bytes, number.length);
}

static void put_dhe_share(const conn_t *conn, writer_t *w)
{
    put_number(w, dh_public(conn->hs->share.dh));
}

static void put_dhe_params(const conn_t *conn, writer_t *w)
{
    static const uint8_t generator = 2;
    put_number(w, dh_prime(conn->hs->share.dh));
    put_number(w, (bytes_t){&generator, 1});
    put_dhe_share(conn, w);
}

/* ---- the table ---- */

static const kx12_t exchanges[] = {
    [KX_PSK] = {false, 0, parse_nothing, parse_nothing, put_nothing, put_nothing},
    [KX_ECDHE_PSK] = {true, 1 + 2 + 1 + 65, parse_ecdhe_params, parse_ecdhe_share, put_ecdhe_params,
                      put_ecdhe_share},
    [KX_DHE_PSK] = {true, 3 * 2 + 2 * 384 + 1, parse_dhe_params, parse_dhe_share, put_dhe_params,
                    put_dhe_share},
};

const kx12_t *kx12_of(const suite_t *suite)
{
    return &exchanges[suite->kx];
}

/* Removes the leading zeros of the secret with DHE_PSK (RFC 4279 section 3, RFC 5246 section
 * 8.1.2). */
bytes_t kx12_secret(const conn_t *conn)
{
    bytes_t secret = dh_secret(conn->hs->share.dh);
    while (conn->negotiated.suite->kx == KX_DHE_PSK && secret.length > 0 && *secret.bytes == 0)
        secret.bytes++, secret.length--;
    return secret;
}
