#include "handshake/cid13.h"

#include "conn/cids.h"

#include <string.h>

enum { CID_IMMEDIATE, CID_SPARE };

/* ---- NewConnectionId ---- */

size_t cid13_put_new(conn_t *conn, uint8_t out[CID13_MAX])
{
    const conn_cids_t *cids = conn->cids;
    size_t length = conn->ctx->config.cid_length;
    size_t count = cids->issue_immediate ? 1 : cids->issue_spare;
    writer_t w = writer(out, CID13_MAX);
    block_t list = open_block(&w, 2);
    for (; count > 0 && cids_add(conn, cids->issue_immediate) == DTLS_ERR_NONE; count--) {
        put_u8(&w, (unsigned)length);
        put_bytes(&w, cids->own[cids->own_count - 1]->bytes, length);
    }
    close_block(&w, list);
    put_u8(&w, cids->issue_immediate ? CID_IMMEDIATE : CID_SPARE);
    bool nothing = cids->issue_immediate && count > 0;
    cids_issued(conn);
    return nothing ? 0 : writer_length(&w);
}

static bool parse_new_cid(reader_t *list, cid_t *out)
{
    reader_t cid = take_block(list, 1);
    out->length = (uint8_t)reader_left(&cid);
    memcpy(out->bytes, cid.at, out->length);
    return out->length > 0;
}

/* Stores the peer's new connection IDs. With usage cid_immediate, the first ID is used from now on,
 * and the others are stored as spare IDs (for later use). With usage cid_spare, all are stored. */
dtls_error_t cid13_receive_new(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    cid_t now = {.length = 0}, spare[PEER_SPARES], ignored;
    size_t count = 0;
    if (!cids_to_send(conn))
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    reader_t list = take_block(body, 2);
    uint8_t usage = take_u8(body);
    for (reader_t check = list; reader_left(&check) > 0;)
        if (take_block(&check, 1).failed)
            return DTLS_ERR_DECODE;
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    if (usage > CID_SPARE || (usage == CID_IMMEDIATE && !parse_new_cid(&list, &now)))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    while (reader_left(&list) > 0) {
        if (!parse_new_cid(&list, count < PEER_SPARES ? &spare[count] : &ignored))
            return DTLS_ERR_ILLEGAL_PARAMETER;
        count += count < PEER_SPARES;
    }
    cids_accept(conn, usage == CID_IMMEDIATE ? &now : NULL, spare, count);
    return DTLS_ERR_NONE;
}

/* ---- RequestConnectionId ---- */

size_t cid13_put_request(const conn_t *conn, uint8_t out[CID13_MAX])
{
    out[0] = conn->cids->request_count;
    return 1;
}

/* Issues spare connection IDs (for later use), possibly fewer than the peer requests (RFC 9147
 * section 9). */
dtls_error_t cid13_receive_request(conn_t *conn, reader_t *body, const message_t *message)
{
    (void)message;
    uint8_t count = take_u8(body);
    if (!cids_expected(conn))
        return DTLS_ERR_UNEXPECTED_MESSAGE;
    if (!reader_done(body))
        return DTLS_ERR_DECODE;
    cids_issue_spare(conn, count);
    return DTLS_ERR_NONE;
}
