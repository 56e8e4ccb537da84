/* newcomer.h - server: a newcomer, which is a ClientHello that is being examined, and the
 * association that it starts. */
#ifndef NEWCOMER_H
#define NEWCOMER_H

#include "conn/state.h"
#include "handshake/retry.h"

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;
    /* Its record; if reassembled, the last one, with the size of the message. */
    const record_t *record;
    fragment_t fragment; /* the whole ClientHello, or a fragment of it */
    client_hello_t hello;
    uint16_t version; /* the version to negotiate; 0: client and server have none in common */
    uint8_t cookie[COOKIE_LENGTH]; /* DTLS 1.2, if has_cookie: the right cookie */
    bool has_cookie;
    retry_t retry; /* DTLS 1.3, if retried: the HelloRetryRequest that the cookie restores */
    bool retried;
    bool by_ticket; /* it has a DTLS 1.3 ticket that validates the address */
    uint64_t
        digest; /* digest of its record; if reassembled, of the record with the first fragment */
    bool malformed; /* its part after the suites is malformed */
    bool illegal;   /* it is well-formed, but has an illegal value */
} hello_in_t;

/* Drops the ClientHello: counts and traces it with this reason. */
void newcomer_drop(const hello_in_t *in, dtls_drop_t reason);
/* Starts an association, and processes the ClientHello in it, or drops the ClientHello if there is
 * no room. proven: the client has shown that it receives at its address. */
void newcomer_start(const hello_in_t *in, bool proven);

#endif
