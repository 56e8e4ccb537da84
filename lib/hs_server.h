/*
 * hs_server.h - what a server of either version decides from a ClientHello.
 */
#ifndef HS_SERVER_H
#define HS_SERVER_H

#include "hello.h"
#include "state.h"

/* Has the context suites of that version, and keys for them? */
bool hs_speaks(const dtls_context_t *ctx, uint16_t version);
/* Our first suite of that version that the client offers; NULL: there is none. In 1.3 its hash must be
 * that of the PSK. */
const suite_t *hs_choose_suite(const dtls_context_t *ctx, uint16_t version, reader_t offered);
/* The version for this client; 0: there is none in common. */
uint16_t hs_choose_version(const dtls_context_t *ctx, const client_hello_t *hello);

#endif
