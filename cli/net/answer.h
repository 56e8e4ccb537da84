/*
 * answer.h - what came back in a handshake that never began: a client may have the wrong port, where
 * something answers that is not DTLS.
 *
 * Whether a datagram is DTLS is for the library to decide. This keeps the first one for the line at the
 * end, and is used only if the library has accepted nothing.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "dtls.h"

#define ANSWER_BYTES 64

struct answer {
    bool watching; /* a client's handshake is under way */
    bool came;
    session_t from;
    uint8_t got[ANSWER_BYTES], sent[ANSWER_BYTES]; /* their beginnings */
    size_t got_length, sent_length;
};

/* Each costs a test while nothing is watched. */
void answer_sent(struct answer *answer, const uint8_t *data, size_t length);
void answer_came(struct answer *answer, const session_t *from, const uint8_t *data, size_t length);

/* One line: the address, what the answer looks like, the next step. */
void answer_say(const struct answer *answer);

#endif
