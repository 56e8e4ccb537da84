/* terms.h - the terms: which cipher suites and extensions may be used with one peer. If the
 * application has set get_user_parameters, this callback chooses the terms. Otherwise the terms
 * come from the configuration.
 *
 * ctx->terms are the terms of the peer whose message is being processed. The function that begins
 * to process a message sets ctx->terms, and restores the old value afterwards. */
#ifndef TERMS_H
#define TERMS_H

#include "conn/state.h"

/* Returns the terms (the allowed suites and extensions) for a peer. If get_user_parameters is set,
 * calls this callback and stores the terms in *room. The callback may call the library. */
const terms_t *terms_ask(dtls_context_t *ctx, const session_t *session, terms_t *room);
/* Returns the terms of an association: which suites and extensions it may use. */
const terms_t *terms_of(const conn_t *conn);

#endif
