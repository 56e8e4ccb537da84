/*
 * hs_server.h - what a server of either version decides from a ClientHello.
 */
#ifndef HS_SERVER_H
#define HS_SERVER_H

#include "conn/state.h"
#include "message/hello.h"

/* Has the context suites of that version, and keys for them? */
bool hs_speaks(const dtls_context_t *ctx, uint16_t version);
/* Is it a suite of ours that this client can use, whatever the key exchange? */
bool hs_shares_suite(const dtls_context_t *ctx, const suite_t *suite, const client_hello_t *hello);
/* Why there is no suite in common: what the client offers may all be for certificates. */
dtls_error_t hs_no_suite(const client_hello_t *hello);
/* Our first suite of that version that the client offers; NULL: there is none. In 1.3 its hash must be
 * that of the PSK, in 1.2 there must be a group for its key exchange. */
const suite_t *hs_choose_suite(const dtls_context_t *ctx, uint16_t version,
                               const client_hello_t *hello);
/* 1.2: our first group for that key exchange that the client has; NULL: there is none. */
const group_t *hs_choose_group(const dtls_context_t *ctx, kx_t kx, const client_hello_t *hello);
/* The version for this client; 0: there is none in common. */
uint16_t hs_choose_version(const dtls_context_t *ctx, const client_hello_t *hello);

#endif
