#include "handshake/hs.h"

#include "base/iana.h"
#include "base/names.h"
#include "conn/ack.h"
#include "conn/conn.h"
#include "conn/output.h"
#include "conn/retransmit.h"
#include "conn/rto.h"
#include "conn/rules.h"
#include "conn/suspect.h"
#include "conn/terms.h"
#include "conn/trace.h"
#include "message/hello.h"

#include <string.h>

/* ---- incoming ---- */

/* Discards a record, and prevents its acknowledgement (RFC 9147 section 7). */
static void drop_record(conn_t *conn, const record_t *record, dtls_drop_t reason)
{
    ack_retract(conn, record);
    trace_drop(conn->ctx, conn, &conn->peer->session, record, reason);
}

/* Returns the row (hs_row_t) for this message in this state and epoch. NULL: there is none.
 * EPOCH_TRAFFIC in a row matches all epochs of application data. */
static const hs_row_t *find_row(const conn_t *conn, uint8_t kind, uint64_t epoch)
{
    uint8_t row_epoch = epoch < EPOCH_TRAFFIC ? (uint8_t)epoch : EPOCH_TRAFFIC;
    for (const hs_row_t *row = conn->messages.rows; row->receive; row++)
        if (row->state == conn->messages.state && row->msg_type == kind && row->epoch == row_epoch)
            return row;
    return NULL;
}

/* Handles an error that a message has caused. The error of a plaintext message is only suspected,
 * because the message may be forged. The association ends at once if the message is protected, if
 * it is the ClientHello that starts the association, or if the error is our own. A Finished that
 * does not match is also the result of a forged message that we have processed before it. */
static void fail_or_suspect(conn_t *conn, uint16_t epoch, dtls_error_t error)
{
    bool ours = error <= DTLS_ERR_NO_CREDENTIALS;
    bool forged = error == DTLS_ERR_BAD_FINISHED && suspect_forged_answer(conn);
    if ((epoch > 0 && !forged) || ours || conn->messages.state == SERVER_WAIT_HELLO)
        conn_fail(conn, error);
    else
        suspect_failure(conn, (failure_t){.error = error,
                                          .alert = error_alert(error, conn->negotiated.version)});
}

static dtls_error_t commit(conn_t *conn, const hs_row_t *row, const message_t *message)
{
    handshake_t *hs = conn->hs;
    if (!(row->flags & (ROW_STATELESS | ROW_NOT_HASHED))) {
        dtls_error_t error = hs_hash(conn, message->bytes, message->length);
        if (error)
            return error;
    }
    if (!(row->flags & ROW_STATELESS)) {
        suspect_note_answer(conn, message);
        reassembly_release(&conn->reassembly, &conn->ctx->alloc, conn->messages.receive_seq++);
    }
    if (hs)
        retransmit_flight_acked(conn);
    retransmit_response_began(conn, message->epoch);
    conn->messages.state = row->next;
    return row->then ? row->then(conn) : DTLS_ERR_NONE;
}

static void run_row(conn_t *conn, const message_t *message)
{
    reader_t body = reader(message->bytes + MESSAGE_HEADER, message->length - MESSAGE_HEADER);
    uint8_t kind = message_kind(message->bytes[0], body.at, reader_left(&body));
    const hs_row_t *row = find_row(conn, kind, message->epoch);
    if (!row) {
        fail_or_suspect(conn, message->epoch, DTLS_ERR_UNEXPECTED_MESSAGE);
        return;
    }
    conn->messages.processing = true;
    dtls_error_t error = row->receive(conn, &body, message);
    conn->messages.processing = false;
    if (error == HS_IGNORE) {
        suspect_compare_answer(conn, message);
        return;
    }
    if (error) {
        fail_or_suspect(conn, message->epoch, error);
        return;
    }
    error = commit(conn, row, message);
    if (error)
        conn_fail(conn, error);
}

void hs_message(conn_t *conn, const message_t *message)
{
    dtls_context_t *ctx = conn->ctx;
    const terms_t *outer = ctx->terms;
    ctx->terms = terms_of(conn);
    run_row(conn, message);
    ctx->terms = outer;
}

