/*
 * newcomer.h - a ClientHello while it is decided what becomes of it, and the birth of a server association.
 */
#ifndef NEWCOMER_H
#define NEWCOMER_H

#include "conn/state.h"
#include "handshake/retry.h"

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;
    const record_t *record; /* of several, the last; size is then that of the message */
    fragment_t fragment;    /* the whole message, or a part of it */
    client_hello_t hello;
    uint16_t version;              /* that we choose for it; 0: none */
    uint8_t cookie[COOKIE_LENGTH]; /* 1.2: the one that it should have, once has_cookie says so */
    bool has_cookie;
    retry_t retry; /* 1.3: out of its cookie */
    bool retried;
    bool by_ticket;  /* its address is proven by one */
    uint64_t digest; /* of the record, or that of the first fragment */
    bool malformed;  /* past its suites it cannot be read */
    bool illegal;    /* it can, and may not be so */
} hello_in_t;

void newcomer_drop(const hello_in_t *in, dtls_drop_t reason);
/* Starts an association, unless there is no room for one. proven: the peer receives at its address. */
void newcomer_start(const hello_in_t *in, bool proven);

#endif
