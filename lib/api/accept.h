/*
 * accept.h - what a server does with a ClientHello: accept it, ask for a cookie, refuse it, or respond to
 * a duplicate. No state is kept until the client has proven its address.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "conn/state.h"

/* Handles a plaintext handshake record that starts with a ClientHello or a fragment of one. peer: NULL for
 * a new address. Returns false if the server waits for more fragments of the hello. */
bool accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record);

#endif
