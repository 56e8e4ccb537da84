/* ext.h - parsing and writing of single extensions. The table in ext.c has one row for each
 * extension: the messages in which it may appear, and its parser for each. Readers in the result
 * point into the message.
 *
 * The list of extensions of a ClientHello is written in hello.c (put_client_hello()), that of a
 * ServerHello or EncryptedExtensions in hs12_server.c and hs13_server.c. */
#ifndef EXT_H
#define EXT_H

#include "base/bytes.h"
#include "dtls.h"

#define EXT_HEADER 4 /* length of the type and the length field of an extension */

/* The message that contains the extensions. */
typedef enum {
    IN_CLIENT_HELLO,
    IN_SERVER_HELLO_12,
    IN_SERVER_HELLO_13,
    IN_HELLO_RETRY_REQUEST,
    IN_ENCRYPTED_EXTENSIONS,
    IN_NEW_SESSION_TICKET,
    IN_COUNT
} ext_place_t;

/* The bits of extensions_t.seen, one for each extension. */
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

/* The extensions of one message. */
typedef struct {
    unsigned seen; /* EXT_ bits of the extensions that are present */
    bool renegotiation_info_empty;
    uint16_t selected_version;  /* from a server: the version in supported_versions */
    uint16_t selected_identity; /* from a server: index of the chosen PSK in pre_shared_key */
    reader_t versions;          /* from a client: supported_versions, a list of uint16 */
    reader_t groups;            /* supported_groups, a list of uint16 */
    reader_t point_formats;     /* ec_point_formats, a list of uint8 */
    reader_t modes;             /* from a client: psk_key_exchange_modes, a list of uint8 */
    reader_t shares;            /* from a client: key_share, a list of groups with key_exchange */
    /* From a server: the group in key_share. In a ServerHello this is the group of the server's
     * share, in a HelloRetryRequest the requested group. */
    uint16_t share_group;
    reader_t share;  /* from a server: the key_exchange in its key_share */
    reader_t cookie; /* the cookie extension of DTLS 1.3 */
    /* From a client: lists of pre_shared_key (RFC 8446 section 4.2.11). */
    reader_t identities, binders;
    /* From a client: the start of the list of binders in the message. */
    const uint8_t *truncated_at;
    /* connection_id: the ID that records to the sender of this message carry; may be empty */
    reader_t cid;
    /* From a client: the ticket to resume; empty: the client asks for a new ticket. */
    reader_t session_ticket;
    uint8_t heartbeat_mode;
    uint8_t max_fragment_length; /* 1 to 4, codes for 2^9 to 2^12 bytes (RFC 6066 section 4) */
    uint16_t record_size_limit;  /* in bytes */
    /* From a NewSessionTicket: the most bytes of early data with the ticket. */
    uint32_t early_data;
} extensions_t;

/* Parses the list of extensions, which must be the rest of body. A hello may end without a list
 * (RFC 5246 section 7.4.1.2). Returns DTLS_ERR_NONE, or the error to report to the peer. */
dtls_error_t ext_parse(reader_t *body, ext_place_t place, extensions_t *out);

/* Returns true if the list of extensions at the start of body contains an extension of this
 * type. */
bool ext_present(reader_t body, uint16_t type);

/* These two return true if number is in the list. */
bool list_contains_u16(reader_t list, uint16_t number);
bool list_contains_u8(reader_t list, uint8_t number);
/* Points *key_exchange at the share of this group. Returns false if the list has no such share. */
bool find_share(reader_t shares, uint16_t group, reader_t *key_exchange);

/* ---- writing ---- */

/* Writes an extension without data. */
void put_ext_empty(writer_t *w, uint16_t type);
/* Writes an extension whose data is a number of width bytes. */
void put_ext_number(writer_t *w, uint16_t type, uint32_t value, size_t width);
static inline void put_ext_u8(writer_t *w, uint16_t type, uint8_t value)
{
    put_ext_number(w, type, value, 1);
}
static inline void put_ext_u16(writer_t *w, uint16_t type, uint16_t value)
{
    put_ext_number(w, type, value, 2);
}
/* Writes an empty renegotiation_info (RFC 5746 section 3.2). */
void put_ext_renegotiation_info(writer_t *w);
/* Writes the early_data extension of a NewSessionTicket, which allows at most size bytes of early
 * data. */
void put_ext_early_data_size(writer_t *w, uint32_t size);
/* Writes the heartbeat extension with the mode peer_allowed_to_send: we respond to
 * HeartbeatRequests. */
void put_ext_heartbeat(writer_t *w);
/* Writes ec_point_formats with the one format uncompressed (RFC 8422). */
void put_ext_point_formats(writer_t *w);
/* Writes connection_id with the ID of length bytes that the peer is to put into its records to
 * us. */
void put_ext_connection_id(writer_t *w, const uint8_t *cid, size_t length);
/* Writes the cookie extension of DTLS 1.3. */
void put_ext_cookie(writer_t *w, const uint8_t *cookie, size_t length);
/* Writes an extension whose data is a list of numbers. Each number has width bytes. The length
 * field of the list has length_width bytes. */
void put_ext_list(writer_t *w, uint16_t type, size_t length_width, size_t width,
                  const uint16_t *numbers, size_t count);
/* Writes a KeyShareEntry (RFC 8446 section 4.2.8). */
void put_share(writer_t *w, uint16_t group, const uint8_t *key_exchange, size_t length);

#endif
