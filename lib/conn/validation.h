/* validation.h - server: whether the client has shown that it receives at its address. An address
 * that is not validated may be spoofed: we send at most AMPLIFICATION_MAX times the bytes that have
 * come from it (RFC 9147 section 5.1), including retransmissions. */
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

/* Returns true if this flight may be sent once more. */
static inline bool validation_permits(const conn_t *conn, const flight_t *flight)
{
    const handshake_t *hs = conn->hs;
    uint64_t length = (uint64_t)flight->longest * flight->datagrams;
    return conn->client || !hs || hs->address_validated ||
           conn->counts.octets_out + length <= AMPLIFICATION_MAX * hs->received;
}

#endif
