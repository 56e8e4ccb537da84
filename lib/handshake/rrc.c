#include "handshake/rrc.h"

#include "base/iana.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/heartbeat.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/retransmit.h"
#include "conn/rto.h"
#include "conn/rules.h"
#include "conn/trace.h"
#include "handshake/post_handshake.h"

#include <string.h>

enum { PATH_CHALLENGE, PATH_RESPONSE, PATH_DROP };

/* The assumed round trip until one is measured (RFC 9853 section 5.5). */
#define UNKNOWN_RTT_MS 1000
#define KEY_UPDATE (MESSAGE_HEADER + 1) /* length in bytes of a KeyUpdate message */
/* The time limit of a check by CHECK_FLIGHT (the peer must acknowledge a flight), as a multiple of
 * the initial retransmission timeout: enough for three transmissions, and for the ACK of the last
 * one. */
#define FLIGHT_TIMERS 8

/* Returns when a check of this address ends that starts now. The round trip was measured on the old
 * path, and that of the new path may be longer (RFC 9853 section 5.5). So if the last check of the
 * address has ended without a response, the next one takes as long as if no round trip was
 * measured. */
static dtls_tick_t time_limit(const conn_t *conn, const session_t *session)
{
    const path_check_t *last = &conn->cids->check;
    bool expired = last->until != NEVER && dtls_session_equals(session, &last->address);
    uint32_t ms = conn->rtt.known ? 3 * conn->rtt.ms : UNKNOWN_RTT_MS;
    uint32_t least = expired ? UNKNOWN_RTT_MS : conn->ctx->config.timer_min_ms;
    return now_of(conn->ctx) + (ms > least ? ms : least);
}

static void send_rrc(conn_t *conn, const session_t *session, uint8_t msg_type,
                     const uint8_t *cookie)
{
    uint8_t message[1 + RRC_COOKIE];
    message[0] = msg_type;
    memcpy(message + 1, cookie, RRC_COOKIE);
    output_to(conn, session, CONTENT_RETURN_ROUTABILITY_CHECK, message, sizeof message);
}

/* Returns the length on the wire of a record with this content. It includes the connection ID of
 * the peer. */
static size_t message_size(const conn_t *conn, size_t content)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    return epoch->form->overhead(epoch) + content;
}

/* Reports DTLS_EVENT_MOVED, then moves the peer to the new address. So in the callback for the
 * event, the application can still find the peer by the old address. Does nothing if another peer
 * has the new address, such as a handshake that began there during the check. */
static void move_peer(conn_t *conn)
{
    const session_t address = conn->cids->check.address;
    if (peers_find(conn->ctx, &address))
        return;
    conn->cids->new_address = &address;
    conn_event(conn, 0, DTLS_EVENT_MOVED);
    conn->cids->new_address = NULL;
    if (conn->phase == PHASE_ENDED || peers_find(conn->ctx, &address))
        return;
    session_t old = conn->peer->session;
    old.ifindex = conn->peer->candidate_ifindex;
    peers_move(conn->peer, &address);
    conn_separate_candidate(conn->peer, &old);
    cids_use_spare(conn);
}

/* ---- starting a check ---- */

static check_t kind_of(const conn_t *conn)
{
    if (conn->cids->rrc)
        return CHECK_RRC;
    if (conn->heartbeat.allowed)
        return CHECK_HEARTBEAT;
    return rules_of(conn)->address_check;
}

/* Resends a flight that is under way: it may have been sent to an address where the peer no longer
 * receives. If no flight is under way, sends a KeyUpdate, which the peer must acknowledge. */
static void challenge_by_flight(conn_t *conn)
{
    const epoch_t *epoch = conn_write_epoch(conn, conn->send_epoch);
    dtls_error_t error = DTLS_ERR_NONE;
    flight_t *flight = NULL;
    cids_track_check(conn, (record_number_t){conn->send_epoch, epoch->sequence},
                     now_of(conn->ctx) + FLIGHT_TIMERS * rto_first_ms(conn));
    for (post_t i = 0; i < POST_COUNT && !flight; i++)
        flight = conn->v13->post[i];
    error = flight ? retransmit_send(conn, flight) : post13_update_keys(conn, false);
    if (error)
        conn_fail(conn, error);
}

/* Handles a new address of the peer that we have no way to check. With config.cid_move_newest we
 * send to the new address: the application accepts the risk that an attacker has forwarded the
 * record (RFC 9146 section 6). Otherwise an event reports that we still send to the old address. */