bool hs_may_respond_to_first(const conn_t *conn, uint16_t seq)
{
    return seq == 0 && conn->hs && conn->hs->offer.first.count > 0;
}

/* Returns the message with the header of an unfragmented message, as the transcript needs it. */
message_t hs_whole_message(const fragment_t *fragment)
{
    return (message_t){fragment->body - MESSAGE_HEADER, MESSAGE_HEADER + fragment->length,
                       fragment->epoch, fragment->sequence};
}

/* Returns true for the last message of a flight, or for the last part of this message. If the peer
 * resends it, the peer has not received our response. */
static bool ends_flight(const conn_t *conn, const fragment_t *fragment)
{
    uint8_t type = fragment->type;
    bool last = type == HANDSHAKE_SERVER_HELLO_DONE || type == HANDSHAKE_FINISHED;
    /* In DTLS 1.3 the peer may resend only a part of a message: the part that no ACK has listed. */
    uint32_t from = rules_of(conn)->parts_repeated ? fragment->offset : 0;
    return last && from == 0 && fragment->offset + fragment->frag_length == fragment->length;
}

static void receive_old_message(conn_t *conn, const record_t *record, const fragment_t *fragment)
{
    trace_fragment(conn, record, fragment, FRAGMENT_DUPLICATE);
    trace_drop(conn->ctx, conn, &conn->peer->session, record, DTLS_DROP_OLD_MESSAGE);
    if (record->epoch == 0)
        /* Do not list a plaintext record in our ACK. A protected record is listed again, because
         * our ACK of its first copy was lost. */
        ack_retract(conn, record);
    if (fragment_is_whole(fragment)) {
        const message_t message = hs_whole_message(fragment);
        suspect_compare_answer(conn, &message);
    }
    if (ends_flight(conn, fragment) && conn->flight.count > 0)
        retransmit_on_repeat(conn, record_digest(conn->ctx->peers.table.key, record));
}

/* Returns true for a message that must be ignored at this time: one that arrives too late, a
 * HelloRequest to a client during a handshake (RFC 5246 section 7.4.1.1), and a DTLS 1.2
 * NewSessionTicket that arrives too early. If plaintext messages were stored before they are
 * expected, a forged ticket could keep out the genuine ticket. */
static bool is_untimely(const conn_t *conn, const record_t *record, const fragment_t *fragment,
                        const hs_row_t *row)
{
    switch (fragment->type) {
    case HANDSHAKE_HELLO_REQUEST:
        return record->epoch == 0 || (conn->client && rules_of(conn)->renegotiation);
    case HANDSHAKE_NEW_SESSION_TICKET:
        return record->epoch == 0 && conn->client && fragment->seq != conn->messages.receive_seq;
    case HANDSHAKE_HELLO_VERIFY_REQUEST: return record->epoch == 0 && conn->client && !row;
    default: return false;
    }
}

static bool accepts_any_seq(const conn_t *conn, const hs_row_t *row, uint16_t seq)
{
    return row->flags & ROW_STATELESS ||
           (row->flags & ROW_FIRST && hs_may_respond_to_first(conn, seq));
}

/* Returns true for a new message in an epoch that the peer has left by a KeyUpdate. After the
 * KeyUpdate the peer must not send new messages in that epoch (RFC 9147 section 8). */
static bool follows_key_update(const conn_t *conn, const record_t *record, uint16_t ahead)
{
    return rules_of(conn)->acks && !conn->hs && ahead < 0x8000 &&
           record->epoch < conn->v13->read_epoch;
}

static void reassemble(conn_t *conn, const record_t *record, const fragment_t *fragment)
{
    dtls_drop_t reason =
        reassembly_add(&conn->reassembly, &conn->ctx->alloc, conn->messages.receive_seq, fragment);
    if (reason != DTLS_DROP_COUNT)
        drop_record(conn, record, reason);
    else
        retransmit_response_began(conn, record->epoch);
}

/* Rejects a fragment of a message that no row (hs_row_t) allows. Of a plaintext message, which may
 * be forged, only the first fragment (offset 0) counts as a suspected error. */
