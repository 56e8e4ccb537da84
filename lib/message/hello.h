/*
 * hello.h - the wire form of ClientHello, HelloVerifyRequest, HelloRetryRequest and ServerHello.
 * Parsed readers and pointers point into the message.
 */
#ifndef HELLO_H
#define HELLO_H

#include "crypto/kdf12.h"
#include "message/ext.h"

#define SESSION_ID_MAX 32

typedef struct {
    uint16_t version;
    const uint8_t *random;                             /* RANDOM_LENGTH bytes */
    reader_t session_id, cookie, suites, compressions; /* without their length fields */
    extensions_t extensions;
} client_hello_t;

typedef struct {
    uint16_t version;
    const uint8_t *random;
    reader_t session_id;
    uint16_t suite;
    uint8_t compression;
    bool is13; /* has supported_versions, in response to our offer: DTLS 1.3 */
    extensions_t extensions;
} server_hello_t;

/* Parses the fields before the extensions. The first fragment of a ClientHello need not hold
 * more. Clears the extensions. Returns the error to report to the peer. */
dtls_error_t client_hello_parse_start(reader_t *body, client_hello_t *hello);
/* Parses the body of a ClientHello, which must have no bytes left over. Returns the error to
 * report to the peer. */
dtls_error_t client_hello_parse(reader_t *body, client_hello_t *hello);
/* Parses the body of a ServerHello or a HelloRetryRequest. offered13: our ClientHello offered
 * DTLS 1.3. Returns the error to report to the peer. */
dtls_error_t server_hello_parse(reader_t *body, bool offered13, server_hello_t *hello);
/* True for the random that makes a ServerHello a HelloRetryRequest: RFC 8446 section 4.1.3. */
bool is_hello_retry_random(const uint8_t *random);
/* Returns the type of a message: HANDSHAKE_HELLO_RETRY_REQUEST for a ServerHello with that
 * random, else msg_type. */
uint8_t message_kind(uint8_t msg_type, const uint8_t *body, size_t length);
/* Parses the body of a HelloVerifyRequest and points *cookie at its cookie. */
dtls_error_t hello_verify_request_parse(reader_t *body, reader_t *cookie);

typedef struct {
    const uint8_t *identity;
    size_t identity_length;
    uint32_t ticket_age; /* obfuscated; 0 for an external PSK */
} psk_offer_t;

/* The contents of a ClientHello. v12 and v13: the versions to offer. Parts that belong to one
 * version are written only if that version is offered. */
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
    bool session_ticket; /* DTLS 1.2: send the extension, with ticket in it */
    const uint8_t *ticket;
    size_t ticket_length; /* 0: ask for a ticket */
    bool heartbeat;
    uint16_t record_size_limit; /* 0: none */
    bool connection_id;         /* send connection_id and rrc */
    const uint8_t *cid;
    size_t cid_length;
    const uint8_t *cookie13; /* NULL: none */
    size_t cookie13_length;
    const uint16_t *groups;
    size_t group_count; /* 0: no (EC)DHE */
    bool point_formats;
    uint16_t share_group;
    const uint8_t *share;
    size_t share_length; /* 0: send no key_share */
    const uint16_t *modes;
    size_t mode_count;
    bool early_data;
    psk_offer_t psks[2];
    size_t psk_count;
    size_t binder_length; /* bytes; all PSKs have the same hash */
} hello_params_t;

/* Writes the body of a ClientHello. The list of binders is the last BINDER_LIST_LENGTH() bytes
 * of the message. Its binders are zeros, which the caller replaces. */
void put_client_hello(writer_t *w, const hello_params_t *params);
#define BINDER_LIST_LENGTH(psk_count, binder) (2 + (psk_count) * (1 + (binder)))

/* Writes a ServerHello up to its extensions. The caller writes these as a block with a 2-byte
 * length. */
void put_server_hello_start(writer_t *w, const uint8_t *random, bytes_t session_id, uint16_t suite);
extern const uint8_t hello_retry_random[RANDOM_LENGTH];
void put_hello_verify_request(writer_t *w, const uint8_t *cookie, size_t cookie_length);

#endif
