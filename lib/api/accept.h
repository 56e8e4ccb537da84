/* accept.h - server: what to do with a ClientHello: accept it, demand a cookie, reject it, or
 * resend the response to a duplicate. No state is stored before the client has shown that it
 * receives at its address, unless the configuration allows that. */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "conn/state.h"

/* Handles a plaintext handshake record that begins with a ClientHello or a fragment of one. peer:
 * NULL if no peer has the address. Returns false if fragments of the ClientHello are missing. */
bool accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record);

#endif
