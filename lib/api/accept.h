/*
 * accept.h - a ClientHello from an address: the cookie exchange, about which nothing is kept, and
 * the birth of server associations.
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "conn/state.h"

/* A plaintext handshake record that starts with a ClientHello, or with a part of one; peer is NULL at a new
 * address. False: it needs no answer before more fragments have come. */
bool accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record);

#endif
