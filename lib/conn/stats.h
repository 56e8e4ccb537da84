/* stats.h - the counters of dtls_get_stats(). With conn NULL a function counts for the context,
 * which has the datagrams and records without an association. */
#ifndef STATS_H
#define STATS_H

#include "conn/state.h"

/* Counts a datagram of `length` bytes that has arrived. */
static inline void stats_datagram_in(dtls_context_t *ctx, conn_t *conn, size_t length)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->datagrams_in++;
    stats->octets_in += length;
}

/* Counts `count` datagrams, together `length` bytes, that the write callback has accepted. */
static inline void stats_datagrams_out(dtls_context_t *ctx, conn_t *conn, size_t count,
                                       size_t length)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->datagrams_out += count;
    stats->octets_out += length;
}

/* Counts `count` datagrams that the write callback has not accepted. */
static inline void stats_write_failed(dtls_context_t *ctx, conn_t *conn, size_t count)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->write_failed += count;
}

/* Counts a record that was discarded for this reason. */
static inline void stats_dropped(dtls_context_t *ctx, conn_t *conn, dtls_drop_t drop)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->dropped[drop]++;
    stats->replayed += drop == DTLS_DROP_REPLAYED;
}

/* Counts a record of application data that has arrived, with `length` bytes of data. */
static inline void stats_data_in(conn_t *conn, size_t length)
{
    conn->stats.records_in++;
    conn->stats.bytes_in += length;
}

/* Counts `count` records of application data that were sent, with `length` bytes of data. */
static inline void stats_data_out(conn_t *conn, size_t count, size_t length)
{
    conn->stats.records_out += count;
    conn->stats.bytes_out += length;
}

/* Counts an authenticated record that has arrived. late: a record with a higher number arrived
 * before it. */
static inline void stats_arrived(conn_t *conn, bool late)
{
    conn->stats.arrived++;
    conn->stats.late += late;
}

/* Counts a record of the peer that was longer than our record_size_limit. */
static inline void stats_too_long(conn_t *conn)
{
    conn->stats.too_long++;
}

/* Counts the `count` record numbers of an ended epoch that have not arrived. */
static inline void stats_lost(conn_t *conn, uint64_t count)
{
    conn->stats.lost += count;
}

/* Counts a flight that we have resent because the peer repeated its own flight. */
static inline void stats_resent(conn_t *conn)
{
    conn->stats.resent++;
}

/* Counts a retransmission timer that has expired. */
static inline void stats_timeout(conn_t *conn)
{
    conn->stats.timeouts++;
}

#endif
