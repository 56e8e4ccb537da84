/*
 * hs_server.h - how a server chooses from a ClientHello: version, cipher suite, group.
 */
#ifndef HS_SERVER_H
#define HS_SERVER_H

#include "conn/state.h"
#include "message/hello.h"

/* True if this server has a suite of this version that its PSKs can be used with. */
bool hs_supports_version(const dtls_context_t *ctx, uint16_t version);
/* True if the suite is enabled here and offered by the client. A CBC suite needs encrypt_then_mac as
 * well (RFC 7366). Does not check that there is a group for the key exchange. */
bool hs_is_common_suite(const dtls_context_t *ctx, const suite_t *suite,
                        const client_hello_t *hello);
/* Returns the error to report if there is no suite in common: DTLS_ERR_NO_PSK if the client offers no
 * PSK suite, else DTLS_ERR_NO_CIPHER_SUITE. */
dtls_error_t hs_no_suite_error(const client_hello_t *hello);
/* Returns our first suite of this version that the client offers. NULL: there is none. DTLS 1.3: its
 * hash must be that of the PSK. DTLS 1.2: there must be a group for its key exchange. */
const suite_t *hs_choose_suite(const dtls_context_t *ctx, uint16_t version,
                               const client_hello_t *hello);
/* DTLS 1.2: returns the group for a key exchange: the client's first one that is enabled here. NULL:
 * there is none. */
const group_t *hs_choose_group(const dtls_context_t *ctx, kx_t kx, const client_hello_t *hello);
/* Returns the version for this client. 0: there is none in common. */
uint16_t hs_choose_version(const dtls_context_t *ctx, const client_hello_t *hello);

#endif
