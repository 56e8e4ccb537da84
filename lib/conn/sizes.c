#include "conn/sizes.h"

#include "conn/rules.h"

#include "base/iana.h"

#define FRAGMENT_CODES 4
#define TYPE 1u

/* Returns how many bytes of content the record size limit allows. In DTLS 1.3, and in records with
 * a connection ID, one byte of the limit is for the encrypted content type (RFC 8449 section 4). */
static uint16_t content_of(uint16_t limit, bool type_inside)
{
    unsigned content = type_inside ? limit - TYPE : limit;
    return (uint16_t)(content < RECORD_MAX_PLAINTEXT ? content : RECORD_MAX_PLAINTEXT);
}

static uint16_t own_limit(const conn_t *conn)
{
    uint16_t configured = conn->ctx->config.record_size_limit;
    return configured > 0 ? configured
                          : RECORD_MAX_PLAINTEXT + (rules_of(conn)->type_inside ? TYPE : 0);
}

/* Stores the limit that the peer announces by record_size_limit. If that extension is absent,
 * stores the limit that max_fragment_length announces. If both are present, max_fragment_length is
 * ignored (RFC 8449 section 5). */
dtls_error_t sizes_agree(conn_t *conn, const extensions_t *theirs)
{
    bool limited = theirs->seen & EXT_RECORD_SIZE_LIMIT;
    if (limited && theirs->record_size_limit < RECORD_LIMIT_MIN)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    conn->sizes.limit = limited ? theirs->record_size_limit : 0;
    if (limited || !(theirs->seen & EXT_MAX_FRAGMENT_LENGTH))
        return DTLS_ERR_NONE;
    if (theirs->max_fragment_length < 1 || theirs->max_fragment_length > FRAGMENT_CODES)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    conn->sizes.fragment_code = theirs->max_fragment_length;
    return DTLS_ERR_NONE;
}

bool sizes_agreed(const conn_t *conn)
{
    return conn->sizes.limit > 0 || conn->sizes.fragment_code > 0;
}

void put_sizes_extension(writer_t *w, const conn_t *conn)
{
    if (conn->sizes.limit > 0)
        put_ext_u16(w, EXTENSION_RECORD_SIZE_LIMIT, own_limit(conn));
    else if (conn->sizes.fragment_code > 0)
        put_ext_u8(w, EXTENSION_MAX_FRAGMENT_LENGTH, conn->sizes.fragment_code);
}

/* Applies the limit of the peer to a write epoch. record_size_limit does not apply to unprotected
 * records (RFC 8449 section 4). */
static void limit_writing(const conn_t *conn, epoch_t *epoch)
{
    uint16_t theirs = content_of(conn->sizes.limit, rules_of(conn)->type_inside || epoch->cid);
    if (conn->sizes.fragment_code > 0)
        epoch->limit = (uint16_t)(256u << conn->sizes.fragment_code);
    else if (conn->sizes.limit > 0 && epoch->number > 0 && theirs < epoch->limit)
        epoch->limit = theirs;
}

static void limit_reading(const conn_t *conn, epoch_t *epoch)
{
    if (conn->sizes.limit > 0 && epoch->number > 0)
        epoch->limit = content_of(own_limit(conn), rules_of(conn)->type_inside);
}

void sizes_apply(conn_t *conn)
{
    for (size_t i = 0; i < EPOCH_SLOTS; i++) {
        if (conn->write[i] && conn->write[i]->form)
            limit_writing(conn, conn->write[i]);
        if (conn->read[i] && conn->read[i]->form)
            limit_reading(conn, conn->read[i]);
    }
}

void sizes_set_mtu(conn_t *conn, size_t mtu)
{
    conn->sizes.mtu = (uint16_t)mtu;
}
