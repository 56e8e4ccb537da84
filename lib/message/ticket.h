/*
 * ticket.h - a server's tickets (RFC 5077, RFC 8446 section 4.6.1): sealed under a key that only this
 * context knows and that is changed, so that nothing is kept of a session but one bit: each ticket is
 * good once (section C.4), which is also what forbids a replay of early data (section 8.1).
 */
#ifndef TICKET_H
#define TICKET_H

#include "base/address.h"
#include "base/alloc.h"
#include "crypto/suite.h"

#define TICKET_LIFETIME_S 7200
#define TICKETS_KEPT 16384 /* the latest ones: older ones are no longer taken */
#define TICKET_IDENTITY_MAX 256
#define TICKET_MAX                                                                                 \
    (8 + 2 + 8 + 4 + 1 + ADDRESS_MAX + 1 + HASH_MAX + TICKET_IDENTITY_MAX + AEAD_MAX_TAG)

typedef struct {
    aead_t *seal, *open;
    uint64_t first; /* the serial number of its first ticket */
} ticket_key_t;

typedef struct {
    ticket_key_t keys[2]; /* the one in use, and the one before it */
    dtls_tick_t rotate_at;
    uint64_t next;   /* serial number */
    uint64_t *spent; /* a bit for each of the latest; NULL: none was ever made */
} tickets_t;

/* What a ticket says. The pointers lead into bytes of the caller's. */
typedef struct {
    uint64_t serial;
    dtls_tick_t issued;
    uint32_t age_add;
    const suite_t *suite;
    reader_t host; /* the client's address without its port */
    reader_t psk;  /* 1.2: the master secret */
    reader_t identity;
} ticket_t;

void tickets_end(tickets_t *tickets, const alloc_t *alloc);
/* Everything but the serial number is given. *length 0: without memory, or for an identity too long for it,
 * there is no ticket, and nothing is wrong. */
dtls_error_t ticket_seal(tickets_t *tickets, crypto_t *crypto, const alloc_t *alloc,
                         const dtls_config_t *config, ticket_t *ticket, uint8_t out[TICKET_MAX],
                         size_t *length);
/* False: not ours, of the other version, too old, or spent. room is for what it says. */
bool ticket_open(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                 uint8_t room[TICKET_MAX], ticket_t *ticket);
/* The same for the ticket that a session is kept as, which is never spent. */
bool ticket_reopen(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                   uint8_t room[TICKET_MAX], ticket_t *ticket);
/* False: somebody was faster. */
bool ticket_spend(tickets_t *tickets, uint64_t serial);

#endif
