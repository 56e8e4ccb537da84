/*
 * hs_state.h - the state of a handshake. conn_end_handshake() wipes and frees it when the
 * handshake is complete or the association ends. tests/lint/owners.sh names the owner of each
 * field.
 */
#ifndef HS_STATE_H
#define HS_STATE_H

#include "base/heap.h"
#include "base/table.h"
#include "crypto/group.h"
#include "crypto/kdf12.h"
#include "crypto/kdf13.h"
#include "message/cookie.h"
#include "message/flight.h"
#include "message/grease.h"
#include "message/sessions.h"
#include "message/ticket.h"
#include "message/transcript.h"

typedef struct conn conn_t;
typedef struct pending_network pending_network_t;

/* Half-open handshakes, counted by the network of the client (pending.h). */
typedef struct {
    table_t networks; /* of pending_network_t */
    heap_t ranking;   /* the networks, that with the most handshakes first */
    size_t count;     /* the handshakes of all networks */
} pending_t;

#define SUITES_MAX 32
#define SEEN_MAX 16

/* The terms of one peer: which suites and extensions may be used with it (terms.h). */
typedef struct {
    const suite_t *suites[SUITES_MAX];
    size_t suite_count;
    dtls_ems_t ems;
    bool renegotiation_info; /* DTLS 1.2: the peer must send renegotiation_info (RFC 5746) */
} terms_t;

typedef struct {
    dtls_error_t error;
    unsigned alert;
    bool alert_received, alert_authenticated;
    bool alert_sent; /* send no alert: we have already sent one, or the peer has sent one */
} failure_t;

/* A HelloRetryRequest. The server does not store it. Instead it puts all these fields into the
 * cookie, and rebuilds the message for the transcript from the cookie that the client returns (RFC
 * 9147 section 5.1). */
#define RETRY_COOKIE_MAX (4 + HASH_MAX + COOKIE13_LENGTH)
typedef struct {
    uint16_t suite;
    uint16_t group; /* the group of the requested key share; 0: no key share is requested */
    uint8_t hello_hash[HASH_MAX];
    hash_alg_t hash;
    uint8_t cookie[RETRY_COOKIE_MAX];
    size_t cookie_length;
} retry_t;

/* A PSK that a client offers, or that a server has chosen. */
typedef struct {
    /* The identity in pre_shared_key: an external identity, an ImportedIdentity, or a ticket. */
    uint8_t *identity;
    size_t identity_length;
    uint32_t age;    /* obfuscated_ticket_age of the PSK; 0 for an external PSK */
    secret_t binder; /* label of the binder key: external, resumption or imported PSK */
    uint8_t key[DTLS_MAX_PSK];
    size_t length;
    const suite_t *suite; /* the suite of the ticket's session; NULL: an external PSK */
} psk13_t;
#define PSKS_MAX 2 /* a client offers at most two PSKs: that of a ticket, then an external one */

/* A session that a client may resume: the fields of its serialized state (handshake/resume.h). */
typedef struct {
    uint32_t lifetime_s, age_add, early_data;
    /* DTLS 1.3: PSK of the ticket; DTLS 1.2: master secret (same length). */
    uint8_t secret[HASH_MAX];
    reader_t id, identity; /* DTLS 1.2: session ID and PSK identity of the session */
    reader_t ticket;       /* the ticket; DTLS 1.2: empty if the server issued none */
    keytag_t key;          /* the application's key from which the session comes */
} resumption_t;

/* The session of a DTLS 1.2 handshake. Client: the session that the ClientHello offers; after the
 * ServerHello, the session to store for later. Server: the session whose ID is in the
 * ServerHello. */
typedef struct {
    const suite_t *suite; /* client: suite of the offered session; NULL: none is offered */
    uint8_t id[SESSION_ID_MAX];
    size_t id_length;
    uint8_t *ticket, *identity; /* client: ticket and identity of the session */
    size_t ticket_length, identity_length;
    uint32_t lifetime_s;     /* client: lifetime of the ticket or of the session */
    dtls_tick_t established; /* server: when the full handshake took place */
    bool ticket_due;         /* the ServerHello has announced a NewSessionTicket */
    /* Server: put the session into the cache when the handshake is complete. */
    bool cached;
    bool uses_ticket; /* server: the session is resumed from a ticket */
    uint64_t serial;  /* server: serial number of the ticket, if uses_ticket is set */
} session12_t;

/* Our key share of an (EC)DHE. */
typedef struct {
    const group_t *group; /* group of the key share; NULL: DHE parameters without a NamedGroup */
    dh_t *dh;             /* our key pair, and the shared secret; NULL: there is no key share */
} share_t;

