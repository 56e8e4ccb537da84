/* challenge.h - server: the demand for a cookie, by which a client shows that it receives at its
 * address (RFC 6347 section 4.2.1, RFC 9147 section 5.1). The server stores nothing about the
 * client. */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "api/newcomer.h"

/* Returns true if the address and the configuration alone demand a cookie, whatever the ClientHello
 * contains. */
bool challenge_always_needed(const hello_in_t *in);
/* Returns true if a cookie must be demanded for this ClientHello, which must be completely
 * parsed. */
bool challenge_needed(const hello_in_t *in);
/* DTLS 1.2: returns true if the ClientHello has the right cookie. */
bool challenge_passed(hello_in_t *in);
/* DTLS 1.2: sends a HelloVerifyRequest. */
void challenge_by_cookie(hello_in_t *in);
/* DTLS 1.3: sends a HelloRetryRequest with a cookie, for a ClientHello that has passed
 * hs13_server_check(). Returns false if the ClientHello is shorter than the HelloRetryRequest, or
 * if libcrypto fails. */
bool challenge_by_retry(hello_in_t *in);

#endif
