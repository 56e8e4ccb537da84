/*
 * hs_server.h - server: the choice of version, cipher suite and group from a ClientHello.
 */
#ifndef HS_SERVER_H
#define HS_SERVER_H

#include "conn/state.h"
#include "message/hello.h"

/* Returns true if we have a suite of this version that works with our PSKs. */
bool hs_supports_version(const dtls_context_t *ctx, uint16_t version);
/* Returns true if our terms (the suites and extensions allowed with this client) have the suite and
 * the client offers it. For a CBC suite, the client must also offer encrypt_then_mac (RFC 7366).
 * Does not check whether there is a group for the suite. */
bool hs_is_common_suite(const dtls_context_t *ctx, const suite_t *suite,
                        const client_hello_t *hello);
/* Returns the error to report if client and server have no suite in common: DTLS_ERR_NO_PSK if the
 * client offers no PSK suite, else DTLS_ERR_NO_CIPHER_SUITE. */
dtls_error_t hs_no_suite_error(const client_hello_t *hello);
/* Returns our first suite of this version that the client offers. NULL: there is none. A DTLS 1.3
 * suite must have the hash of the PSK. The key exchange of a DTLS 1.2 suite must have a group in
 * common. */
const suite_t *hs_choose_suite(const dtls_context_t *ctx, uint16_t version,
                               const client_hello_t *hello);
/* DTLS 1.2: returns the group for a key exchange: the first group in the client's list that our
 * configuration enables. NULL: there is none. */
const group_t *hs_choose_group(const dtls_context_t *ctx, kx_t kx, const client_hello_t *hello);
/* Returns the version to negotiate with this client. 0: client and server have none in common. */
uint16_t hs_choose_version(const dtls_context_t *ctx, const client_hello_t *hello);

#endif
