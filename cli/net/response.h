/*
 * response.h - what came back in a handshake that never began: a client may have the wrong port, where
 * something answers that is not DTLS.
 *
 * Whether a datagram is DTLS is for the library to decide. This keeps the first one for the line at the
 * end, and is used only if the library has accepted nothing.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "dtls.h"

#define RESPONSE_BYTES 64

struct response {
    bool watching; /* a client's handshake is under way */
    bool came;
    session_t from;
    uint8_t got[RESPONSE_BYTES], sent[RESPONSE_BYTES]; /* their beginnings */
    size_t got_length, sent_length;
};

/* Each costs a test while nothing is watched. */
void response_note_request(struct response *response, const uint8_t *data, size_t length);
void response_note(struct response *response, const session_t *from, const uint8_t *data,
                   size_t length);

/* One line: the address, what the answer looks like, the next step. */
void response_report(const struct response *response);

#endif
