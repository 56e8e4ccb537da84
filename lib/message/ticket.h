/* ticket.h - a server's session tickets (RFC 5077, RFC 8446 section 4.6.1). A ticket is the
 * session, encrypted under a key of this context. The key changes every TICKET_LIFETIME_S seconds.
 * A ticket expires TICKET_LIFETIME_S seconds after the last handshake that used the application's
 * key, however often the session was resumed since.
 *
 * With shared secrets, a context that has the secret can derive the key of a ticket from the name
 * of the key, which is in the ticket. Each context still seals with keys of its own, because the
 * nonces are serial numbers, which the contexts count separately.
 *
 * The server stores one bit per ticket that it has issued, which tells whether the ticket was
 * redeemed: such a ticket can be redeemed once. That also prevents the replay of early data (RFC
 * 8446 section 8.1). Whether the ticket of another context was redeemed is unknown. */
#ifndef TICKET_H
#define TICKET_H

#include "base/address.h"
#include "base/alloc.h"
#include "crypto/keytag.h"
#include "crypto/suite.h"
#include "message/secrets.h"

#define TICKET_LIFETIME_S 7200
#define TICKETS_REDEEMABLE 16384 /* how many of the latest tickets can be redeemed */
#define TICKET_IDENTITY_MAX 256
#define TICKET_KEY_NAME 16
/* How far the clocks of servers with shared secrets may differ. A ticket from further in the future
 * is not valid. */
#define TICKET_SKEW_S 300
#define TICKET_MAX                                                                                 \
    (TICKET_KEY_NAME + 8 + 2 + 8 + 8 + 4 + KEYTAG_LENGTH + 1 + ADDRESS_MAX + 1 + HASH_MAX +        \
     TICKET_IDENTITY_MAX + AEAD_MAX_TAG)

typedef struct {
    aead_t *seal, *open;
    /* Random. With shared secrets (dtls_set_secrets()) this name begins with that of the secret. */
    uint8_t name[TICKET_KEY_NAME];
} ticket_key_t;

typedef struct {
    /* The secrets that the application has set. NULL: the keys are random. */
    const secrets_t *shared;
    ticket_key_t keys[2];  /* the current key and the previous one */
    dtls_tick_t rotate_at; /* when the key changes next */
    uint64_t next;         /* serial number of the next ticket to make */
    /* One bit for each of the latest TICKETS_REDEEMABLE tickets and each use. NULL: no ticket was
     * made yet. */
    uint64_t *used;
} tickets_t;

/* The contents of a ticket. The readers point into memory of the caller. */
typedef struct {
    bool foreign; /* another context has issued the ticket and chosen its serial number */
    uint64_t serial;
    dtls_tick_t issued;
    /* When the handshake took place that used the application's key. A ticket of a resumed session
     * has the time of the session that was resumed. */
    dtls_tick_t established;
    uint32_t age_add;
    const suite_t *suite;
    reader_t host; /* the client's address as put_host() writes it */
    reader_t psk;  /* DTLS 1.3: the PSK of the ticket. DTLS 1.2: the master secret */
    reader_t identity;
    keytag_t key; /* the application's key for the identity at the time `established` */
} ticket_t;

/* Derives the keys from these secrets from now on. *secrets must exist as long as *tickets. Call
 * this again when the secrets have changed. */
void tickets_share(tickets_t *tickets, const secrets_t *secrets);
/* Frees the keys, and the bits of used tickets. */
void tickets_end(tickets_t *tickets, const alloc_t *alloc);
/* Writes a ticket to out, its length to *length, and its serial number to ticket->serial. The
 * caller has set the other fields of *ticket. Returns DTLS_ERR_NONE, or the error that ends the
 * association.
 * If there is not enough memory, or if the identity is longer than TICKET_IDENTITY_MAX, *length is
 * 0 and the result is DTLS_ERR_NONE: the association continues without a ticket. */
dtls_error_t ticket_seal(tickets_t *tickets, crypto_t *crypto, const alloc_t *alloc,
                         const dtls_config_t *config, ticket_t *ticket, uint8_t out[TICKET_MAX],
                         size_t *length);
/* Returns true if the ticket names a key of this context. Does not decrypt it: to derive the key of
 * another context takes as long as several hellos. */
bool ticket_is_own(const tickets_t *tickets, reader_t bytes);
/* Decrypts a ticket into the buffer `room`, and describes the ticket in *ticket, whose readers
 * point into `room`. Does not redeem the ticket. Returns false if the ticket is not ours, is of
 * another version, has expired, or was redeemed. */
bool ticket_open(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                 uint8_t room[TICKET_MAX], ticket_t *ticket);
/* Decrypts the ticket of a cached session as ticket_open() does, but also if it was redeemed: a
 * cached session may be resumed any number of times. */
bool ticket_reopen(const tickets_t *tickets, dtls_tick_t now, uint16_t version, reader_t bytes,
                   uint8_t room[TICKET_MAX], ticket_t *ticket);
/* Returns the remaining lifetime in seconds of a session that was established at this time. */
uint32_t ticket_lifetime_left(dtls_tick_t now, dtls_tick_t established);
/* Redeems a ticket that this context has issued. Returns false if it was redeemed since
 * ticket_open(). */
bool ticket_redeem(tickets_t *tickets, uint64_t serial);
/* Uses a ticket that this context has issued as the proof of an address. Returns false if it was
 * used so before: then an attacker may have replayed it. */
bool ticket_prove(tickets_t *tickets, uint64_t serial);

#endif
