/*
 * accept.h - server: what to do with a ClientHello. The server accepts it, requests a cookie,
 * rejects it, or resends its response to a duplicate. No state is kept before the client has
 * shown that it receives at its address.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "conn/state.h"

/* Handles a plaintext handshake record that begins with a ClientHello or a fragment of one. peer:
 * NULL if no peer has the address. Returns false if more fragments of the ClientHello must arrive
 * first. */
bool accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record);

#endif
