/*
 * early.h - early data of DTLS 1.3: its status, and how much may still be sent or received (RFC
 * 8446 sections 2.3 and 4.2.10).
 */
#ifndef EARLY_H
#define EARLY_H

#include "conn/state.h"

/* Client: stores that the session to resume allows at most `bytes` bytes of early data. */
void early_allow(conn_t *conn, uint32_t bytes);
/* Client: offers early data in the next ClientHello, if the session to resume allows it. */
void early_offer(conn_t *conn);
/* Client: takes back the offer of early data. Call this when the session is left out of the
 * ClientHello. */
void early_withdraw(conn_t *conn);
/* Client: sets the status to accepted. Call this when the server accepts the early data. */
void early_accepted(conn_t *conn);
/* Client: sets the status to rejected, if early data was offered. Call this when the server does
 * not accept early data. */
void early_rejected(conn_t *conn);
/* Client: sets the status to `status`, which it had before a HelloVerifyRequest. Call this when the
 * HelloVerifyRequest turns out to be forged. */
void early_restore(conn_t *conn, dtls_early_t status);
/* Server: returns how many bytes of early data we accept with a ticket. With shared secrets
 * (dtls_set_secrets()) that is 0 bytes: another server may accept the same early data. */
static inline uint32_t early_limit(const dtls_context_t *ctx)
{
    return ctx->secrets.count > 0 ? 0 : ctx->config.early_data;
}
/* Server: accepts at most `bytes` bytes of the early data that the client offers. 0: rejects all
 * early data. */
void early_decide(conn_t *conn, uint32_t bytes);
/* Subtracts the `length` bytes of a record from the early data that may still be sent or received.
 * If less than `length` is left, changes nothing and returns false. */
bool early_consume(conn_t *conn, size_t length);

#endif
