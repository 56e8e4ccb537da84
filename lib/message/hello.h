/*
 * hello.h - the wire form of ClientHello, HelloVerifyRequest, HelloRetryRequest and ServerHello.
 * What is parsed points into the message.
 */
#ifndef HELLO_H
#define HELLO_H

#include "crypto/kdf12.h"
#include "message/ext.h"

#define SESSION_ID_MAX 32

typedef struct {
    uint16_t version;
    const uint8_t *random; /* RANDOM_LENGTH bytes */
    reader_t session_id, cookie, suites, compressions;
    extensions_t extensions;
} client_hello_t;

typedef struct {
    uint16_t version;
    const uint8_t *random;
    reader_t session_id;
    uint16_t suite;
    uint8_t compression;
    bool is13; /* it chooses by supported_versions, and that was offered */
    extensions_t extensions;
} server_hello_t;

/* What stands before the extensions, which a first fragment may have to itself. */
dtls_error_t client_hello_parse_start(reader_t *body, client_hello_t *hello);
/* The cursor is at the message body; the whole of it must be used. */
dtls_error_t client_hello_parse(reader_t *body, client_hello_t *hello);
/* A HelloRetryRequest is a ServerHello with a certain random: RFC 8446 section 4.1.3. */
dtls_error_t server_hello_parse(reader_t *body, bool offered13, server_hello_t *hello);
bool is_hello_retry_random(const uint8_t *random);
/* On the wire a HelloRetryRequest is a ServerHello; everywhere else it is a message of its own. The
 * type of a message with that body. */
uint8_t message_kind(uint8_t msg_type, const uint8_t *body, size_t length);
dtls_error_t hello_verify_request_parse(reader_t *body, reader_t *cookie);

typedef struct {
    const uint8_t *identity;
    size_t identity_length;
    uint32_t ticket_age; /* obfuscated; 0 for an external PSK */
} psk_offer_t;

/* All that goes into a ClientHello. The parts of DTLS 1.3 stand only if v13 is set, those of 1.2 only
 * if v12 is. */
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
    bool session_ticket; /* wanted, or offered */
    const uint8_t *ticket;
    size_t ticket_length;
    bool heartbeat;
    uint16_t record_size_limit; /* 0: none */
    bool connection_id;         /* offered, and rrc with it */
    const uint8_t *cid;
    size_t cid_length;
    const uint8_t *cookie13; /* NULL: none */
    size_t cookie13_length;
    const uint16_t *groups;
    size_t group_count; /* 0: no (EC)DHE */
    bool point_formats;
    uint16_t share_group;
    const uint8_t *share;
    size_t share_length; /* 0: none */
    const uint16_t *modes;
    size_t mode_count;
    bool early_data;
    psk_offer_t psks[2];
    size_t psk_count;
    size_t binder_length; /* all PSKs are bound to the same hash */
} hello_params_t;

/* The binders are left as zeros at the very end of the message, each behind its length; their list
 * starts BINDER_LIST_LENGTH() before the end. */
void put_client_hello(writer_t *w, const hello_params_t *params);
#define BINDER_LIST_LENGTH(psk_count, binder) (2 + (psk_count) * (1 + (binder)))

/* ServerHello up to its extensions, which the caller writes as a block of two bytes. */
void put_server_hello_start(writer_t *w, const uint8_t *random, bytes_t session_id, uint16_t suite);
extern const uint8_t hello_retry_random[RANDOM_LENGTH];
void put_hello_verify_request(writer_t *w, const uint8_t *cookie, size_t cookie_length);

#endif