static void reject_fragment(conn_t *conn, const record_t *record, const fragment_t *fragment)
{
    drop_record(conn, record, DTLS_DROP_BAD_FRAGMENT);
    if (fragment->offset == 0 || record->epoch > 0)
        fail_or_suspect(conn, record->epoch, DTLS_ERR_UNEXPECTED_MESSAGE);
}

static void receive_fragment(conn_t *conn, const record_t *record, const fragment_t *fragment)
{
    bool whole = fragment_is_whole(fragment);
    uint8_t kind = message_kind(fragment->type, fragment->body, whole ? fragment->length : 0);
    const hs_row_t *row = find_row(conn, kind, record->epoch);
    uint16_t ahead = (uint16_t)(fragment->seq - conn->messages.receive_seq);
    if (follows_key_update(conn, record, ahead)) {
        conn_fail(conn, DTLS_ERR_UNEXPECTED_MESSAGE);
        return;
    }

    /* Process a whole message at once. Stored fragments of the same message may be forged, and must
     * not prevent this. */
    if (row && whole && (ahead == 0 || accepts_any_seq(conn, row, fragment->seq))) {
        trace_fragment(conn, record, fragment, FRAGMENT_NEW);
        const message_t message = hs_whole_message(fragment);
        hs_message(conn, &message);
        return;
    }
    if (ahead >= 0x8000) {
        receive_old_message(conn, record, fragment);
        return;
    }
    trace_fragment(conn, record, fragment, FRAGMENT_NEW);
    if (is_untimely(conn, record, fragment, row)) {
        drop_record(conn, record, DTLS_DROP_OLD_MESSAGE);
        return;
    }
    if (ahead == 0 && (!row || fragment->length > row->max_length))
        reject_fragment(conn, record, fragment);
    else if (ahead >= REASSEMBLY_AHEAD)
        drop_record(conn, record, DTLS_DROP_FAR_MESSAGE);
    else
        reassemble(conn, record, fragment);
}

/* ---- after the handshake ---- */

/* Returns true for a fragment of a message that requests a renegotiation. */
static bool asks_renegotiation(const conn_t *conn, const fragment_t *fragment)
{
    return fragment->type == (conn->client ? HANDSHAKE_HELLO_REQUEST : HANDSHAKE_CLIENT_HELLO);
}

static void after_handshake(conn_t *conn, const record_t *record, const fragment_t *fragment)
{
    uint16_t ahead = (uint16_t)(fragment->seq - conn->messages.receive_seq);
    bool asks = asks_renegotiation(conn, fragment);
    if (conn->phase == PHASE_CONNECTED && asks && fragment->offset == 0 &&
        conn->messages.no_renegotiation_at <= now_of(conn->ctx)) {
        trace_fragment(conn, record, fragment, FRAGMENT_NEW);
        conn->messages.no_renegotiation_at = now_of(conn->ctx) + rto_first_ms(conn);
        output_alert(conn, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_NO_RENEGOTIATION);
        conn_event(conn, 0, DTLS_EVENT_RENEGOTIATE);
    } else if (asks || ahead >= 0x8000) {
        receive_old_message(conn, record, fragment);
    } else {
        trace_fragment(conn, record, fragment, FRAGMENT_NEW);
        conn_fail(conn, DTLS_ERR_UNEXPECTED_MESSAGE);
    }
}

/* Returns true if the whole record consists of well-formed fragments. If not, all its fragments are
 * discarded. */
static bool is_all_fragments(const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    fragment_t fragment;
    while (reader_left(&r) > 0)
        if (!parse_fragment(&r, &fragment))
            return false;
    return true;
}

