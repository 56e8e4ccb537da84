/*
 * early.h - early data of DTLS 1.3: its status, and how much may still be sent or received (RFC 8446
 * sections 2.3 and 4.2.10).
 */
#ifndef EARLY_H
#define EARLY_H

#include "conn/state.h"

/* Client: the session to resume allows at most `bytes` bytes. */
void early_allow(conn_t *conn, uint32_t bytes);
/* Client: the ClientHello offers early data if the session to resume allows it. */
void early_offer(conn_t *conn);
/* Client: the session is not offered, so early data is not offered either. */
void early_withdraw(conn_t *conn);
/* Client: the server has accepted early data. */
void early_accepted(conn_t *conn);
/* Client: the server has not accepted the early data, if any was offered. */
void early_rejected(conn_t *conn);
/* Client: sets the status back to what it was before a HelloVerifyRequest that was forged. */
void early_restore(conn_t *conn, dtls_early_t status);
/* Server: accepts at most `bytes` bytes of the early data that the client offers; 0: rejects it. */
void early_decide(conn_t *conn, uint32_t bytes);
/* A record of `length` bytes is to be sent or has arrived. If it exceeds the limit, returns false,
 * and the limit does not change. */
bool early_consume(conn_t *conn, size_t length);

#endif
