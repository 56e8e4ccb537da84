/* stats.h - the counters of dtls_get_stats(). With conn NULL a function counts for the context,
 * whose counters are for datagrams and records without an association. */
#ifndef STATS_H
#define STATS_H

#include "conn/state.h"

/* Counts a datagram of `length` bytes that has arrived. */
static inline void stats_datagram_in(dtls_context_t *ctx, conn_t *conn, size_t length)
{
    counts_t *counts = conn ? &conn->counts : &ctx->counts;
    counts->datagrams_in++;
    counts->octets_in += length;
}

/* Counts `count` datagrams, together `length` bytes, that the write callback has accepted. */
static inline void stats_datagrams_out(dtls_context_t *ctx, conn_t *conn, size_t count,
                                       size_t length)
{
    counts_t *counts = conn ? &conn->counts : &ctx->counts;
    counts->datagrams_out += count;
    counts->octets_out += length;
}

/* Counts `count` datagrams that the write callback has not accepted. */
static inline void stats_write_failed(dtls_context_t *ctx, conn_t *conn, size_t count)
{
    counts_t *counts = conn ? &conn->counts : &ctx->counts;
    counts->write_failed += count;
}

#define STATS_DROPPED_SIZE (DTLS_DROP_COUNT * sizeof(uint64_t)) /* size of conn_t.dropped */

/* Counts a record that was discarded for this reason. If there is no memory for the counters of an
 * association, counts the record for the context. */
static inline void stats_dropped(dtls_context_t *ctx, conn_t *conn, dtls_drop_t drop)
{
    if (conn && !conn->dropped)
        conn->dropped = alloc_zeroed(&ctx->alloc, STATS_DROPPED_SIZE);
    (conn && conn->dropped ? conn->dropped : ctx->dropped)[drop]++;
}

/* Moves the counters of the association `old` to `next`, which replaces it. */
static inline void stats_move(conn_t *next, conn_t *old)
{
    next->counts = old->counts;
    next->dropped = old->dropped;
    old->dropped = NULL;
}

/* Counts a record of application data that has arrived, with `length` bytes of data. */
static inline void stats_data_in(conn_t *conn, size_t length)
{
    conn->counts.records_in++;
    conn->counts.bytes_in += length;
}

/* Counts `count` records of application data that were sent, with `length` bytes of data. */
static inline void stats_data_out(conn_t *conn, size_t count, size_t length)
{
    conn->counts.records_out += count;
    conn->counts.bytes_out += length;
}

/* Counts an authenticated record that has arrived. late: a record with a higher number arrived
 * before it. */
static inline void stats_arrived(conn_t *conn, bool late)
{
    conn->counts.arrived++;
    conn->counts.late += late;
}

/* Counts a record of the peer that was longer than our record_size_limit. */
static inline void stats_too_long(conn_t *conn)
{
    conn->counts.too_long++;
}

/* Counts the `count` record numbers of an ended epoch that have not arrived. */
static inline void stats_lost(conn_t *conn, uint64_t count)
{
    conn->counts.lost += count;
}

/* Counts a flight that we have resent because the peer repeated its own flight. */
static inline void stats_resent(conn_t *conn)
{
    conn->counts.resent++;
}

/* Counts a retransmission timer that has expired. */
static inline void stats_timeout(conn_t *conn)
{
    conn->counts.timeouts++;
}

#endif
