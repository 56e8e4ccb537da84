#include "rrc.h"

#include "cids.h"
#include "conn.h"
#include "iana.h"
#include "output.h"
#include "peers.h"
#include "trace.h"

#include <string.h>

enum { PATH_CHALLENGE, PATH_RESPONSE, PATH_DROP };

#define UNKNOWN_RTT_MS 1000 /* section 5.5 */

static dtls_tick_t time_limit(const conn_t *conn)
{
    uint32_t ms = conn->rtt_known ? 3 * conn->rtt_ms : UNKNOWN_RTT_MS;
    uint32_t least = conn->ctx->config.timer_min_ms;
    return now_of(conn->ctx) + (ms > least ? ms : least);
}

static void say(conn_t *conn, const session_t *session, uint8_t msg_type, const uint8_t *cookie)
{
    uint8_t message[1 + RRC_COOKIE];
    message[0] = msg_type;
    memcpy(message + 1, cookie, RRC_COOKIE);
    output_to(conn, session, CONTENT_RETURN_ROUTABILITY_CHECK, message, sizeof message);
}

/* With a long connection ID of the peer's it could be much. */
static size_t message_size(const conn_t *conn)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    return epoch->form->overhead(epoch) + 1 + RRC_COOKIE;
}

/* One check at a time, and no more than three times what made us send it (RFC 9853 section 3.1). Where
 * somebody else is known to be the peer cannot be. */
void rrc_seen_at(conn_t *conn, const session_t *session, size_t size)
{
    path_check_t *check = &conn->cids->check;
    bool idle = check->until == NEVER || check->until <= now_of(conn->ctx);
    if (!conn->cids->rrc || conn->phase != PHASE_CONNECTED || conn->peer->conn != conn || !idle ||
        message_size(conn) > 3 * size || peers_find(conn->ctx, session))
        return;
    if (!random_of(conn->ctx, check->cookie, RRC_COOKIE))
        return;
    check->address = *session;
    check->until = time_limit(conn);
    say(conn, session, PATH_CHALLENGE, check->cookie);
}

/* The event comes first: by it the application learns which name becomes which. A spare connection ID
 * keeps observers of both paths from linking them: RFC 9147 section 9. */
static void move(conn_t *conn)
{
    conn_cids_t *cids = conn->cids;
    const session_t address = cids->check.address;
    conn->moving = &address;
    conn_event(conn, 0, DTLS_EVENT_MOVED);
    conn->moving = NULL;
    if (conn->phase == PHASE_ENDED || peers_find(conn->ctx, &address))
        return;
    session_t old = conn->peer->session;
    old.ifindex = conn->peer->candidate_ifindex;
    peers_move(conn->peer, &address);
    conn_stay_behind(conn->peer, &old);
    if (cids->spare_count > 0)
        cids->send = cids->spare[--cids->spare_count];
}

static void take_response(conn_t *conn, const session_t *session, const uint8_t *cookie)
{
    path_check_t *check = &conn->cids->check;
    bool answers = check->until != NEVER && now_of(conn->ctx) < check->until &&
                   crypto_equal(cookie, check->cookie, RRC_COOKIE) &&
                   dtls_session_equals(session, &check->address);
    if (!answers)
        return;
    check->until = NEVER;
    move(conn);
}

void rrc_record(conn_t *conn, const session_t *session, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint8_t msg_type = take_u8(&r);
    const uint8_t *cookie = take_bytes(&r, RRC_COOKIE);
    bool agreed = cids_agreed(conn) && conn->cids->rrc;
    if (!agreed || msg_type > PATH_DROP || !reader_done(&r)) {
        trace_drop(conn->ctx, conn, session, record,
                   agreed ? DTLS_DROP_LENGTH : DTLS_DROP_UNEXPECTED_TYPE);
        return;
    }
    bool moderate = dtls_session_equals(session, &conn->peer->session) ||
                    message_size(conn) <= 3 * record->size;
    if (msg_type == PATH_CHALLENGE && conn->phase == PHASE_CONNECTED && moderate)
        say(conn, session, PATH_RESPONSE, cookie);
    else if (msg_type == PATH_RESPONSE)
        take_response(conn, session, cookie);
}
