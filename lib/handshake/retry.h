/*
 * retry.h - HelloRetryRequest without keeping anything (RFC 9147 section 5.1, RFC 8446 section
 * 4.1.4): its cookie brings back what must be known when the second ClientHello comes.
 */
#ifndef RETRY_H
#define RETRY_H

#include "conn/state.h"
#include "message/hello.h"

#define RETRY_MAX 256 /* bytes of the message with header */

/* Decides what to say to a first ClientHello. False: there is nothing in common to retry with. */
bool retry_decide(const dtls_context_t *ctx, const client_hello_t *hello, const uint8_t *message,
                  size_t length, retry_t *retry);
bool retry_seal(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* Opens the cookie of a second ClientHello. False: it is not ours. */
bool retry_open(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* The message, header included; its length. */
size_t retry_message(const retry_t *retry, uint16_t seq, uint8_t out[RETRY_MAX]);

/* Is there no way to exchange keys, whatever a second hello has? */
bool retry_is_hopeless(const dtls_context_t *ctx, const client_hello_t *hello);
/* A group that the client has, if it only sent no share that we take; 0: nothing is missing. */
uint16_t retry_missing_group(const dtls_context_t *ctx, const client_hello_t *hello);
/* Our first group for which the client has sent a share that we take; NULL: there is none. */
const group_t *retry_choose_group(const dtls_context_t *ctx, const client_hello_t *hello,
                                  reader_t *share);

#endif
