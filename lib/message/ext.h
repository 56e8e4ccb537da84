/*
 * ext.h - hello extensions: one row each, which says in which messages it may stand and how it is
 * read there. What is parsed points into the message.
 */
#ifndef EXT_H
#define EXT_H

#include "base/bytes.h"
#include "dtls.h"

/* Where a list of extensions stands: the columns of the table. */
typedef enum {
    IN_CLIENT_HELLO,
    IN_SERVER_HELLO_12,
    IN_SERVER_HELLO_13,
    IN_HELLO_RETRY_REQUEST,
    IN_ENCRYPTED_EXTENSIONS,
    IN_NEW_SESSION_TICKET,
    IN_COUNT
} ext_place_t;

/* Bits of extensions_t.seen. */
enum {
    EXT_SUPPORTED_GROUPS = 1 << 0,
    EXT_EXTENDED_MASTER_SECRET = 1 << 1,
    EXT_PRE_SHARED_KEY = 1 << 2,
    EXT_EARLY_DATA = 1 << 3,
    EXT_SUPPORTED_VERSIONS = 1 << 4,
    EXT_COOKIE = 1 << 5,
    EXT_PSK_KEY_EXCHANGE_MODES = 1 << 6,
    EXT_KEY_SHARE = 1 << 7,
    EXT_RENEGOTIATION_INFO = 1 << 8,
    EXT_CONNECTION_ID = 1 << 9,
    EXT_RRC = 1 << 10,
    EXT_HEARTBEAT = 1 << 11,
    EXT_EC_POINT_FORMATS = 1 << 12,
    EXT_ENCRYPT_THEN_MAC = 1 << 13,
    EXT_MAX_FRAGMENT_LENGTH = 1 << 14,
    EXT_RECORD_SIZE_LIMIT = 1 << 15,
    EXT_SESSION_TICKET = 1 << 16
};

typedef struct {
    unsigned seen;
    bool renegotiation_info_empty;
    uint16_t selected_version;  /* from a server */
    uint16_t selected_identity; /* from a server */
    reader_t versions;          /* from a client: list of uint16 */
    reader_t groups;            /* from a client: list of uint16 */
    reader_t point_formats;     /* list of uint8 */
    reader_t modes;             /* from a client: list of uint8 */
    reader_t shares;            /* from a client: list of group and key_exchange<2> */
    uint16_t share_group;       /* from a server; with key_exchange in a ServerHello */
    reader_t share;
    reader_t cookie;
    reader_t identities, binders; /* from a client: lists, RFC 8446 section 4.2.11 */
    const uint8_t *truncated_at;  /* from a client: where the list of binders begins */
    reader_t cid;                 /* that the sender wants to receive; may be empty */
    reader_t session_ticket;      /* from a client; empty: it has none yet */
    uint8_t heartbeat_mode;
    uint8_t max_fragment_length; /* the code */
    uint16_t record_size_limit;
    uint32_t early_data; /* of a ticket: bytes that may be sent with it */
} extensions_t;

/* Takes the whole list off the body, which must end with it; before there were extensions, hellos
 * ended where it would begin. */
dtls_error_t ext_parse(reader_t *body, ext_place_t place, extensions_t *out);

/* Does the list, which the body begins with, have an extension of that type? */
bool ext_present(reader_t body, uint16_t type);

/* Is this number in a list of uint16 or uint8? */
bool list_contains_u16(reader_t list, uint16_t number);
bool list_contains_u8(reader_t list, uint8_t number);
/* The key_exchange of that group in a list of shares; false: there is none. */
bool find_share(reader_t shares, uint16_t group, reader_t *key_exchange);

/* ---- writing; an extension that has only one form ---- */

void put_ext_empty(writer_t *w, uint16_t type);
void put_ext_u8(writer_t *w, uint16_t type, uint8_t value);
void put_ext_u16(writer_t *w, uint16_t type, uint16_t value);
void put_ext_renegotiation_info(writer_t *w);
void put_ext_early_data_size(writer_t *w, uint32_t size);
void put_ext_heartbeat(writer_t *w); /* we answer requests */
void put_ext_point_formats(writer_t *w);
void put_ext_connection_id(writer_t *w, const uint8_t *cid, size_t length);
void put_ext_cookie(writer_t *w, const uint8_t *cookie, size_t length);
/* A list of numbers of that width, behind a length of length_width bytes. */
void put_ext_list(writer_t *w, uint16_t type, size_t length_width, size_t width,
                  const uint16_t *numbers, size_t count);
void put_share(writer_t *w, uint16_t group, const uint8_t *key_exchange, size_t length);

#endif
