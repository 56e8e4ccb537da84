/*
 * newcomer.h - server: a ClientHello that is being examined, and the association that it
 * starts.
 */
#ifndef NEWCOMER_H
#define NEWCOMER_H

#include "conn/state.h"
#include "handshake/retry.h"

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;
    const record_t *record; /* if reassembled: the last record, with the size of the message */
    fragment_t fragment;    /* the whole ClientHello, or a fragment of it */
    client_hello_t hello;
    uint16_t version; /* the version to use; 0: client and server have none in common */
    uint8_t cookie[COOKIE_LENGTH]; /* DTLS 1.2: the right cookie; valid if has_cookie */
    bool has_cookie;
    retry_t retry; /* DTLS 1.3, if retried: the HelloRetryRequest that the cookie restores */
    bool retried;
    bool by_ticket; /* a ticket validates the address */
    uint64_t
        digest; /* digest of the record, or if reassembled, of the record with the first fragment */
    bool malformed; /* malformed after its suites */
    bool illegal;   /* well-formed, but illegal */
} hello_in_t;

/* Counts and traces that the ClientHello is dropped for this reason. */
void newcomer_drop(const hello_in_t *in, dtls_drop_t reason);
/* Starts an association, and processes the ClientHello in it. If there is no room, drops the
 * ClientHello. proven: the client is known to receive at its address. */
void newcomer_start(const hello_in_t *in, bool proven);

#endif
