/*
 * suspect.h - failures that are not authenticated: an attacker may have forged the message. So
 * the failure is only suspected at first. If the handshake makes no progress for
 * config.alert_grace_ms, the suspected failure ends the association.
 */
#ifndef SUSPECT_H
#define SUSPECT_H

#include "conn/state.h"

/* Suspects this failure. If it is authenticated, ends the association at once. */
void suspect_failure(conn_t *conn, failure_t failure);
/* Call this when the handshake makes progress: a suspected failure was forged. */
void suspect_clear(conn_t *conn);
/* Ends the association because of this failure. */
void suspect_confirm(conn_t *conn, const failure_t *failure);
/* Server: call this when the first protected record of the client does not decrypt. Either the
 * client has another key, or an attacker has written the record. Sends a plaintext alert at once,
 * and suspects a wrong key. */
void suspect_wrong_key(conn_t *conn);
/* Client: resends the ClientHello without a cookie, because an attacker may have forged the
 * HelloVerifyRequest. timer_ms: the timer that has expired; 0: a failure is suspected. */
void suspect_resend_first(conn_t *conn, uint32_t timer_ms);

#endif
