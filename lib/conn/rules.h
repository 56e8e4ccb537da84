/*
 * rules.h - where an association of DTLS 1.3 differs from one of DTLS 1.2, after the hellos.
 */
#ifndef RULES_H
#define RULES_H

#include "conn/state.h"

typedef struct {
    /* The peers send ACKs, and messages after the handshake: RFC 9147 sections 7 and 5.8.4. */
    bool acks;
    bool short_headers; /* protected records have the short unified header: RFC 9147 section 4 */
    /* The content type is encrypted, and counts toward the record size limit: RFC 8446 section 5.2,
     * RFC 8449 section 4. */
    bool type_inside;
    bool alert_levels; /* the level of an alert tells whether it is fatal: RFC 5246 section 7.2 */
    bool half_close;   /* close_notify closes only the sender's direction: RFC 8446 section 6.1 */
    /* Only the parts of a flight that no ACK has listed are resent: RFC 9147 section 7.2. */
    bool parts_repeated;
    bool early_data;    /* epoch 1 is for early data: RFC 9147 section 6.1 */
    bool renegotiation; /* a HelloRequest may arrive: RFC 5246 section 7.4.1.1 */
    /* How to check the new address of a peer that has neither RRC nor heartbeats. */
    check_t address_check;
} rules_t;

extern const rules_t rules_dtls12, rules_dtls13;
/* Returns the rules of the negotiated version. Before the negotiation, returns the rules of the
 * newest version that we offer. */
static inline const rules_t *rules_of(const conn_t *conn)
{
    return conn->v13 ? &rules_dtls13 : &rules_dtls12;
}

#endif
