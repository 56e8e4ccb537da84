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
    /* The record with the ClientHello. If the ClientHello was reassembled: a copy of the record
     * with the last fragment, but with the size of a record that has the whole ClientHello. */
    const record_t *record;
    fragment_t fragment; /* the whole ClientHello, or a fragment of it */
    client_hello_t hello;
    uint16_t version; /* the version to negotiate; 0: client and server have none in common */
    /* DTLS 1.2: the right cookie for this client, if has_cookie is set. */
    uint8_t cookie[COOKIE_LENGTH];
    bool has_cookie;
    /* DTLS 1.3: the HelloRetryRequest that the cookie describes, if retried is set. */
    retry_t retry;
    bool retried;
    bool by_ticket; /* the ClientHello has a ticket that validates the address */
    /* record_digest() of the record with the ClientHello or its first fragment. */
    uint64_t digest;
    bool malformed; /* the ClientHello is malformed after its list of suites */
    bool illegal;   /* the ClientHello is well-formed, but has an illegal value */
} hello_in_t;

/* Drops the ClientHello: counts and traces it with this reason. */
void newcomer_drop(const hello_in_t *in, dtls_drop_t reason);
/* Logs the warning, unless *warned is set. Sets *warned. */
void newcomer_warn_once(const dtls_context_t *ctx, bool *warned, const char *message);
/* Starts an association, and processes the ClientHello in it. If a limit is reached or memory is
 * short, drops the ClientHello. proven: the client has shown that it receives at its address. */
void newcomer_start(const hello_in_t *in, bool proven);

#endif
