/*
 * response.h - the error line for a client whose peer responds, but not in DTLS. Then the port
 * may be wrong: it may belong to another protocol.
 *
 * Only the library decides if a datagram is DTLS. This file stores the first datagram that is
 * received. If the handshake fails and the library has accepted no datagram, response_report()
 * reports the stored one.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "dtls.h"

#define RESPONSE_BYTES 64

struct response {
    bool watching; /* store datagrams: true during the handshake of a client */
    bool received; /* a datagram was received and stored */
    session_t from;
    /* first bytes of the received and of the sent datagram */
    uint8_t got[RESPONSE_BYTES], sent[RESPONSE_BYTES];
    size_t got_length, sent_length;
};

/* While watching is true, response_note_request() stores the datagram that was sent last, and
 * response_note() the datagram that was received first. */
void response_note_request(struct response *response, const uint8_t *data, size_t length);
void response_note(struct response *response, const session_t *from, const uint8_t *data,
                   size_t length);

/* Reports the sender of the stored datagram, which protocol the datagram resembles, and what to
 * check. */
void response_report(const struct response *response);

#endif
