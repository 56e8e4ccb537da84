/*
 * hello.h - the wire format of ClientHello, HelloVerifyRequest, HelloRetryRequest and ServerHello.
 * Readers and pointers in a parsed hello point into the message.
 */
#ifndef HELLO_H
#define HELLO_H

#include "crypto/kdf12.h"
#include "message/ext.h"
#include "message/grease.h"

#define SESSION_ID_MAX 32

typedef struct {
    uint16_t version;
    const uint8_t *random; /* the random, RANDOM_LENGTH bytes */
    /* Contents of these fields, without length. */
    reader_t session_id, cookie, suites, compressions;
    extensions_t extensions;
} client_hello_t;

typedef struct {
    uint16_t version;
    const uint8_t *random;
    reader_t session_id;
    uint16_t suite;
    uint8_t compression;
    bool is13; /* the server chose DTLS 1.3, in supported_versions */
    extensions_t extensions;
} server_hello_t;

/* Parses the fields before the extensions, and clears hello->extensions. The first fragment of a
 * ClientHello may end after these fields. Returns DTLS_ERR_NONE, or the error to report to the
 * peer. */
dtls_error_t client_hello_parse_start(reader_t *body, client_hello_t *hello);
/* Parses the body of a ClientHello, to its end. Returns DTLS_ERR_NONE, or the error to report to
 * the peer. */
dtls_error_t client_hello_parse(reader_t *body, client_hello_t *hello);
/* Parses the body of a ServerHello or a HelloRetryRequest. offered13 is true if our ClientHello
 * offered DTLS 1.3. Returns DTLS_ERR_NONE, or the error to report to the peer. */
dtls_error_t server_hello_parse(reader_t *body, bool offered13, server_hello_t *hello);
/* Returns true if a ServerHello with this random is a HelloRetryRequest (RFC 8446 section
 * 4.1.3). */
bool is_hello_retry_random(const uint8_t *random);
/* Returns HANDSHAKE_HELLO_RETRY_REQUEST for a ServerHello that is a HelloRetryRequest. Returns
 * msg_type for any other message. */
uint8_t message_kind(uint8_t msg_type, const uint8_t *body, size_t length);
/* Parses the body of a HelloVerifyRequest, and points *cookie at its cookie. Returns DTLS_ERR_NONE,
 * or the error to report to the peer. */
dtls_error_t hello_verify_request_parse(reader_t *body, reader_t *cookie);

typedef struct {
    const uint8_t *identity;
    size_t identity_length;
    uint32_t ticket_age; /* obfuscated_ticket_age of the PSK; 0 for an external PSK */
} psk_offer_t;

/* The contents of a ClientHello. v12 and v13 are the versions to offer. A field that only one
 * version uses is written only if that version is offered. */
typedef struct {
    bool v12, v13;
    const uint8_t *random;
    bytes_t session_id;
    const uint8_t *cookie12;
    size_t cookie12_length;
    const suite_t *const *suites;
    size_t suite_count;
    bool extended_master_secret;
    bool encrypt_then_mac;
    bool session_ticket; /* DTLS 1.2: send session_ticket, with ticket as its data */
    const uint8_t *ticket;
    size_t ticket_length; /* 0: the client has no ticket, and asks the server for one */
    bool heartbeat;
    uint16_t record_size_limit; /* 0: do not send record_size_limit */
    bool connection_id;         /* send connection_id and rrc */
    const uint8_t *cid;
    size_t cid_length;
    const uint8_t *cookie13; /* the cookie of a HelloRetryRequest; NULL: send none */
    size_t cookie13_length;
    const uint16_t *groups;
    size_t group_count; /* 0: send no supported_groups */
    bool point_formats;
    uint16_t share_group;
    const uint8_t *share;
    size_t share_length; /* 0: send no key_share */
    const uint16_t *modes;
    size_t mode_count;
    bool early_data;
    psk_offer_t psks[2];
    size_t psk_count;
    size_t binder_length; /* length in bytes of each binder: all PSKs have the same hash */
    /* Seeds of the GREASE values in lists and extensions (grease.h); NULL: send none. */
    const uint8_t *grease;
    bool grease_share; /* with grease: also send a key share of the GREASE group */
    size_t padding;    /* length of the padding extension with its header; 0: send none */
} hello_params_t;

/* Writes the body of a ClientHello with all its extensions. If there are PSKs, the last
 * BINDER_LIST_LENGTH() bytes are the list of binders. All binders are zeros, which the caller
 * replaces. */
void put_client_hello(writer_t *w, const hello_params_t *params);
#define BINDER_LIST_LENGTH(psk_count, binder) (2 + (psk_count) * (1 + (binder)))

/* Writes the body of a ServerHello up to its extensions, which the caller then writes as a block
 * with a 2-byte length field. */
void put_server_hello_start(writer_t *w, const uint8_t *random, bytes_t session_id, uint16_t suite);
/* The random of every HelloRetryRequest (RFC 8446 section 4.1.3). */
extern const uint8_t hello_retry_random[RANDOM_LENGTH];
/* Writes the body of a HelloVerifyRequest. */
void put_hello_verify_request(writer_t *w, const uint8_t *cookie, size_t cookie_length);

#endif
