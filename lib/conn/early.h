/*
 * early.h - early data of DTLS 1.3: its status, and how much may still be sent or received (RFC
 * 8446 sections 2.3 and 4.2.10).
 */
#ifndef EARLY_H
#define EARLY_H

#include "conn/state.h"

/* Client: a session allows at most `bytes` bytes of early data. */
void early_allow(conn_t *conn, uint32_t bytes);
/* Client: offers early data in the ClientHello, if the session to resume allows it. */
void early_offer(conn_t *conn);
/* Client: does not offer early data after all, because the session is left out of the ClientHello.
 * */
void early_withdraw(conn_t *conn);
/* Client: call this when the server accepts the early data. */
void early_accepted(conn_t *conn);
/* Client: call this when the server does not accept the early data, if any was offered. */
void early_rejected(conn_t *conn);
/* Client: sets the status back to what it was before a HelloVerifyRequest that was forged. */
void early_restore(conn_t *conn, dtls_early_t status);
/* Server: accepts at most `bytes` bytes of the early data that the client offers; 0: rejects it. */
void early_decide(conn_t *conn, uint32_t bytes);
/* Call this for each record of early data. length: bytes of data. Returns false if the record
 * exceeds the limit, which then does not change. */
bool early_consume(conn_t *conn, size_t length);

#endif
