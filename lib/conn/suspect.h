/*
 * suspect.h - a failure that is not authenticated, so that an attacker may have forged it: it counts only if the
 * handshake makes no progress for config.alert_grace_ms.
 */
#ifndef SUSPECT_H
#define SUSPECT_H

#include "conn/state.h"

/* Suspects this failure; an authenticated one ends the association at once. */
void suspect_failure(conn_t *conn, failure_t failure);
/* The handshake makes progress: the suspected failure, if any, was forged. */
void suspect_clear(conn_t *conn);
/* Ends the association because of this failure. */
void suspect_confirm(conn_t *conn, const failure_t *failure);
/* Server: a first protected handshake record does not open, since the client has another key or since an attacker
 * wrote it. A plaintext alert tells the client at once. The handshake continues for
 * config.alert_grace_ms, since the record may have been forged. */
void suspect_wrong_key(conn_t *conn);
/* Client: resends the hello without a cookie, since the HelloVerifyRequest may have been forged. timer_ms: of the
 * timer that ran out; 0: because of a suspected failure. */
void suspect_resend_first(conn_t *conn, uint32_t timer_ms);

#endif
