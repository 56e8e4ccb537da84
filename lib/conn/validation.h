/* validation.h - server: whether the client has shown that it receives at its address. An address
 * that is not validated may be spoofed: we send at most AMPLIFICATION_MAX times the bytes that have
 * come from it (RFC 9147 section 5.1), including retransmissions and alerts. */
#ifndef VALIDATION_H
#define VALIDATION_H

#include "conn/state.h"

#define AMPLIFICATION_MAX 3

/* Counts `length` bytes that have come from the address. */
static inline void validation_received(conn_t *conn, size_t length)
{
    if (conn && conn->hs)
        conn->hs->received += length;
}

/* Lifts the limit. Call this when the client has shown that it receives at its address. */
static inline void validation_passed(conn_t *conn)
{
    conn->hs->address_validated = true;
}

/* Returns true if a datagram of `length` bytes may be sent. */
static inline bool validation_permits(const conn_t *conn, uint64_t length)
{
    const handshake_t *hs = conn->hs;
    return conn->client || !hs || hs->address_validated ||
           hs->sent + length <= AMPLIFICATION_MAX * hs->received;
}

/* Returns true if this flight may be sent once more. */
static inline bool validation_permits_flight(const conn_t *conn, const flight_t *flight)
{
    return validation_permits(conn, (uint64_t)flight->longest * flight->datagrams);
}

/* Counts a datagram of `length` bytes. Call this before the write callback, which may cause the
 * next datagram. */
static inline void validation_sending(conn_t *conn, size_t length)
{
    if (conn->hs)
        conn->hs->sent += length;
}

#endif