static void move_unchecked(conn_t *conn, const path_check_t *check)
{
    const session_t address = check->address;
    if (conn->ctx->config.cid_move_newest) {
        move_peer(conn);
        return;
    }
    conn->cids->new_address = &address;
    conn_event(conn, 0, DTLS_EVENT_UNVERIFIED);
    conn->cids->new_address = NULL;
}

static void start_check(conn_t *conn, const path_check_t *check)
{
    switch (check->kind) {
    case CHECK_RRC: send_rrc(conn, &check->address, PATH_CHALLENGE, check->cookie); break;
    case CHECK_HEARTBEAT:
        heartbeat_challenge(conn, &check->address, check->cookie, RRC_COOKIE);
        break;
    case CHECK_FLIGHT: challenge_by_flight(conn); break;
    case CHECK_NONE: move_unchecked(conn, check); break;
    }
}

static size_t challenge_size(const conn_t *conn, check_t kind)
{
    switch (kind) {
    case CHECK_RRC: return message_size(conn, 1 + RRC_COOKIE);
    case CHECK_HEARTBEAT: return message_size(conn, heartbeat_ping_size(RRC_COOKIE));
    case CHECK_FLIGHT: return message_size(conn, KEY_UPDATE);
    default: return 0;
    }
}

/* Starts a check, unless one is under way or another peer has the address. With the response to a
 * path_challenge, a check sends at most three times the bytes of the record that caused it (RFC 9853
 * section 5). */
void rrc_new_address(conn_t *conn, const session_t *session, const record_t *record)
{
    const path_check_t *check = &conn->cids->check;
    check_t kind = kind_of(conn);
    size_t response =
        record->type == CONTENT_RETURN_ROUTABILITY_CHECK ? message_size(conn, 1 + RRC_COOKIE) : 0;
    bool idle = check->until == NEVER || check->until <= now_of(conn->ctx);
    if (conn->phase != PHASE_CONNECTED || conn->peer->conn != conn || !idle ||
        challenge_size(conn, kind) + response > 3 * record->size || peers_find(conn->ctx, session))
        return;
    if (cids_start_check(conn, kind, session, time_limit(conn, session)))
        start_check(conn, check);
}

/* ---- completing a check ---- */

static void complete_check(conn_t *conn)
{
    cids_end_check(conn);
    if (conn->phase == PHASE_CONNECTED)
        move_peer(conn);
}

static void receive_path_response(conn_t *conn, const session_t *session, const uint8_t *cookie)
{
    const path_check_t *check = cids_check(conn, CHECK_RRC);
    if (check && crypto_equal(cookie, check->cookie, RRC_COOKIE) &&
        dtls_session_equals(session, &check->address))
        complete_check(conn);
}

static bool was_sent_there(const path_check_t *check, uint64_t sequence)
{
    for (size_t i = 0; i < check->sends; i++)
        if (sequence >= check->sent[i].from && sequence < check->sent[i].end)
            return true;
    return false;
}

/* Returns true if the ACK lists a record that was sent only to the new address: the peer receives
 * there. An ACK for a number that was not used is a guess, and ends the association: otherwise a
 * peer could try all numbers, and direct our data to another host. */
static bool names_any(conn_t *conn, const record_t *record, const path_check_t *check)
{
    bool any = false;
    reader_t r = reader(record->payload, record->length);
    reader_t numbers = take_block(&r, 2);
    while (reader_left(&numbers) > 0) {
        uint64_t epoch = take_uint(&numbers, 8), sequence = take_uint(&numbers, 8);
        if (numbers.failed || epoch != check->first.epoch || sequence < check->first.sequence)
            continue;
        if (!was_sent_there(check, sequence)) {
            conn_fail(conn, DTLS_ERR_ILLEGAL_PARAMETER);
            return false;
        }
        any = true;
    }
    return any;
}

void rrc_received(conn_t *conn, const session_t *session, const record_t *record)
{
    const path_check_t *check = NULL;
    if (record->type == CONTENT_HEARTBEAT)
        check = cids_check(conn, CHECK_HEARTBEAT);
    else if (record->type == CONTENT_ACK && record->epoch > 0)
        check = cids_check(conn, CHECK_FLIGHT);
    if (!check || !dtls_session_equals(session, &check->address))
        return;
    if (check->kind == CHECK_HEARTBEAT ? heartbeat_is_response(record, check->cookie, RRC_COOKIE)
                                       : names_any(conn, record, check))
        complete_check(conn);
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
                    message_size(conn, 1 + RRC_COOKIE) <= 3 * record->size;
    if (msg_type == PATH_CHALLENGE && conn->phase == PHASE_CONNECTED && moderate)
        send_rrc(conn, session, PATH_RESPONSE, cookie);
    else if (msg_type == PATH_RESPONSE)
        receive_path_response(conn, session, cookie);
}
