/*
 * retry.h - HelloRetryRequest without state in the server (RFC 9147 section 5.1, RFC 8446 section 4.1.4).
 * Its cookie brings back what the server must know when the second ClientHello arrives.
 */
#ifndef RETRY_H
#define RETRY_H

#include "conn/state.h"
#include "message/hello.h"

#define RETRY_MAX 256 /* bytes of the message, with its header */

/* Decides the suite and the group to request, from a first ClientHello: message has length bytes.
 * Returns false if there is no suite in common, or libcrypto fails. */
bool retry_decide(const dtls_context_t *ctx, const client_hello_t *hello, const uint8_t *message,
                  size_t length, retry_t *retry);
/* Makes the cookie. Returns false if libcrypto fails. */
bool retry_seal(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* Opens the cookie of a second ClientHello. Returns false if the cookie is not ours. */
bool retry_open(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* Writes the message. seq: its message_seq. Returns its length in bytes. */
size_t retry_message(const retry_t *retry, uint16_t seq, uint8_t out[RETRY_MAX]);

/* True if no second ClientHello can help: there is no key exchange mode in common, or no group. */
bool retry_is_hopeless(const dtls_context_t *ctx, const client_hello_t *hello);
/* If the client supports a group of ours but has sent no share for any, returns our first such group.
 * 0: no share is missing. */
uint16_t retry_missing_group(const dtls_context_t *ctx, const client_hello_t *hello);
/* Returns our first group for which the client has sent a share. NULL: there is none. */
const group_t *retry_choose_group(const dtls_context_t *ctx, const client_hello_t *hello,
                                  reader_t *share);

#endif
