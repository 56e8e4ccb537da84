/* answers.h - client: which plaintext messages of the server were processed, and whether others contradict them. An
 * attacker can forge such a message, and the client follows the message that arrives first. If another one with the
 * same message_seq arrives, one of the two is forged. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "conn/state.h"

/* Returns the message_seq of a message. */
uint16_t hs_seq_of(const message_t *message);

/* Stores the digest of a plaintext message that was processed. */
void answers_note(conn_t *conn, const message_t *message);
/* Compares a plaintext message with the one of the same message_seq that was processed. Call this for each message that
 * arrives after that one. */
void answers_compare(conn_t *conn, const message_t *message);
/* Returns true if two different messages had the same message_seq. */
bool answers_are_contradicted(const conn_t *conn);
/* Returns true for a ServerHello that has arrived before the handshake was started over. It responds to an earlier
 * ClientHello, or is forged. */
bool answers_is_stale(const conn_t *conn, const message_t *message);
/* Copies to `next`, which starts the handshake over, the digests of the ServerHellos that have arrived so far. */
void answers_inherit(conn_t *next, const conn_t *old);

#endif
