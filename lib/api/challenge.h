/*
 * challenge.h - the cookies by which a client proves that it receives at its address (RFC 6347 section
 * 4.2.1, RFC 9147 section 5.1). The server keeps no state for them.
 */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "api/newcomer.h"

/* True if a cookie is needed, whatever the extensions of the hello are. */
bool challenge_always_needed(const hello_in_t *in);
/* True if a cookie is needed. The whole hello must have been parsed. */
bool challenge_needed(const hello_in_t *in);
/* DTLS 1.2: true if the hello has the right cookie. */
bool challenge_passed(hello_in_t *in);
/* DTLS 1.2: responds with a HelloVerifyRequest. */
void challenge_by_cookie(hello_in_t *in);
/* DTLS 1.3: responds with a HelloRetryRequest. Returns false if it cannot be made. */
bool challenge_by_retry(hello_in_t *in);

#endif
