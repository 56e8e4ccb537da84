/*
 * iana.h - the IANA numbers that the code uses.
 */
#ifndef IANA_H
#define IANA_H

/* X(number, NAME, "name in messages and logs") */
#define CONTENT_TYPES(X)                                                                           \
    X(20, CHANGE_CIPHER_SPEC, "change_cipher_spec")                                                \
    X(21, ALERT, "alert")                                                                          \
    X(22, HANDSHAKE, "handshake")                                                                  \
    X(23, APPLICATION_DATA, "application_data")                                                    \
    X(24, HEARTBEAT, "heartbeat")                                                                  \
    X(25, TLS12_CID, "tls12_cid")                                                                  \
    X(26, ACK, "ack")                                                                              \
    X(27, RETURN_ROUTABILITY_CHECK, "return_routability_check")

#define HANDSHAKE_TYPES(X)                                                                         \
    X(0, HELLO_REQUEST, "HelloRequest")                                                            \
    X(1, CLIENT_HELLO, "ClientHello")                                                              \
    X(2, SERVER_HELLO, "ServerHello")                                                              \
    X(3, HELLO_VERIFY_REQUEST, "HelloVerifyRequest")                                               \
    X(4, NEW_SESSION_TICKET, "NewSessionTicket")                                                   \
    X(6, HELLO_RETRY_REQUEST, "HelloRetryRequest") /* is sent as a ServerHello */                  \
    X(8, ENCRYPTED_EXTENSIONS, "EncryptedExtensions")                                              \
    X(9, REQUEST_CONNECTION_ID, "RequestConnectionId")                                             \
    X(10, NEW_CONNECTION_ID, "NewConnectionId")                                                    \
    X(11, CERTIFICATE, "Certificate")                                                              \
    X(12, SERVER_KEY_EXCHANGE, "ServerKeyExchange")                                                \
    X(13, CERTIFICATE_REQUEST, "CertificateRequest")                                               \
    X(14, SERVER_HELLO_DONE, "ServerHelloDone")                                                    \
    X(15, CERTIFICATE_VERIFY, "CertificateVerify")                                                 \
    X(16, CLIENT_KEY_EXCHANGE, "ClientKeyExchange")                                                \
    X(20, FINISHED, "Finished")                                                                    \
    X(24, KEY_UPDATE, "KeyUpdate")                                                                 \
    X(254, MESSAGE_HASH, "message_hash") /* replaces ClientHello1 in the transcript; never sent */

#define CONTENT_ENUM(number, name, text) CONTENT_##name = number,
enum { CONTENT_TYPES(CONTENT_ENUM) };

#define HANDSHAKE_ENUM(number, name, text) HANDSHAKE_##name = number,
enum { HANDSHAKE_TYPES(HANDSHAKE_ENUM) };

enum { VERSION_DTLS10 = 0xfeff, VERSION_DTLS12 = 0xfefd, VERSION_DTLS13 = 0xfefc };
enum { VERSION_TLS_MAJOR = 3 };

/* The types of extensions, each with the RFC that defines the extension. */
enum {
    EXTENSION_MAX_FRAGMENT_LENGTH = 1,     /* RFC 6066 */
    EXTENSION_SUPPORTED_GROUPS = 10,       /* RFC 8446 */
    EXTENSION_EC_POINT_FORMATS = 11,       /* RFC 8422 */
    EXTENSION_HEARTBEAT = 15,              /* RFC 6520 */
    EXTENSION_PADDING = 21,                /* RFC 7685 */
    EXTENSION_ENCRYPT_THEN_MAC = 22,       /* RFC 7366 */
    EXTENSION_EXTENDED_MASTER_SECRET = 23, /* RFC 7627 */
    EXTENSION_RECORD_SIZE_LIMIT = 28,      /* RFC 8449 */
    EXTENSION_SESSION_TICKET = 35,         /* RFC 5077 */
    EXTENSION_PRE_SHARED_KEY = 41,         /* RFC 8446 */
    EXTENSION_EARLY_DATA = 42,             /* RFC 8446 */
    EXTENSION_SUPPORTED_VERSIONS = 43,     /* RFC 8446 */
    EXTENSION_COOKIE = 44,                 /* RFC 8446 */
    EXTENSION_PSK_KEY_EXCHANGE_MODES = 45, /* RFC 8446 */
    EXTENSION_KEY_SHARE = 51,              /* RFC 8446 */
    EXTENSION_CONNECTION_ID = 54,          /* RFC 9146 */
    EXTENSION_RRC = 61,                    /* RFC 9853 */
    EXTENSION_RENEGOTIATION_INFO = 0xff01  /* RFC 5746 */
};

enum {
    GROUP_SECP256R1 = 23,
    GROUP_X25519 = 29,
    GROUP_FFDHE2048 = 256, /* RFC 7919 */
    GROUP_FFDHE3072 = 257,
    GROUP_FFDHE_LAST = 511 /* the numbers 256 to 511 are finite field groups: RFC 7919 section 2 */
};

enum { CURVE_TYPE_NAMED = 3, POINT_FORMAT_UNCOMPRESSED = 0 }; /* RFC 8422 sections 5.4, 5.1.2 */

enum { PSK_KE = 0, PSK_DHE_KE = 1 };

enum {
    SCSV_RENEGOTIATION = 0x00ff, /* RFC 5746 section 3.3 */
    SCSV_FALLBACK = 0x5600       /* RFC 7507 */
};

enum { SUITES_13_FIRST_BYTE = 0x13 }; /* the first byte of every DTLS 1.3 suite in suite.c */

enum { COMPRESSION_NULL = 0 };

enum { HEARTBEAT_REQUEST = 1, HEARTBEAT_RESPONSE = 2 }; /* RFC 6520 section 3 */

/* The modes in the heartbeat extension (RFC 6520 section 2). */
enum { PEER_ALLOWED_TO_SEND = 1, PEER_NOT_ALLOWED_TO_SEND = 2 };

#endif