/* The state that only a DTLS 1.3 handshake needs. */
typedef struct {
    schedule_t schedule;
    uint8_t client_secret[HASH_MAX], server_secret[HASH_MAX]; /* handshake traffic secrets */
    /* Client: the PSKs that we offer. Server: psks[0] is the selected PSK. */
    psk13_t psks[PSKS_MAX];
    size_t psk_count;
    uint16_t selected_identity;
    /* Client: the server has sent a HelloRetryRequest that we have accepted. */
    bool retried;
    uint16_t retry_suite; /* client: suite in the HelloRetryRequest */
    ticket_t ticket;      /* server: the ticket that the client offered */
    uint8_t ticket_bytes[TICKET_MAX];
    /* Server: our HelloRetryRequest to which this ClientHello is the response; NULL: there was
     * none. Set only while the ClientHello is processed. */
    const retry_t *retry;
    uint8_t *cookie; /* client: the cookie of the HelloRetryRequest, to be returned */
    size_t cookie_length;
} hs13_t;

/* What a client's ClientHello offers (handshake/client_offer.h). */
typedef struct {
    bool v12, v13;                /* the offered versions: DTLS 1.2, DTLS 1.3 */
    uint8_t grease[GREASE_SEEDS]; /* config.grease: random bytes (grease.h) */
    uint16_t padding;             /* length of the padding extension with its header; 0: none */
    uint8_t cookie[255];          /* cookie of the latest HelloVerifyRequest */
    uint8_t cookie_length;
    unsigned cookies; /* how many different HelloVerifyRequest cookies have arrived */
    /* After a HelloVerifyRequest: our first ClientHello, without a cookie. If this flight has no
     * items, that ClientHello is not stored. */
    flight_t first;
    dtls_early_t first_early; /* status of early data when `first` was sent */
} offer_t;

/* A suspected failure of the handshake: a message shows or reports the failure, but the message is
 * not authenticated, so an attacker may have forged it (suspect.h). */
typedef struct {
    /* When the suspected failure ends the handshake; NEVER: no failure is suspected. */
    dtls_tick_t confirm_at;
    failure_t failure;
    /* When the record with the peer's Finished last failed to decrypt; NEVER: it did not. */
    dtls_tick_t bad_finished_at;
} suspicion_t;

/* Repeats of the peer's flight. With these fields a flight that the peer has resent is
 * distinguished from a record that the network has duplicated (retransmit.h). */
typedef struct {
    uint64_t seen[SEEN_MAX]; /* a ring of digests of the latest plaintext records */
    size_t seen_count;       /* how many digests were ever added to `seen` */
    /* Client: how often the server has repeated its flight since our Finished. */
    unsigned count;
} repeats_t;

/* Client: digests of the server's plaintext messages (suspect.h). */
#define ANSWERS_MAX 8
#define HELLOS_MAX 16
typedef struct {
    uint64_t digests[ANSWERS_MAX]; /* by message_seq: the message that was processed; 0: none */
    uint64_t hellos[HELLOS_MAX];   /* the ServerHellos that have arrived */
    size_t hello_count;
    size_t
        stale_count; /* the first stale_count of them arrived before the handshake was started over */
    bool contradicted; /* two different messages had the same message_seq */
} answers_t;

typedef struct {
    dtls_tick_t started;   /* when the handshake began */
    conn_t *older, *newer; /* neighbours in a list of handshakes in progress (pending.h) */
    transcript_t transcript;
    randoms_t randoms;
    uint8_t master[MASTER_LENGTH];
    share_t share;
    session12_t session;
    keytag_t session_key; /* client: the application's key from which the offered session comes */
    hs13_t v13;
    terms_t *terms; /* suites and extensions allowed with this peer; NULL: those of the context */
    offer_t offer;  /* client: what our ClientHello offers */
    suspicion_t suspicion;
    repeats_t repeats;
    pending_network_t *network; /* server: the network of the client (pending.h) */
    answers_t answers;
    bool keys; /* DTLS 1.2: epoch 1 exists in both directions */
    /* DTLS 1.2: the peer's ChangeCipherSpec has arrived, so its epoch 1 may be read. */
    bool change_cipher_spec;
    /* Server: the application has no key for the client's PSK identity, so we use a random key. */
    bool unknown_identity;
    uint8_t random_key[16];  /* server, DTLS 1.2: the random key of an unknown identity */
    bool point_formats;      /* server: our ServerHello has ec_point_formats */
    bool renegotiation_info; /* server: our ServerHello has renegotiation_info */
    bool address_validated;  /* server: the client has shown that it receives at its address */
    uint64_t received;       /* server: how many bytes have come from the client's address */
    uint64_t sent;           /* how many bytes were sent to the peer */
    uint8_t *hint;           /* client: the psk_identity_hint of the server; NULL: none */
    size_t hint_length;
    dtls_tick_t finished_at; /* client: when our Finished was first sent */
    /* Client: the time by which a record of the server must have arrived; NEVER: no limit. */
    dtls_tick_t silent_limit;
} handshake_t;

#endif
