/*
 * rules.h - what an association does otherwise in DTLS 1.3 than in 1.2, after the hellos.
 */
#ifndef RULES_H
#define RULES_H

#include "conn/state.h"

typedef struct {
    bool acks; /* ACK records, and messages after the handshake: RFC 9147 sections 5.8.4 and 7 */
    bool short_headers; /* the unified header: RFC 9147 section 4 */
    bool
        type_inside; /* the content type is encrypted and counts as content: RFC 8446 section 5.2 */
    bool alert_levels;     /* tell whether an alert is fatal; RFC 8446 section 6 ignores them */
    bool half_close;       /* close_notify closes one direction: RFC 8446 section 6.1 */
    bool parts_repeated;   /* what an ACK has not named is resent alone: RFC 9147 section 7.2 */
    bool early_data;       /* epoch 1 has it: RFC 9147 section 6.1 */
    bool renegotiation;    /* HelloRequest exists: RFC 5246 section 7.4.1.1 */
    check_t address_check; /* of a peer with neither RRC nor heartbeats that has moved */
} rules_t;

/* Returns the rules of the negotiated version; before that, of the newest offered version. */
const rules_t *rules_of(const conn_t *conn);

#endif
