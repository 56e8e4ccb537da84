/*
 * terms.h - what the application demands of one peer, by get_user_parameters, in place of what the
 * configuration says.
 *
 * ctx->terms are the terms of the peer whose message is being handled. The function that begins to
 * handle the message sets and restores them.
 */
#ifndef TERMS_H
#define TERMS_H

#include "conn/state.h"

/* Calls get_user_parameters, if set; the callback may call the library. Returns room, filled in, or the
 * terms of the context. */
const terms_t *terms_ask(dtls_context_t *ctx, const session_t *session, terms_t *room);
/* Returns the terms of an association. */
const terms_t *terms_of(const conn_t *conn);

#endif
