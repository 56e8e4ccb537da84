/*
 * hs_state.h - the lifetime of a handshake: what is wiped and gone when it is over.
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

/* What is demanded of a peer, and offered to it. */
typedef struct {
    const suite_t *suites[SUITES_MAX];
    size_t suite_count;
    dtls_ems_t ems;
    bool renegotiation_info; /* DTLS 1.2: required */
} terms_t;

typedef struct {
    dtls_error_t error;
    unsigned alert;
    bool alert_received, alert_authenticated;
    bool alert_sent; /* the peer has had the alert already */
} failure_t;

/* What a HelloRetryRequest said: all that its cookie carries, so the message can be made again. */
#define RETRY_COOKIE_MAX (4 + HASH_MAX + COOKIE13_LENGTH)
typedef struct {
    uint16_t suite;
    uint16_t group; /* 0: the client's share was good */
    uint8_t hello_hash[HASH_MAX];
    hash_alg_t hash;
    uint8_t cookie[RETRY_COOKIE_MAX];
    size_t cookie_length;
} retry_t;

/* A PSK that a client offers, or that a server has chosen. */
typedef struct {
    uint8_t *identity; /* as it travels */
    size_t identity_length;
    uint32_t age;    /* obfuscated; 0 for an external PSK */
    secret_t binder; /* which secret keys the binder */
    uint8_t key[DTLS_MAX_PSK];
    size_t length;
    const suite_t *suite; /* of the session that a ticket is from; NULL: it is no ticket */
} psk13_t;
#define PSKS_MAX 2 /* a ticket, and an external one behind it */

/* A session that a client may resume: what goes into its state. */
typedef struct {
    uint32_t lifetime_s, age_add, early_data;
    uint8_t secret[HASH_MAX]; /* 1.3: the ticket's PSK; 1.2: the master secret, which is as long */
    reader_t id, identity;    /* 1.2 only */
    reader_t ticket;          /* 1.2: empty if the server has given none */
} resumption_t;

/* DTLS 1.2. Client: the session that it offers, then the one that it keeps. Server: what it answers. */
typedef struct {
    const suite_t *suite; /* client: of what is offered; NULL: nothing is */
    uint8_t id[SESSION_ID_MAX];
    size_t id_length;
    uint8_t *ticket, *identity; /* client */
    size_t ticket_length, identity_length;
    uint32_t lifetime_s; /* client: what is left of it */
    dtls_tick_t issued;  /* server: when its master secret was made */
    bool ticket_due;     /* the server's hello says that a NewSessionTicket will come */
    bool kept;           /* server: it will be kept under its ID */
    bool uses_ticket;    /* server: what is resumed has a ticket, */
    uint64_t serial;     /* of that number */
} session12_t;

/* Our part of an (EC)DHE, and what comes out of it. */
typedef struct {
    const group_t *group; /* NULL: a field without a number */
    dh_t *dh;             /* NULL: there is none */
} share_t;

/* What only a handshake of DTLS 1.3 needs. */
typedef struct {
    schedule_t schedule;
    uint8_t client_secret[HASH_MAX], server_secret[HASH_MAX]; /* handshake traffic */
    psk13_t psks[PSKS_MAX]; /* server: the chosen one is the first */
    size_t psk_count;
    uint32_t early_left; /* bytes of early data that may still go, or come */
    uint16_t selected_identity;
    bool retried;         /* client: by a HelloRetryRequest, which is in the transcript */
    uint16_t retry_suite; /* that it chose */
    ticket_t ticket;      /* server: the one that the client came with */
    uint8_t ticket_bytes[TICKET_MAX];
    const retry_t *retry; /* server: what ours said, while the ClientHello is read; or NULL */
    uint8_t *cookie;      /* client: out of the HelloRetryRequest */
    size_t cookie_length;
} hs13_t;

typedef struct {
    transcript_t transcript;
    randoms_t randoms;
    uint8_t master[MASTER_LENGTH];
    share_t share;
    session12_t session;
    hs13_t v13;
    terms_t *terms;            /* NULL: those of the context */
    bool offered12, offered13; /* client */
    bool keys;                 /* DTLS 1.2: epoch 1 exists in both directions */
    bool change_cipher_spec;   /* the peer's has come: its epoch 1 may be read */
    bool unknown_identity;     /* server: a random key stands in */
    bool point_formats;        /* server: ours are asked for */

    uint8_t cookie[255]; /* client: what HelloVerifyRequest gave us */
    uint8_t cookie_length;
    unsigned cookies; /* how many different ones */
    flight_t first;   /* client: the hello before them; no items: it is not kept */
    dtls_early_t first_early;
    uint8_t *hint; /* client */
    size_t hint_length;

    dtls_tick_t suspect_at; /* when an unauthenticated failure is believed; NEVER: none */
    failure_t doubt;
    dtls_tick_t bad_finished_at; /* when we last said that a Finished does not decrypt */

    uint64_t seen[SEEN_MAX]; /* digests of the latest plaintext records, a ring */
    size_t seen_count;
    unsigned peer_repeats;   /* of the flight that our Finished answered */
    dtls_tick_t finished_at; /* client: Finished first sent */
    dtls_tick_t
        silent_limit; /* client: until then something has to come; NEVER: it has, or needs not */
    bool proven;      /* the peer receives at its address */
} handshake_t;

#endif
