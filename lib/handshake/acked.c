#include "handshake/acked.h"

#include "conn/ack.h"
#include "conn/conn.h"
#include "conn/epochs.h"
#include "conn/liveness.h"
#include "conn/retransmit.h"
#include "conn/trace.h"
#include "handshake/post_handshake.h"

/* Handles the ACK of the whole flight of the handshake. If we are the client, the handshake is then
 * complete on both sides, and neither side resends handshake messages. */
static dtls_error_t handshake_acked(conn_t *conn)
{
    flight_end(&conn->flight, &conn->ctx->alloc);
    if (conn->hs)
        /* We are the server, and the client's Finished has not arrived yet. */
        return DTLS_ERR_NONE;
    conn_handshake_acked(conn);
    epochs_end_write(conn, EPOCH_HANDSHAKE);
    epochs_end_read(conn, EPOCH_HANDSHAKE);
    return post13_send_pending(conn);
}

/* Continues after an ACK for a flight. If the ACK lists only a part of the flight, resends the rest
 * at once (RFC 9147 section 7.2). post: the kind of post-handshake flight; -1: the flight of the
 * handshake. */
static void after_ack(conn_t *conn, flight_t *flight, int post)
{
    dtls_error_t error = DTLS_ERR_NONE;
    if (!flight_all_acked(flight))
        error = retransmit_send(conn, flight);
    else if (post < 0)
        error = handshake_acked(conn);
    else
        error = post13_acked(conn, (post_t)post);
    if (error)
        conn_fail(conn, error);
}

static bool apply(flight_t *flight, reader_t numbers)
{
    bool any = false;
    while (reader_left(&numbers) > 0) {
        record_number_t number;
        number.epoch = take_uint(&numbers, 8);
        number.sequence = take_uint(&numbers, 8);
        any |= flight_ack(flight, number);
    }
    return any;
}

static bool names_higher_epoch(reader_t numbers, uint64_t epoch)
{
    while (reader_left(&numbers) > 0) {
        if (take_uint(&numbers, 8) > epoch)
            return true;
        take_uint(&numbers, 8);
    }
    return false;
}

/* Returns the highest epoch of records that this ACK may list. During the handshake, an ACK is sent
 * in the epoch of the listed records or in a higher one (RFC 9147 section 7.1). After the
 * handshake, each direction updates its keys independently, so the limit is the newest epoch in
 * which we have sent. */
static uint64_t highest_epoch(const conn_t *conn, const record_t *record)
{
    bool own = record->epoch >= EPOCH_TRAFFIC && conn->send_epoch > record->epoch;
    return own ? conn->send_epoch : record->epoch;
}

static void trace_ack(const conn_t *conn, const record_t *record, const reader_t *numbers)
{
    dtls_trace_t trace = trace_of_record(DTLS_TRACE_ACK, &conn->peer->session, record);
    trace.data = numbers->at;
    trace.length = reader_left(numbers);
    trace_emit(conn->ctx, &trace);
}

void acked_record(conn_t *conn, const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    reader_t numbers = take_block(&r, 2);
    /* Drop a plaintext ACK: it may be forged, and a forged ACK must not stop a retransmission. */
    if (record->epoch == 0 || !ack_agreed(conn)) {
        trace_drop(conn->ctx, conn, &conn->peer->session, record, DTLS_DROP_UNAUTHENTICATED);
        return;
    }
    if (!reader_done(&r) || numbers.failed || reader_left(&numbers) % 16 != 0) {
        conn_fail(conn, DTLS_ERR_DECODE);
        return;
    }
    trace_ack(conn, record, &numbers);
    liveness_responded(conn);
    if (names_higher_epoch(numbers, highest_epoch(conn, record))) {
        conn_fail(conn, DTLS_ERR_ILLEGAL_PARAMETER);
        return;
    }
    if (conn->flight.acked && apply(&conn->flight, numbers))
        after_ack(conn, &conn->flight, -1);
    for (int i = 0; i < POST_COUNT && conn->phase != PHASE_ENDED; i++)
        if (conn->v13->post[i] && apply(conn->v13->post[i], numbers))
            after_ack(conn, conn->v13->post[i], i);
}
