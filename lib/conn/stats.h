/*
 * stats.h - the counters of dtls_get_stats(). Call each function when the event happens that
 * its comment names. If conn is NULL, the function counts for the context, which has the
 * datagrams and records without an association.
 */
#ifndef STATS_H
#define STATS_H

#include "conn/state.h"

/* A datagram of `length` bytes has arrived. */
static inline void stats_datagram_in(dtls_context_t *ctx, conn_t *conn, size_t length)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->datagrams_in++;
    stats->octets_in += length;
}

/* sent: false if the write callback failed. */
static inline void stats_datagram_out(dtls_context_t *ctx, conn_t *conn, size_t length, bool sent)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    if (!sent) {
        stats->write_failed++;
        return;
    }
    stats->datagrams_out++;
    stats->octets_out += length;
}

/* A record was discarded for this reason. */
static inline void stats_dropped(dtls_context_t *ctx, conn_t *conn, dtls_drop_t drop)
{
    dtls_stats_t *stats = conn ? &conn->stats : &ctx->stats;
    stats->dropped[drop]++;
    stats->replayed += drop == DTLS_DROP_REPLAYED;
}

/* A record of application data has arrived, with `length` bytes of data. */
static inline void stats_data_in(conn_t *conn, size_t length)
{
    conn->stats.records_in++;
    conn->stats.bytes_in += length;
}

/* A record of application data was sent, with `length` bytes of data. */
static inline void stats_data_out(conn_t *conn, size_t length)
{
    conn->stats.records_out++;
    conn->stats.bytes_out += length;
}

/* An authenticated record has arrived. late: a record with a higher number arrived before it. */
static inline void stats_arrived(conn_t *conn, bool late)
{
    conn->stats.arrived++;
    conn->stats.late += late;
}

/* The peer has sent a record above our record_size_limit. */
static inline void stats_too_long(conn_t *conn)
{
    conn->stats.too_long++;
}

/* An epoch has ended, and `count` of its record numbers have not arrived. */
static inline void stats_lost(conn_t *conn, uint64_t count)
{
    conn->stats.lost += count;
}

/* We have resent a flight because the peer repeated its own. */
static inline void stats_resent(conn_t *conn)
{
    conn->stats.resent++;
}

/* A retransmission timer has expired. */
static inline void stats_timeout(conn_t *conn)
{
    conn->stats.timeouts++;
}

#endif
