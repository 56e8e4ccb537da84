/*
 * hs_state.h - the state of a handshake. conn_end_handshake() wipes and frees it when the
 * handshake is complete or the association ends. tests/lint/owners.sh names the owner of each
 * field.
 */
#ifndef HS_STATE_H
#define HS_STATE_H

#include "crypto/group.h"
#include "crypto/kdf12.h"
#include "crypto/kdf13.h"
#include "message/cookie.h"
#include "message/flight.h"
#include "message/sessions.h"
#include "message/ticket.h"
#include "message/transcript.h"

#define SUITES_MAX 32
#define SEEN_MAX 16

/* What the application wants of a peer (conn/terms.h). */
typedef struct {
    const suite_t *suites[SUITES_MAX];
    size_t suite_count;
    dtls_ems_t ems;
    bool renegotiation_info; /* DTLS 1.2: the peer must send it (RFC 5746) */
} terms_t;

typedef struct {
    dtls_error_t error;
    unsigned alert;
    bool alert_received, alert_authenticated;
    bool alert_sent; /* send no alert: we have sent it, or the peer has sent one */
} failure_t;

/* A HelloRetryRequest. Its cookie has all members, so a server without state can rebuild the
 * message for the transcript (RFC 9147 section 5.1). */
#define RETRY_COOKIE_MAX (4 + HASH_MAX + COOKIE13_LENGTH)
typedef struct {
    uint16_t suite;
    uint16_t group; /* the selected group; 0: the client need not change its key share */
    uint8_t hello_hash[HASH_MAX];
    hash_alg_t hash;
    uint8_t cookie[RETRY_COOKIE_MAX];
    size_t cookie_length;
} retry_t;

/* A PSK that a client offers, or that a server has chosen. */
typedef struct {
    uint8_t *identity; /* as in the pre_shared_key extension */
    size_t identity_length;
    uint32_t age;    /* obfuscated_ticket_age; 0 for an external PSK */
    secret_t binder; /* determines the label of the binder key */
    uint8_t key[DTLS_MAX_PSK];
    size_t length;
    const suite_t *suite; /* ticket: the suite of its session; NULL: an external PSK */
} psk13_t;
#define PSKS_MAX 2 /* a ticket and an external PSK, in this order */

/* A session that a client may resume. These are the fields of its serialized state
 * (handshake/resume.h). */
typedef struct {
    uint32_t lifetime_s, age_add, early_data;
    uint8_t secret[HASH_MAX]; /* DTLS 1.3: PSK of the ticket; 1.2: master secret (same length) */
    reader_t id, identity;    /* DTLS 1.2 only */
    reader_t ticket;          /* DTLS 1.2: empty if the server issued none */
} resumption_t;

/* The session of a DTLS 1.2 handshake. Client: first the session that its ClientHello offers, then
 * the one to resume later. Server: the session that its ServerHello names. */
typedef struct {
    const suite_t *suite; /* client: suite of the offered session; NULL: none is offered */
    uint8_t id[SESSION_ID_MAX];
    size_t id_length;
    uint8_t *ticket, *identity; /* client */
    size_t ticket_length, identity_length;
    uint32_t lifetime_s; /* client: lifetime of the ticket or of the session */
    dtls_tick_t issued;  /* server: when the session was established by a full handshake */
    bool ticket_due;     /* a NewSessionTicket follows, as the ServerHello announces */
    bool cached;         /* server: put the session into the cache, under its ID */
    bool uses_ticket;    /* server: the resumed session came from a ticket */
    uint64_t serial;     /* server: serial number of the ticket */
} session12_t;

/* Our key share of an (EC)DHE. */
typedef struct {
    const group_t *group; /* NULL: a finite field that is not a named group */
    dh_t *dh;             /* NULL: no key share */
} share_t;

/* State of a DTLS 1.3 handshake. */
typedef struct {
    schedule_t schedule;
    uint8_t client_secret[HASH_MAX], server_secret[HASH_MAX]; /* handshake traffic secrets */
    psk13_t psks[PSKS_MAX]; /* server: the selected PSK is the first */
    size_t psk_count;
    uint16_t selected_identity;
    bool retried;         /* client: a HelloRetryRequest is part of the transcript */
    uint16_t retry_suite; /* client: suite of that HelloRetryRequest */
    ticket_t ticket;      /* server: the ticket that the client offered */
    uint8_t ticket_bytes[TICKET_MAX];
    const retry_t *retry; /* server: our HelloRetryRequest, while the ClientHello is processed */
    uint8_t *cookie;      /* client: cookie of the HelloRetryRequest */
    size_t cookie_length;
} hs13_t;

/* What a client's ClientHello offers (handshake/client_offer.h). */
typedef struct {
    bool v12, v13;       /* versions */
    uint8_t cookie[255]; /* cookie of the latest HelloVerifyRequest */
    uint8_t cookie_length;
    unsigned cookies;         /* number of different cookies received */
    flight_t first;           /* our ClientHello without a cookie; no items: not stored */
    dtls_early_t first_early; /* status of early data when `first` was sent */
} offer_t;

/* A failure that is not authenticated, so an attacker may have forged it (suspect.h). */
typedef struct {
    dtls_tick_t confirm_at; /* NEVER: no failure is suspected */
    failure_t failure;
    dtls_tick_t
        bad_finished_at; /* when the first protected record of the peer last failed to decrypt */
} suspicion_t;

/* Tells a flight that the peer has resent from a record that the network has duplicated
 * (retransmit.h). */
typedef struct {
    uint64_t seen[SEEN_MAX]; /* ring of the digests of the latest plaintext records */
    size_t seen_count;       /* number of digests that were ever added */
    unsigned count;          /* client: repeats of the server's flight since our Finished */
} repeats_t;

typedef struct {
    transcript_t transcript;
    randoms_t randoms;
    uint8_t master[MASTER_LENGTH];
    share_t share;
    session12_t session;
    hs13_t v13;
    terms_t *terms; /* NULL: the terms of the context apply */
    offer_t offer;  /* client */
    suspicion_t suspicion;
    repeats_t repeats;
    bool keys;               /* DTLS 1.2: epoch 1 exists in both directions */
    bool change_cipher_spec; /* DTLS 1.2: received, so epoch 1 may be read */
    bool unknown_identity;   /* server: no key is known for the identity; a random key is used */
    bool point_formats;      /* server: our ServerHello has ec_point_formats */
    bool renegotiation_info; /* server: our ServerHello has renegotiation_info */
    bool address_validated;  /* the peer is known to receive at its address */
    uint8_t *hint;           /* client: psk_identity_hint */
    size_t hint_length;
    dtls_tick_t finished_at; /* client: when Finished was first sent */
    dtls_tick_t
        silent_limit; /* client: when the server's first record must have arrived; NEVER: no limit */
} handshake_t;

#endif
