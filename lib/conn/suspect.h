/* suspect.h - what an attacker may have forged.
 *
 * Failures that a message shows or reports, but that are not authenticated. Such a failure is only suspected at first. It ends the association
 * if the handshake makes no progress for config.alert_grace_ms.
 *
 * Plaintext messages of a server. The client follows the one that arrives first. If another one with
 * the same message_seq arrives, one of the two is forged. */
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

/* The functions below are for the client. */

/* Stores the digest of a plaintext message that was processed. */
void suspect_note_answer(conn_t *conn, const message_t *message);
/* Compares a plaintext message with the one of the same message_seq that was processed. Call this for each message that
 * arrives after that one. */
void suspect_compare_answer(conn_t *conn, const message_t *message);
/* Returns true if two different messages had the same message_seq. */
bool suspect_forged_answer(const conn_t *conn);
/* Returns true for a ServerHello that has arrived before the handshake was started over. It responds to an earlier
 * ClientHello, or is forged. */
bool suspect_is_stale_hello(const conn_t *conn, const message_t *message);
/* Copies to `next`, which starts the handshake over, the digests of the ServerHellos that have arrived so far. */
void suspect_inherit_hellos(conn_t *next, const conn_t *old);

#endif
