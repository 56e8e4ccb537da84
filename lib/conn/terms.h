/*
 * terms.h - what the application demands of one peer, by get_user_parameters, in place of what the
 * configuration says.
 *
 * ctx->terms are those of the peer whose hello or message is being handled; whoever begins to handle one
 * sets them, and sets them back.
 */
#ifndef TERMS_H
#define TERMS_H

#include "conn/state.h"

/* Asks the application, if it has the callback, which may call back in. Returns room, or those of the
 * context. */
const terms_t *terms_ask(dtls_context_t *ctx, const session_t *session, terms_t *room);
/* Those of an association. */
const terms_t *terms_of(const conn_t *conn);

#endif
