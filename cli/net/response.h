/*
 * response.h - the error line for a client that received datagrams but no valid DTLS record. The
 * port may be wrong, and another protocol may be in use there.
 *
 * Only the library decides if a datagram is DTLS. This file stores the first received datagram, and
 * reports it if the library has accepted none.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "dtls.h"

#define RESPONSE_BYTES 64

struct response {
    bool watching; /* set during the handshake of a client */
    bool received; /* a datagram was received */
    session_t from;
    uint8_t got[RESPONSE_BYTES], sent[RESPONSE_BYTES]; /* the first bytes of a datagram */
    size_t got_length, sent_length;
};

/* Store the last sent and the first received datagram while watching is set. */
void response_note_request(struct response *response, const uint8_t *data, size_t length);
void response_note(struct response *response, const session_t *from, const uint8_t *data,
                   size_t length);

/* Reports the address, the protocol that the response resembles, and the next step. */
void response_report(const struct response *response);

#endif