void hs_record(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    fragment_t fragment;
    if (conn->messages.processing || (conn->client && conn->hs && conn->flight.sends == 0)) {
        /* The application has passed in this datagram from a callback: a message is still being
         * processed, or our ClientHello is not sent yet. */
        drop_record(conn, record, DTLS_DROP_TOO_EARLY);
        return;
    }
    ack_note(conn, record);
    if (!is_all_fragments(record)) {
        drop_record(conn, record, DTLS_DROP_BAD_FRAGMENT);
        if (record->epoch > 0)
            conn_fail(conn, DTLS_ERR_DECODE);
        return;
    }
    while (conn->phase != PHASE_ENDED && parse_fragment(&r, &fragment)) {
        fragment.epoch = record->epoch;
        fragment.sequence = record->sequence;
        if (conn->hs || rules_of(conn)->acks) {
            receive_fragment(conn, record, &fragment);
        } else {
            after_handshake(conn, record, &fragment);
        }
    }
    retransmit_note_record(conn, record_digest(conn->ctx->peers.table.key, record));
}

/* Processes reassembled messages. The caller does so at the end of a datagram, so that a whole
 * message in the datagram takes precedence over one that was reassembled earlier, perhaps from
 * forged fragments. */
void hs_run_waiting(conn_t *conn)
{
    message_t message;
    while (conn->phase != PHASE_ENDED && !conn->messages.processing &&
           reassembly_complete(&conn->reassembly, conn->messages.receive_seq, &message)) {
        uint16_t seq = conn->messages.receive_seq;
        trace_reassembled(conn, &message);
        hs_message(conn, &message);
        if (conn->messages.receive_seq == seq)
            /* Free the message: it was rejected, and would be processed again. */
            reassembly_release(&conn->reassembly, &conn->ctx->alloc, seq);
    }
}

/* ---- rows, message_seq, randoms ---- */

void hs_use_rows(conn_t *conn, const hs_row_t *rows)
{
    conn->messages.rows = rows;
}

void hs_enter(conn_t *conn, hs_state_t state)
{
    conn->messages.state = (uint8_t)state;
}

void hs_start_seq(conn_t *conn, uint16_t hello_seq)
{
    messages_t *messages = &conn->messages;
    messages->hello_seq = messages->send_seq = messages->receive_seq = hello_seq;
}

void hs_expect_response(conn_t *conn)
{
    conn->messages.receive_seq = conn->messages.send_seq;
}

void hs_return_to_first(conn_t *conn)
{
    conn->messages.send_seq = 1;
    conn->messages.receive_seq = 0;
}

uint16_t hs_next_send_seq(conn_t *conn)
{
    return conn->messages.send_seq++;
}

void hs_set_client_random(conn_t *conn, const uint8_t *random)
{
    conn->client_random_hash = hs_random_hash(conn->ctx, random);
    memcpy(conn->hs->randoms.client, random, RANDOM_LENGTH);
}

void hs_set_server_random(conn_t *conn, const uint8_t *random)
{
    memcpy(conn->hs->randoms.server, random, RANDOM_LENGTH);
}

/* ---- outgoing ---- */

writer_t hs_open(conn_t *conn, uint8_t msg_type)
{
    writer_t w = flight_open(&conn->flight);
    put_message_header(&w, msg_type, 0, 0);
    return w;
}

dtls_error_t hs_finish_message(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch)
{
    if (w->failed)
        return DTLS_ERR_TOO_LONG;
    writer_t header = writer(w->start, MESSAGE_HEADER);
    uint32_t length = (uint32_t)(writer_length(w) - MESSAGE_HEADER);
    put_message_header(&header, msg_type, length, hs_next_send_seq(conn));
    bool ok = flight_close(&conn->flight, w, CONTENT_HANDSHAKE, epoch);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_TOO_LONG;
}

dtls_error_t hs_hash(conn_t *conn, const uint8_t *message, size_t length)
{
    bool ok = transcript_add(&conn->hs->transcript, message, length);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

dtls_error_t hs_close(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch)
{
    dtls_error_t error = hs_finish_message(conn, w, msg_type, epoch);
    return error ? error : hs_hash(conn, w->start, writer_length(w));
}

dtls_error_t hs_start_transcript(conn_t *conn, bool tls_form)
{
    bool ok = transcript_start(&conn->hs->transcript, conn->ctx->crypto,
                               conn->negotiated.suite->hash, tls_form);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}
