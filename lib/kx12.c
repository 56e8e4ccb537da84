#include "kx12.h"

#include "iana.h"

/* ---- plain PSK, RFC 4279 section 2 ---- */

static dtls_error_t take_nothing(conn_t *conn, reader_t *body)
{
    (void)conn;
    return reader_done(body) ? DTLS_ERR_NONE : DTLS_ERR_DECODE;
}

static void put_nothing(const conn_t *conn, writer_t *w)
{
    (void)conn, (void)w;
}

/* ---- ECDHE_PSK, RFC 5489 section 2, RFC 8422 sections 5.4 and 5.7 ---- */

/* A client that has offered DTLS 1.3 may have a key pair already, which nobody has used. */
static dtls_error_t use_group(conn_t *conn, const group_t *group)
{
    const share_t *share = &conn->hs->share;
    return share->dh && share->group == group ? DTLS_ERR_NONE : share_make(conn, group);
}

static dtls_error_t take_ecdhe_params(conn_t *conn, reader_t *body)
{
    if (take_u8(body) != CURVE_TYPE_NAMED)
        return body->failed ? DTLS_ERR_DECODE : DTLS_ERR_ILLEGAL_PARAMETER;
    uint16_t group = take_u16(body);
    reader_t point = take_block(body, 1);
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (!share_group_is_ours(conn->ctx, group))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    dtls_error_t error = use_group(conn, group_by_id(group));
    return error ? error : share_derive(conn, point);
}

static dtls_error_t take_ecdhe_share(conn_t *conn, reader_t *body)
{
    reader_t point = take_block(body, 1);
    return reader_done(body) ? share_derive(conn, point) : DTLS_ERR_DECODE;
}

static void put_ecdhe_share(const conn_t *conn, writer_t *w)
{
    const share_t *share = &conn->hs->share;
    put_u8(w, (unsigned)share_length(share));
    put_bytes(w, share->public_key, share_length(share));
}

static void put_ecdhe_params(const conn_t *conn, writer_t *w)
{
    put_u8(w, CURVE_TYPE_NAMED);
    put_u16(w, conn->hs->share.group->id);
    put_ecdhe_share(conn, w);
}

/* ---- the table ---- */

static const kx12_t exchanges[] = {
    [KX_PSK] = {false, take_nothing, take_nothing, put_nothing, put_nothing},
    [KX_ECDHE_PSK] = {true, take_ecdhe_params, take_ecdhe_share, put_ecdhe_params, put_ecdhe_share},
};

const kx12_t *kx12_of(const conn_t *conn)
{
    return &exchanges[conn->suite->kx];
}

bytes_t kx12_secret(const conn_t *conn)
{
    return (bytes_t){conn->hs->share.secret, conn->group ? DH_SHARED : 0};
}
