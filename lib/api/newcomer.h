/*
 * newcomer.h - a ClientHello that is being examined, and the start of a server association.
 */
#ifndef NEWCOMER_H
#define NEWCOMER_H

#include "conn/state.h"
#include "handshake/retry.h"

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;
    const record_t *record; /* of a reassembled hello: the last one, with the size of the message */
    fragment_t fragment;    /* of the hello: the whole message, or a part of it */
    client_hello_t hello;
    uint16_t version;              /* chosen for this client; 0: none in common */
    uint8_t cookie[COOKIE_LENGTH]; /* DTLS 1.2: the right cookie; valid if has_cookie */
    bool has_cookie;
    retry_t retry; /* DTLS 1.3, if retried: what the cookie holds */
    bool retried;
    bool by_ticket;  /* a ticket proves its address */
    uint64_t digest; /* digest of the record, or of that with the first fragment */
    bool malformed;  /* cannot be parsed behind its suites */
    bool illegal;    /* can be parsed, but violates the protocol */
} hello_in_t;

void newcomer_drop(const hello_in_t *in, dtls_drop_t reason);
/* Starts an association and handles the hello in it. If there is no room, drops the hello. proven: the
 * client receives at its address. */
void newcomer_start(const hello_in_t *in, bool proven);

#endif
