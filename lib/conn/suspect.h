/* suspect.h - failures that a message shows or reports, but that are not authenticated: an attacker
 * may have forged the message. Such a failure is only suspected at first. It ends the association
 * if the handshake makes no progress for config.alert_grace_ms. */
#ifndef SUSPECT_H
#define SUSPECT_H

#include "conn/state.h"

/* Suspects this failure, which ends the association unless the handshake makes progress. If the
 * failure is authenticated, ends the association at once. */
void suspect_failure(conn_t *conn, failure_t failure);
/* Forgets the suspected failure. Call this when the handshake makes progress: progress shows that
 * the failure was forged. */
void suspect_clear(conn_t *conn);
/* Ends the association because of this suspected failure. */
void suspect_confirm(conn_t *conn, const failure_t *failure);
/* Server: suspects that the client has another key, and sends a plaintext alert at once. Call this
 * when the client's first protected record does not decrypt. An attacker may have written that
 * record. */
void suspect_wrong_key(conn_t *conn);
/* Client: if we have sent a ClientHello with a cookie, resends the first one, without a cookie: the
 * HelloVerifyRequest with the cookie may have been forged. timer_ms: the duration of the timer that
 * has expired; 0: no timer has expired, but a failure is suspected. */
void suspect_resend_first(conn_t *conn, uint32_t timer_ms);

#endif
