/*
 * challenge.h - whether a client receives at its address: cookies, about which the server keeps nothing. RFC 6347
 * section 4.2.1, RFC 9147 section 5.1.
 */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "api/newcomer.h"

/* Whether config.cookie asks for a cookie, whatever the extensions of the hello say. */
bool challenge_wanted_anyway(const hello_in_t *in);
/* The same for a hello that has been read whole. */
bool challenge_wanted(const hello_in_t *in);
/* DTLS 1.2: whether the hello has the right cookie. */
bool challenge_met(hello_in_t *in);
/* DTLS 1.2: answers by a HelloVerifyRequest. */
void challenge_by_cookie(hello_in_t *in);
/* DTLS 1.3: answers by a HelloRetryRequest. False: it cannot be made. */
bool challenge_by_retry(hello_in_t *in);

#endif
