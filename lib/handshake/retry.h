/* retry.h - the HelloRetryRequest of a server that keeps no state (RFC 9147 section 5.1, RFC 8446
 * section 4.1.4). The cookie contains what the server must know when the second ClientHello
 * arrives. */
#ifndef RETRY_H
#define RETRY_H

#include "conn/state.h"
#include "message/hello.h"

#define RETRY_MAX 256 /* length of the longest HelloRetryRequest, with message header */

/* Chooses the suite and the group that the HelloRetryRequest requests after a first ClientHello.
 * message: the ClientHello with its header, `length` bytes. Returns false if client and server have
 * no suite in common, or if libcrypto fails. */
bool retry_decide(const dtls_context_t *ctx, const client_hello_t *hello, const uint8_t *message,
                  size_t length, retry_t *retry);
/* Makes the cookie of a HelloRetryRequest from the other fields of *retry. Returns false if
 * libcrypto fails. */
bool retry_seal(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* Restores a HelloRetryRequest from the cookie of a second ClientHello. Returns false if the cookie
 * is not ours. */
bool retry_open(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry);
/* Writes a HelloRetryRequest. seq: its message_seq. Returns its length in bytes. */
size_t retry_message(const retry_t *retry, uint16_t seq, uint8_t out[RETRY_MAX]);

/* Returns true if no second ClientHello can succeed, because client and server have no key exchange
 * mode or no group in common. The ClientHello must have passed hs13_server_check(). */
bool retry_is_hopeless(const dtls_context_t *ctx, const client_hello_t *hello);
/* Returns our first group that the client supports, if the client has sent no key share for any of
 * our groups. 0: no key share is missing. */
uint16_t retry_missing_group(const dtls_context_t *ctx, const client_hello_t *hello);
/* Returns our first group for which the client has sent a key share, and sets *share to the share.
 * NULL: there is none. */
const group_t *retry_choose_group(const dtls_context_t *ctx, const client_hello_t *hello,
                                  reader_t *share);

#endif
