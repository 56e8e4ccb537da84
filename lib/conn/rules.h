/*
 * rules.h - where an association of DTLS 1.3 differs from one of DTLS 1.2, after the hellos.
 */
#ifndef RULES_H
#define RULES_H

#include "conn/state.h"

typedef struct {
    bool acks;          /* ACKs, and messages after the handshake: RFC 9147 sections 5.8.4 and 7 */
    bool short_headers; /* the unified header: RFC 9147 section 4 */
    bool
        type_inside; /* the content type is encrypted and counts as content: RFC 8446 section 5.2 */
    bool
        alert_levels; /* the level of an alert tells whether it is fatal; not in 1.3: RFC 8446 section 6 */
    bool half_close; /* close_notify closes one direction: RFC 8446 section 6.1 */
    bool
        parts_repeated; /* only the parts that no ACK has listed are resent: RFC 9147 section 7.2 */
    bool early_data;    /* early data is sent in epoch 1: RFC 9147 section 6.1 */
    bool renegotiation; /* HelloRequest exists: RFC 5246 section 7.4.1.1 */
    check_t address_check; /* how to check the new address of a peer without RRC and heartbeats */
} rules_t;

/* Returns the rules of the negotiated version. Until a version is negotiated: those of the newest
 * version that we offer. */
const rules_t *rules_of(const conn_t *conn);

#endif
