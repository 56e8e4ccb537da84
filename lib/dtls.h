/*
 * dtls.h - DTLS with pre-shared keys as a library without sockets.
 *
 * Conventions, stated once:
 *
 *   I/O       The library never touches a socket. Datagrams come in through
 *             dtls_handle_message() and leave through the write callback.
 *             Whenever the library has been called, ask dtls_next_timeout()
 *             and call dtls_check_retransmit() when that many ms have passed.
 *             Timers that are due also run in every other call that may send.
 *   Peers     One context serves any number of peers, client and server alike.
 *             A peer is named by its address, a session_t.
 *   Results   Functions that return int give a negative value on failure:
 *             -(int)DTLS_ERR_x, except where a tinydtls contract says otherwise.
 *   Units     Sizes are bytes; times are milliseconds of a monotonic clock.
 *   NULL      as a context, an address, a peer or a buffer to fill is refused: -DTLS_ERR_ARGUMENT, NULL, 0
 *             or nothing done, as the result allows; where NULL has a meaning it is stated.
 *   Callbacks may call any function of this header on the same context except
 *             dtls_free_context(). A pointer passed to a callback is valid until
 *             the callback returns.
 *   Threads   A context belongs to one thread at a time. Contexts share nothing
 *             but the log level and log handler of the tinydtls log calls.
 *   Memory    Per connected peer: under 2 kB, with connection IDs under 4 kB, its
 *             identity (up to 64 kB, if it sends such a one) and the cipher
 *             contexts of libcrypto, 1 to 4 kB: two, in DTLS 1.3 four. There, keys
 *             that were replaced stay for four minutes (2 kB, after a handshake
 *             too), and a ticket until it is acknowledged or given up (1.5 kB); in
 *             DTLS 1.2 one that was given (0.5 kB) stays with the Finished. During a
 *             handshake under 4 kB, in DTLS 1.3 under 7 kB and 7 kB of libcrypto,
 *             and at most DTLS_MAX_REASSEMBLY more for fragments, 4 kB for early
 *             records, and our own flight. Twice that while a peer that is
 *             connected shakes hands anew. In DTLS 1.3 the peer's messages after the
 *             handshake may come in fragments, too.
 *             Per context that accepts: DTLS_HELLO_POOL slots for ClientHellos in
 *             fragments, 74 kB, allocated with it. A longer hello than
 *             DTLS_HELLO_POOL_LENGTH is ignored; both this and the first hello that
 *             loses its slot to another are logged once, at level WARN.
 *
 * A program is a loop around a UDP socket:
 *
 *     dtls_context_t *ctx = dtls_new_context(&socket);
 *     dtls_set_handler(ctx, &handler);        // write, read, event, get_psk_info
 *     dtls_connect(ctx, &peer);               // a client
 *     for (;;) {
 *         wait for the socket, at most dtls_next_timeout(ctx) ms;
 *         if (there is a datagram)
 *             dtls_handle_message(ctx, &from, datagram, length);
 *         dtls_check_retransmit(ctx, NULL);
 *     }
 *
 * The names and contracts of tinydtls are kept where it has one; a program
 * written from its usage page compiles against this header and works.
 */
#ifndef DTLS_H
#define DTLS_H

#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types -------------------------------------------------------------- */

typedef uint8_t uint8;
typedef uint64_t dtls_tick_t; /* ms; 0 is an instant in the past, never used for a deadline */

#define DTLS_TICKS_PER_SECOND 1000
#define DTLS_MAX_BUF 65535          /* receives any UDP datagram */
#define DTLS_MAX_REASSEMBLY 81920   /* bytes of handshake fragments held per peer, at most */
#define DTLS_HELLO_POOL 16          /* incomplete ClientHellos held per context, at most */
#define DTLS_HELLO_POOL_LENGTH 4096 /* bytes of a ClientHello that comes in fragments, at most */
#define DTLS_HELLO_POOL_MS 5000     /* an incomplete ClientHello is dropped after this time */
#define DTLS_MAX_IDENTITY 65535     /* bytes of a PSK identity, RFC 4279 section 2 */
#define DTLS_MAX_PSK 256            /* bytes of a key; RFC 4279 section 5.3 asks for 64 */

#ifndef UNUSED_PARAM
#define UNUSED_PARAM __attribute__((unused))
#endif

typedef struct dtls_context_t dtls_context_t;
typedef struct dtls_peer_t dtls_peer_t;

/* The address of a peer. Only family, address and port (and the scope of a link-local
 * address) are compared, so padding, flow labels and ifindex never tell two peers apart. What is sent
 * to a peer has the ifindex with which its handshake began, so that may stand for a local address. */
typedef struct {
    socklen_t size;
    union {
        struct sockaddr sa;
        struct sockaddr_storage st;
        struct sockaddr_in sin;
        struct sockaddr_in6 sin6;
    } addr;
    int ifindex;
} session_t;

void dtls_session_init(session_t *session);
int dtls_session_equals(const session_t *a, const session_t *b);

/* ---- alerts (RFC 5246 section 7.2, RFC 8446 section 6) ------------------- */

typedef enum { DTLS_ALERT_LEVEL_WARNING = 1, DTLS_ALERT_LEVEL_FATAL = 2 } dtls_alert_level_t;

typedef enum {
    DTLS_ALERT_CLOSE_NOTIFY = 0,
    DTLS_ALERT_UNEXPECTED_MESSAGE = 10,
    DTLS_ALERT_BAD_RECORD_MAC = 20,
    DTLS_ALERT_RECORD_OVERFLOW = 22,
    DTLS_ALERT_DECOMPRESSION_FAILURE = 30,
    DTLS_ALERT_HANDSHAKE_FAILURE = 40,
    DTLS_ALERT_BAD_CERTIFICATE = 42,
    DTLS_ALERT_UNSUPPORTED_CERTIFICATE = 43,
    DTLS_ALERT_CERTIFICATE_REVOKED = 44,
    DTLS_ALERT_CERTIFICATE_EXPIRED = 45,
    DTLS_ALERT_CERTIFICATE_UNKNOWN = 46,
    DTLS_ALERT_ILLEGAL_PARAMETER = 47,
    DTLS_ALERT_UNKNOWN_CA = 48,
    DTLS_ALERT_ACCESS_DENIED = 49,
    DTLS_ALERT_DECODE_ERROR = 50,
    DTLS_ALERT_DECRYPT_ERROR = 51,
    DTLS_ALERT_PROTOCOL_VERSION = 70,
    DTLS_ALERT_INSUFFICIENT_SECURITY = 71,
    DTLS_ALERT_INTERNAL_ERROR = 80,
    DTLS_ALERT_INAPPROPRIATE_FALLBACK = 86,
    DTLS_ALERT_USER_CANCELED = 90,
    DTLS_ALERT_NO_RENEGOTIATION = 100,
    DTLS_ALERT_MISSING_EXTENSION = 109,
    DTLS_ALERT_UNSUPPORTED_EXTENSION = 110,
    DTLS_ALERT_UNRECOGNIZED_NAME = 112,
    DTLS_ALERT_UNKNOWN_PSK_IDENTITY = 115,
    DTLS_ALERT_NO_APPLICATION_PROTOCOL = 120
} dtls_alert_t;

/* The value by which a callback refuses and dtls_handle_message() reports. */
#define dtls_alert_create(level, desc) (-(((int)(level) << 8) | (int)(desc)))
#define dtls_alert_fatal_create(desc) dtls_alert_create(DTLS_ALERT_LEVEL_FATAL, (desc))

/* The IANA name, "bad_record_mac"; "unknown" for a number without one. */
const char *dtls_alert_name(unsigned alert);

/* ---- why something ended or was refused ---------------------------------- */

typedef enum {
    DTLS_ERR_NONE = 0,
    DTLS_ERR_ARGUMENT,       /* the caller's argument makes no sense */
    DTLS_ERR_STATE,          /* no such peer, or it is not connected */
    DTLS_ERR_TOO_LONG,       /* more than dtls_max_payload() */
    DTLS_ERR_MEMORY,         /* the allocation hook refused */
    DTLS_ERR_CRYPTO,         /* libcrypto or the randomness hook failed */
    DTLS_ERR_WRITE,          /* the write callback failed */
    DTLS_ERR_PEER_LIMIT,     /* config.max_peers is reached, or short connection IDs are used up */
    DTLS_ERR_NO_CREDENTIALS, /* get_psk_info gave no usable identity or key */
    /* Up to here: failures of our own side. */
    DTLS_ERR_TIMEOUT, /* nothing ended the handshake, or silence where an ACK is owed: config.handshake_ms */
    DTLS_ERR_FINISHED_UNANSWERED, /* the same, but the server fell silent at our Finished */
    DTLS_ERR_IDLE,                /* nothing authentic for config.idle_ms */
    DTLS_ERR_REPLACED,            /* the peer completed a new handshake from the same address */
    DTLS_ERR_ALERT,               /* the peer sent an alert that ends it: info.alert */
    DTLS_ERR_WRONG_PSK, /* a binder or Finished is not of our key, or it does not take ours */
    DTLS_ERR_UNKNOWN_IDENTITY,          /* server: get_psk_info knows no key for the identity */
    DTLS_ERR_DECODE,                    /* a handshake message does not parse */
    DTLS_ERR_ILLEGAL_PARAMETER,         /* it parses, and a value is not allowed */
    DTLS_ERR_UNEXPECTED_MESSAGE,        /* right message, wrong time */
    DTLS_ERR_RECORD_OVERFLOW,           /* a record with more than 2^14 bytes */
    DTLS_ERR_BAD_FINISHED,              /* verify_data differs */
    DTLS_ERR_VERSION,                   /* no version in common */
    DTLS_ERR_FALLBACK,                  /* the client fell back to 1.2, and need not: RFC 7507 */
    DTLS_ERR_NO_CIPHER_SUITE,           /* no suite in common */
    DTLS_ERR_UNSUPPORTED_EXTENSION,     /* the server answered what was not asked */
    DTLS_ERR_RENEGOTIATION_INFO,        /* RFC 5746: not empty in a first handshake */
    DTLS_ERR_MISSING_EXTENSION,         /* RFC 8446 section 9.2 */
    DTLS_ERR_NO_PSK,                    /* the peer has no PSK to offer, or wants certificates */
    DTLS_ERR_NO_KEY_EXCHANGE,           /* no PSK mode or no group in common */
    DTLS_ERR_INSUFFICIENT_SECURITY,     /* 1.2: an unsafe Diffie-Hellman prime */
    DTLS_ERR_NO_ENCRYPT_THEN_MAC,       /* 1.2: the server chose CBC without it */
    DTLS_ERR_NO_EXTENDED_MASTER_SECRET, /* required by config.ems, and the peer has it not */
    DTLS_ERR_KEY_LIMIT,                 /* sequence numbers or the AEAD's limit used up */
    DTLS_ERR_COUNT
} dtls_error_t;

const char *dtls_error_name(dtls_error_t error); /* "wrong-psk": for machines */
const char *dtls_error_text(dtls_error_t error); /* "wrong pre-shared key": for people */

/* Why a record, a datagram or a fragment was discarded. Discarding is not an error: it
 * changes a counter and nothing else (RFC 6347 section 4.1.2.7, RFC 9147 section 4.5.2). */
typedef enum {
    DTLS_DROP_NOT_A_RECORD,    /* no record header, or an unknown content type */
    DTLS_DROP_TRUNCATED,       /* length runs past the datagram */
    DTLS_DROP_VERSION,         /* record version */
    DTLS_DROP_NO_PEER,         /* nobody by that address, and no ClientHello */
    DTLS_DROP_BAD_HELLO,       /* a ClientHello that cannot start anything */
    DTLS_DROP_CID,             /* connection ID unknown, or missing */
    DTLS_DROP_EPOCH,           /* no keys for that epoch, or no longer */
    DTLS_DROP_TOO_EARLY,       /* keys not there yet, and no room to hold it */
    DTLS_DROP_REPLAYED,        /* record number seen before, or 256 or more behind the newest */
    DTLS_DROP_BAD_MAC,         /* does not authenticate */
    DTLS_DROP_LENGTH,          /* too short, too long, or empty where that is illegal */
    DTLS_DROP_UNEXPECTED_TYPE, /* content type not allowed here */
    DTLS_DROP_UNAUTHENTICATED, /* plaintext that may not act on this association */
    DTLS_DROP_BAD_FRAGMENT,    /* handshake fragment that contradicts itself or others */
    DTLS_DROP_OLD_MESSAGE,     /* handshake message already processed */
    DTLS_DROP_FAR_MESSAGE,     /* handshake message too far ahead, or no room to hold it */
    DTLS_DROP_LIMIT,           /* rate or number limit */
    DTLS_DROP_AFTER_CLOSE,     /* data with a higher record number than the peer's close_notify */
    DTLS_DROP_COUNT
} dtls_drop_t;

const char *dtls_drop_name(dtls_drop_t drop); /* "bad-mac" */

/* ---- events -------------------------------------------------------------- */

/* Codes passed to the event callback with level 0. Every association ends with exactly one of
 * CLOSED, FAILED and TIMEOUT; inside that callback dtls_get_info() and dtls_get_stats() still
 * answer, after it the peer is gone and may be connected to anew. */
#define DTLS_EVENT_CONNECT 0x01DC     /* a handshake has started */
#define DTLS_EVENT_CONNECTED 0x01DE   /* the handshake is complete: data may flow */
#define DTLS_EVENT_RENEGOTIATE 0x01DF /* 1.2: the peer asked for renegotiation and was refused */
#define DTLS_EVENT_CLOSED 0x01E0      /* close_notify received, or our own given up on */
#define DTLS_EVENT_FAILED 0x01E1      /* why: info.error */
#define DTLS_EVENT_TIMEOUT 0x01E2     /* handshake_ms or idle_ms ran out: info.error */
#define DTLS_EVENT_HEARTBEAT 0x01E4   /* dtls_heartbeat() was answered */
#define DTLS_EVENT_MTU 0x01E5         /* dtls_probe_mtu() is over: see info.mtu */
#define DTLS_EVENT_KEYS_UPDATED                                                                    \
    0x01E6 /* 1.3: a KeyUpdate of ours was acknowledged, so that all that was
                                        * sent before it has arrived or is lost */
#define DTLS_EVENT_HALF_CLOSED 0x01E7 /* config.half_close: the peer sends no more data */
#define DTLS_EVENT_UNVERIFIED                                                                      \
    0x01E9 /* the peer seems to be at info.address, and knows no check: see cid_move_newest */
#define DTLS_EVENT_MOVED                                                                           \
    0x01E3 /* the peer is now at info.address: its name when the callback
                                       * has returned */

/* ---- callbacks ----------------------------------------------------------- */

typedef enum {
    DTLS_PSK_HINT,     /* server of 1.2: the hint to send; desc is empty; 0 bytes = none */
    DTLS_PSK_IDENTITY, /* client: our identity; desc is the server's hint */
    DTLS_PSK_KEY       /* both: the key of the identity in desc */
} dtls_credentials_type_t;

/* What is demanded of one peer. It is filled in from the configuration before the application sees it. */
#define DTLS_MAX_CIPHER_SUITES 32
typedef struct dtls_user_parameters_t {
    unsigned force_extended_master_secret : 1; /* as config.ems: fail without it */
    unsigned
        force_renegotiation_info : 1; /* DTLS 1.2: fail with a peer that knows nothing of RFC 5746 */
    /* IANA numbers, best first, up to a 0. What the configuration does not have is left out; a peer for which
     * nothing is left is refused. */
    uint16_t cipher_suites[DTLS_MAX_CIPHER_SUITES + 1];
} dtls_user_parameters_t;

typedef struct {
    /* Sends one datagram to the peer. Returns len, or negative: counted as lost, since the next
     * retransmission may get through. A datagram handed to dtls_handle_message() from in here is
     * processed when the call into the library that wrote is about to return. */
    int (*write)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);
    /* One record of authenticated application data; len may be 0. A server that takes early data gets
     * it before DTLS_EVENT_CONNECTED. */
    int (*read)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);
    /* An alert received (level 1 or 2, code is the alert) or an event above (level 0). */
    int (*event)(struct dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                 unsigned short code);
    /* May demand more of a peer, or less, than the configuration. It is asked when dtls_connect() starts, and
     * for each ClientHello, also of addresses that are not proven, and has to say the same for the
     * same address while a handshake is under way. NULL: all peers are alike. */
    void (*get_user_parameters)(struct dtls_context_t *ctx, session_t *session,
                                dtls_user_parameters_t *parameters);
    /* Fills result and returns its length, or a negative alert (dtls_alert_fatal_create).
     * Identities and hints are opaque bytes. result_length is DTLS_MAX_PSK for a key. */
    union {
        int (*get_psk_info)(struct dtls_context_t *ctx, const session_t *session,
                            dtls_credentials_type_t type, const unsigned char *desc,
                            size_t desc_len, unsigned char *result, size_t result_length);
        int (*get_psk_key)(struct dtls_context_t *ctx, const session_t *session,
                           dtls_credentials_type_t type, const unsigned char *desc, size_t desc_len,
                           unsigned char *result, size_t result_length);
    };
} dtls_handler_t;

/* ---- what the trace hook sees -------------------------------------------- */

typedef enum {
    DTLS_TRACE_DATAGRAM, /* data and length are the whole datagram */
    DTLS_TRACE_RECORD,   /* one record, after the datagram it is in */
    DTLS_TRACE_MESSAGE,  /* a handshake message or fragment; data is the fragment's body */
    DTLS_TRACE_CHANGE_CIPHER_SPEC,
    DTLS_TRACE_ALERT,
    DTLS_TRACE_ACK, /* data is the list of record numbers, for each 8 bytes of epoch and 8 of sequence */
    DTLS_TRACE_DROP /* something incoming was discarded: drop says why */
} dtls_trace_kind_t;

/* Why an outgoing message is a repeat. */
typedef enum {
    DTLS_REPEAT_NONE,    /* it is not */
    DTLS_REPEAT_TIMER,   /* a retransmission timer ran out */
    DTLS_REPEAT_PEER,    /* the peer repeated its flight */
    DTLS_REPEAT_SUSPECT, /* an unauthenticated failure, e.g. an alert, may be forged */
    DTLS_REPEAT_ACK      /* an ACK names only a part of the flight */
} dtls_repeat_t;

typedef struct {
    dtls_trace_kind_t kind;
    bool outgoing;
    const session_t *session;
    const uint8_t *data; /* NULL where nothing is shown; keys are never shown */
    size_t length;
    uint8_t content_type; /* from here on: what the record header says */
    uint64_t epoch, sequence;
    uint8_t msg_type; /* handshake header, RFC 9147 section 5.2 */
    uint16_t msg_seq;
    uint32_t msg_length, frag_offset, frag_length;
    unsigned retransmit; /* outgoing: 0 for the first transmission, n for the nth repeat */
    bool duplicate;      /* incoming: of a message processed before */
    dtls_repeat_t repeat;
    uint32_t timer_ms; /* DTLS_REPEAT_TIMER: the timer that ran out */
    uint8_t alert_level, alert;
    dtls_drop_t drop;
} dtls_trace_t;

const char *dtls_content_type_name(unsigned content_type); /* "handshake" */
const char *dtls_message_name(unsigned msg_type);          /* "ClientHello" */

/* ---- logging, as in tinydtls --------------------------------------------- */

typedef enum {
    DTLS_LOG_EMERG,
    DTLS_LOG_ALERT,
    DTLS_LOG_CRIT,
    DTLS_LOG_WARN,
    DTLS_LOG_NOTICE,
    DTLS_LOG_INFO,
    DTLS_LOG_DEBUG
} dtls_log_t;

typedef void (*dtls_log_handler_t)(dtls_log_t level, const char *message);

/* Level and handler of the process; not for concurrent use. The default is stderr, warnings up. */
dtls_log_t dtls_get_log_level(void);
void dtls_set_log_level(dtls_log_t level);
void dtls_set_log_handler(dtls_log_handler_t handler); /* NULL: stderr */

/* Formats one line of at most 255 bytes. */
void dtls_log(dtls_log_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define dtls_emerg(...) dtls_log(DTLS_LOG_EMERG, __VA_ARGS__)
#define dtls_alert(...) dtls_log(DTLS_LOG_ALERT, __VA_ARGS__)
#define dtls_crit(...) dtls_log(DTLS_LOG_CRIT, __VA_ARGS__)
#define dtls_warn(...) dtls_log(DTLS_LOG_WARN, __VA_ARGS__)
#define dtls_notice(...) dtls_log(DTLS_LOG_NOTICE, __VA_ARGS__)
#define dtls_info(...) dtls_log(DTLS_LOG_INFO, __VA_ARGS__)
#define dtls_debug(...) dtls_log(DTLS_LOG_DEBUG, __VA_ARGS__)

/* ---- configuration ------------------------------------------------------- */

typedef enum {
    DTLS_COOKIE_ON,  /* every new client proves its address first (RFC 9147 section 5.1) */
    DTLS_COOKIE_OFF, /* never: saves a round trip where spoofing cannot happen */
    DTLS_COOKIE_AUTO /* only while an eighth of max_half_open handshakes are pending, and where our
                      * answer would be more than three times as long as the hello. A client that was
                      * not asked for one gets our first flight again when it repeats its hello, but
                      * not on our timer: somebody else may have used its address */
} dtls_cookie_t;

typedef enum {
    DTLS_EMS_PREFER, /* offer and accept extended_master_secret (RFC 7627), report it */
    DTLS_EMS_OFF,    /* neither offer nor accept */
    DTLS_EMS_REQUIRE /* fail without */
} dtls_ems_t;

/* How a PSK is used. With (EC)DHE a PSK that leaks later does not open what was recorded. In DTLS 1.3
 * these are the modes of RFC 8446 section 4.2.9; in 1.2, where the suite says it, suites of config.suites
 * that do not fit are left out. */
typedef enum {
    DTLS_KE_DEFAULT,  /* 1.3 client: psk_dhe_ke; server: prefers it, accepts psk_ke. 1.2: as the
                       * suites say, of which those with ECDHE come first by default */
    DTLS_KE_DHE_ONLY, /* psk_dhe_ke; 1.2: no plain PSK */
    DTLS_KE_PSK_ONLY, /* psk_ke; 1.2: plain PSK */
    DTLS_KE_DHE13     /* psk_dhe_ke, and a server refuses psk_ke; 1.2: as the suites say */
} dtls_ke_t;

typedef struct {
    /* Hooks. The first argument of each is the field `hook`. */
    void *hook;
    dtls_tick_t (*clock)(void *hook);                       /* monotonic ms, never 0 */
    int (*random)(void *hook, uint8_t *out, size_t length); /* CSPRNG; 0, or negative: fatal */
    void *(*allocate)(void *hook, size_t size);
    void (*release)(void *hook, void *memory); /* memory is already wiped */
    /* Why an association failed, at level NOTICE, and which clients cannot be served, at level WARN; the
     * default shows WARN and up, on stderr. */
    void (*log)(void *hook, dtls_log_t level, const char *message);
    void (*trace)(void *hook, const dtls_trace_t *trace); /* NULL: no tracing */
    /* One line of an SSLKEYLOGFILE (RFC 9850): label, the 32-byte client random, the secret. */
    void (*keylog)(void *hook, const char *label, const uint8_t *client_random,
                   const uint8_t *secret, size_t secret_length); /* NULL: none */

    /* Server: a ClientHello is refused by an alert before anything of it is kept, so there is no event. Its
     * sender's address may be forged. NULL: not reported. */
    void (*refused)(void *hook, const session_t *session, dtls_error_t error);

    /* Answer ClientHellos; a pure client says false. Default true. A context that calls as well refuses
     * its own hello, should somebody reflect it; but two contexts or hosts that share a key can be made
     * to talk to the wrong one of them, so a key should have one client and one server (RFC 9257). */
    bool accept;
    dtls_cookie_t cookie;   /* default ON */
    dtls_ems_t ems;         /* default PREFER */
    uint16_t only_version;  /* 0xfefd: DTLS 1.2, 0xfefc: 1.3. Default 0: both, 1.3 preferred */
    const uint16_t *suites; /* IANA numbers, best first; copied. Default NULL: all but 0x1305, those
                             * with DHE or CBC and, in DTLS 1.3, those of another hash than that of the
                             * keys (psk_sha384) */
    size_t suite_count;     /* a version without a suite in the list is not spoken */
    dtls_ke_t key_exchange; /* default DEFAULT */
    const uint16_t
        *groups; /* IANA numbers, best first; copied. Default NULL: x25519, secp256r1, and
                             * for suites with DHE ffdhe2048, ffdhe3072. A server of 1.2 that knows none
                             * of these may choose any safe prime of 2048 to 4096 bits. Ours takes the
                             * first of the client's list that it has. A suite of 1.2 that needs one and
                             * has none of its kind here is left out */
    size_t group_count;
    bool psk_sha384; /* the keys are bound to SHA-384, not SHA-256: RFC 8446 section 4.2.11 */

    bool tickets; /* server: gives each client a ticket, in DTLS 1.2 each that asks for one and has
                   * extended master secret. It is good once, for two hours; in 1.2 what it resumes
                   * has the secret of the first handshake, so its two hours count from that. Only a
                   * handshake that is completed uses a ticket up. Default false */
    size_t
        sessions; /* DTLS 1.2 server: keeps so many sessions, the latest ones, to be resumed by their
                      * ID by clients that get no ticket: 0.5 kB each, all at once with the first. As
                      * with tickets, but an ID is good as often as it is used, until a session by it ends
                      * with a fatal alert. Default 0: none; at most 65536 */
    uint32_t early_data; /* DTLS 1.3: bytes of early data that a server takes, once for each ticket,
                          * and that a client may send with one. Default 0: none */
    /* Client: a ticket has come; in DTLS 1.2 that, or the ID of the session, without new ones also those
     * that it was resumed by, and just before DTLS_EVENT_CONNECTED. state is for dtls_resume(), within
     * lifetime_s seconds and once; it holds a key and is to be kept like one, and forgotten if the session
     * ends with a fatal alert (RFC 5246 section 7.2.2). NULL: tickets are not kept. */
    void (*ticket)(void *hook, const session_t *session, const uint8_t *state, size_t length,
                   uint32_t lifetime_s);
    /* DTLS 1.2, client: the session ID to offer where no session is resumed, for servers that tell clients
     * apart by it, as those of VPNs do. What is resumed has its own. */
    const uint8_t *session_id; /* copied. Default NULL: empty */
    size_t session_id_length;  /* 0..32 */

    /* DTLS 1.3: the application's keys are imported (RFC 9258), not used as they are; both sides alike,
     * with the same context. Default false */
    bool import_psk;
    const uint8_t *import_context; /* opaque; copied. Default NULL: empty */
    size_t import_context_length;  /* 0..255 */

    /* Connection IDs (RFC 9146, RFC 9147 section 9), by which a peer is found whose address changes, and
     * the check that it receives at the new one (RFC 9853). Default false */
    bool use_cid;
    size_t cid_length; /* of the ones that peers are to send, 0..20. Default 0: none, only theirs */
    const uint8_t *cid; /* the first of them, cid_length bytes; copied. Default NULL: random */
    /* A peer that knows no such check has to answer a heartbeat at the new address, or to acknowledge a message
     * of DTLS 1.3. With a peer of DTLS 1.2 that knows neither: move to where its newest record came from, which
     * RFC 9146 section 6 forbids without a check, since an attacker can forward records to have our answers sent
     * to another address. Default false: DTLS_EVENT_UNVERIFIED, and answers go to the old address */
    bool cid_move_newest;

    bool heartbeat; /* offer and answer heartbeats (RFC 6520). Default false */

    /* Largest content of a protected record that we take, told to the peer (RFC 8449), where in DTLS 1.3 it
     * counts a byte for the type, too; 64..16384. A larger one is dropped, or ends the association (1.3).
     * Default 0: anything, and a client says nothing of it. The peer's is always kept to, and its
     * max_fragment_length */
    uint16_t record_size_limit;

    uint64_t rekey_after; /* DTLS 1.3: records per key, then a KeyUpdate. Default 0: half of
                              * what the AEAD allows */
    size_t mtu;        /* largest UDP payload sent, unless the peer's connection IDs are longer than
                              * 128 bytes; 256..65507. Default 1232. A flight that gets through
                              * only in shorter datagrams lowers it for its peer */
    uint32_t timer_ms; /* first retransmission timer. Default 400 */
    uint32_t timer_min_ms; /* how low a measured round trip may bring it. Default 100. One raises
                              * it to 2000 at most */
    uint32_t timer_max_ms; /* cap of the doubling. Default 60000 */
    uint32_t handshake_ms; /* limit of a whole handshake. After it (1.3) a ticket without an ACK is
                              * given up after so long; new keys and IDs are repeated until they have
                              * theirs, and end a peer that has been silent for so long. Default 60000 */
    uint32_t alert_grace_ms; /* an unauthenticated failure waits so long for proof that it was
                               * forged, i.e. for progress of the handshake, and for three round
                              * trips (two first timers while none is known) at least. 0: not at
                              * all. Default 100 */
    /* The peer's close_notify closes its direction alone: DTLS_EVENT_HALF_CLOSED, after which data can be
     * sent until dtls_close() (RFC 8446 section 6.1). In DTLS 1.2, where RFC 5246 section 7.2.1 has the
     * receiver close at once, only if the peer takes heartbeats, by which it can be asked whether it still
     * waits. Default false: close_notify is answered at once and ends the association */
    bool half_close;
    uint32_t
        closing_ms; /* after dtls_close(), ends a peer that takes heartbeats, has not closed, and was
                          * silent this long. Default 30000 */
    uint32_t idle_ms;   /* end a connected peer silent for so long. Default 0: never */
    uint32_t cookie_ms; /* life of a cookie secret; the last one is still taken. 60000 */
    /* Connected peers. A client that authenticates beyond that takes the place of another, which ends with
     * DTLS_EVENT_FAILED and DTLS_ERR_PEER_LIMIT and is sent close_notify: of the identity that has the most
     * clients, the one that has been silent longest. dtls_connect() fails instead. Default 1024 */
    size_t max_peers;
    size_t
        max_half_open; /* server handshakes under way, on top of those; the oldest gives way. 256 */
} dtls_config_t;

void dtls_config_init(dtls_config_t *config); /* fills in the defaults */

/* ---- context ------------------------------------------------------------- */

/* Does nothing; programs for tinydtls call it first. */
void dtls_init(void);
/* For programs that use libcrypto through this library alone, before anything else: keeps libcrypto in this
 * process from reading openssl.cnf, which takes a fifth of the start-up time and configures nothing of
 * ours. */
void dtls_skip_configuration(void);
const char *dtls_package_version(void);

/* A context with the default configuration; app is what dtls_get_app_data() gives back.
 * NULL without memory or a working libcrypto. */
dtls_context_t *dtls_new_context(void *app);
/* The same with a configuration, which is copied. NULL also if a value is out of its range, or no suite is
 * left. */
dtls_context_t *dtls_new_context_config(void *app, const dtls_config_t *config);
/* Tells every connected peer close_notify (once, no waiting), and nothing to those in a handshake; frees
 * and wipes everything; no events. */
void dtls_free_context(dtls_context_t *ctx);

void *dtls_get_app_data(dtls_context_t *ctx);
void dtls_set_app_data(dtls_context_t *ctx, void *app);
void dtls_set_handler(dtls_context_t *ctx, const dtls_handler_t *handler); /* copied; NULL: none */

/* ---- associations -------------------------------------------------------- */

/* Starts a handshake as client: > 0 started, 0 this peer exists already, < 0 an error, as also from
 * inside the peer's own end event: connect anew after that has returned.
 * Data may be sent after DTLS_EVENT_CONNECTED. */
int dtls_connect(dtls_context_t *ctx, const session_t *session);

/* The same with the state of an earlier session with that server (config.ticket), age_ms after it came.
 * What the server or we can no longer use falls back to a full handshake: info.resumed. A client of both
 * versions offers both all the same, and a server of 1.3 takes no state of 1.2. */
int dtls_resume(dtls_context_t *ctx, const session_t *session, const uint8_t *state, size_t length,
                uint64_t age_ms);

/* Client, after dtls_resume() and before CONNECTED: sends early data (RFC 8446 section 2.3), a record
 * of it. It has less protection than other data: who recorded it can replay it to a server that does
 * not forbid that, and it has no forward secrecy. Returns length; 0: not possible (any more); or < 0.
 * Once connected info.early_data says whether the server took it; if not, it is lost. */
int dtls_write_early(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);

/* Takes one received datagram; decrypts in place. Returns 0, also for junk, or the negative alert
 * value with which an association failed. */
int dtls_handle_message(dtls_context_t *ctx, session_t *session, uint8 *message, int length);

/* Sends one record of application data, which may be empty. Returns length, 0 if the handshake is not
 * complete (one is started if there is no such peer), or < 0: nothing was sent. */
int dtls_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);
/* The same for buffers sent as one record. */
int dtls_writev(dtls_context_t *ctx, session_t *session, uint8 *const data[], const size_t length[],
                size_t count);
/* Largest length dtls_write() takes at the current MTU and suite; 0 if not connected. */
size_t dtls_max_payload(dtls_context_t *ctx, const session_t *session);
/* Sets the largest UDP payload to one peer, 256..65507. 0, or < 0. */
int dtls_set_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);

/* Client: ends the handshake under way when nothing has come from the peer within silent_ms, or when it is
 * not complete within ms, both from now and 1 or more, in place of config.handshake_ms. 0, or < 0. */
int dtls_set_limits(dtls_context_t *ctx, const session_t *session, uint32_t silent_ms, uint32_t ms);

/* Sets the first retransmission timer (config.timer_ms), 1..config.timer_max_ms; timers that run change in
 * proportion. 0, or < 0. */
int dtls_set_timer(dtls_context_t *ctx, uint32_t timer_ms);

/* DTLS 1.3: changes our keys, and asks the peer for the same if request is true; done when the peer has
 * acknowledged it (DTLS_EVENT_KEYS_UPDATED), data flows meanwhile. It happens by itself after
 * config.rekey_after records. Returns 0; 1 if a KeyUpdate is under way and this one is not sent before that is
 * done; < 0 in DTLS 1.2, without a connected peer, or after 65535 epochs. Data then flows until the last keys
 * are used up, and the association ends with DTLS_ERR_KEY_LIMIT. */
int dtls_update_keys(dtls_context_t *ctx, const session_t *session, bool request);

/* DTLS 1.3 with connection IDs: gives the peer a new one to use from now on; not if memory is short, or short
 * IDs are used up. 0, or < 0: no such peer, or it has none of ours. */
int dtls_new_cid(dtls_context_t *ctx, const session_t *session);
/* Asks the peer for that many spare ones (RFC 9147 section 9), 1..255; one of them is used when the peer
 * moves. It may give fewer. 0, or < 0: no such peer, or it has given us none before. */
int dtls_request_cids(dtls_context_t *ctx, const session_t *session, unsigned count);

/* Sends a HeartbeatRequest with up to 1024 bytes of payload, again and again until DTLS_EVENT_HEARTBEAT: the
 * peer has it, and answers when it has dealt with what came before. One at a time. 0, or < 0: one is under
 * way, or the peer takes none. */
int dtls_heartbeat(dtls_context_t *ctx, const session_t *session, const uint8_t *payload,
                   size_t length);
/* Asks by a HeartbeatRequest that is padded to a datagram of so many bytes, 256..65507, whether the path takes
 * it. If it is answered that is the MTU from now on; if not, sent three times, all stays as it is; in both cases
 * DTLS_EVENT_MTU says so. Data may go meanwhile, but no other heartbeat. 0, or < 0 as above. */
int dtls_probe_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);
/* hold: requests of the peer wait for their answer; else the latest that waits is answered, and others at
 * once, as always those that probe the path. A receiver that answers when it has handed on what came before
 * slows the sender to its own pace. 0, or < 0: no such peer. */
int dtls_hold_heartbeats(dtls_context_t *ctx, const session_t *session, bool hold);

/* Sends close_notify, and repeats it until the peer answers: then CLOSED. Data of the peer is delivered
 * until then. It is repeated although it is an alert: its record number tells the peer how many records there
 * were. A peer that takes no heartbeats is given up when three in a row got no sign of life, another one after
 * config.closing_ms of silence; but in DTLS 1.2, where a peer may end without an answer, after five if it was
 * not heard since the first.
 * In DTLS 1.2 who sent the last Finished (a server, or the client of a session resumed), and has heard nothing
 * since, stays for another 3.5 s, in silence but for its Finished, if the peer missed it and asks again.
 * In a handshake: user_canceled and close_notify, CLOSED at once. 0, or < 0 without such a peer. */
int dtls_close(dtls_context_t *ctx, const session_t *session);

/* Ends an association for the application's own reason, told to the peer by a fatal alert. At once and
 * without an event. 0, or < 0 without such a peer. */
int dtls_abort(dtls_context_t *ctx, const session_t *session, dtls_alert_t alert);

/* Keying material for the application, up to 4096 bytes from a label of up to 248 bytes and a context of
 * up to 1024: RFC 5705, RFC 8446 section 7.5. context
 * NULL: none, which in DTLS 1.2 differs from an empty one. 0, or < 0: not connected, no extended master
 * secret (RFC 7627 section 5.4), or a label that the handshake uses itself. */
int dtls_export(dtls_context_t *ctx, const session_t *session, const char *label,
                const uint8_t *context, size_t context_length, uint8_t *out, size_t length);

/* NULL if there is none. */
dtls_peer_t *dtls_get_peer(const dtls_context_t *ctx, const session_t *session);
/* What the application keeps of a peer; NULL at first. It stays with the peer when that moves, or shakes
 * hands anew, until the end event has returned, and is never looked at. */
void dtls_set_peer_data(dtls_peer_t *peer, void *data);
void *dtls_get_peer_data(const dtls_peer_t *peer);
/* Sends close_notify once, in a handshake nothing, and frees at once, without an event. */
void dtls_reset_peer(dtls_context_t *ctx, dtls_peer_t *peer);

/* ---- time ---------------------------------------------------------------- */

/* Runs whatever is due. next, if not NULL: the clock's value at which to call again, 0 for none. */
void dtls_check_retransmit(dtls_context_t *ctx, dtls_tick_t *next);
/* ms until dtls_check_retransmit() has something to do: 0 now, -1 nothing is planned. */
int dtls_next_timeout(dtls_context_t *ctx);
void dtls_ticks(dtls_tick_t *now); /* the default clock */

/* ---- what is known of a peer --------------------------------------------- */

typedef enum {
    DTLS_EARLY_NONE,    /* there was no early data */
    DTLS_EARLY_OFFERED, /* the client has offered it, the server not answered yet */
    DTLS_EARLY_ACCEPTED,
    DTLS_EARLY_REJECTED /* what was sent of it is lost */
} dtls_early_t;

/* Client: what the server has had from us by which it can tell that our keys differ. Its next alert is
 * about that, or not. */
typedef enum {
    DTLS_PROOF_NONE,
    DTLS_PROOF_OFFERED, /* DTLS 1.3: a binder, but the server may as well refuse the suites or groups */
    DTLS_PROOF_ASKED /* our Finished, or in DTLS 1.3 a binder after a HelloRetryRequest has accepted
                         * suite and group */
} dtls_proof_t;

typedef struct {
    bool client; /* our role */
    bool connected;
    bool ems;    /* extended master secret in use */
    bool cookie; /* the address was proven by a cookie */
    bool
        resumed; /* an earlier session's keys, not the PSK alone: by a ticket, or in 1.2 by an ID */
    dtls_early_t early_data;
    bool heartbeat;      /* the peer agreed to answer heartbeats */
    bool heartbeat_seen; /* a heartbeat of the peer has come, so that it has them in use */
    size_t mtu;          /* largest UDP payload sent to it */
    session_t
        address; /* where the peer is; differs from its name only in DTLS_EVENT_MOVED and _UNVERIFIED */
    bool alert_received;      /* who sent `alert`: the peer, or we */
    bool alert_authenticated; /* it came protected */
    bool heard;               /* anything at all came from the peer */
    dtls_proof_t proof;       /* during a handshake, and as it failed */
    bool cid_in, cid_out;     /* records from the peer, and to it, have a connection ID */
    uint16_t version;         /* 0xfefd: DTLS 1.2; 0: not negotiated */
    uint16_t group; /* of the (EC)DHE; 0: the PSK alone, or DHE with a prime of the server's */
    uint16_t suite; /* 0: not negotiated */
    const char *suite_name;  /* "PSK-AES128-CCM8" */
    const uint8_t *identity; /* as long as the peer lives */
    size_t identity_length;
    const uint8_t *hint; /* client: during get_psk_info and until connected */
    size_t hint_length;
    uint32_t handshake_ms; /* duration, 0 until complete */
    uint64_t
        silent_ms; /* connected: since a sign of life came, i.e. anything authentic but a flight
                            * of the handshake that is repeated */
    uint64_t unanswered_ms; /* connected: since the peer has answered anything, i.e. since a
                             * HeartbeatResponse or an ACK came */
    unsigned unanswered;    /* HeartbeatRequests and messages that want an ACK sent since then */
    dtls_error_t error;     /* why it ended */
    unsigned alert;         /* the fatal alert: received or sent, see above */
} dtls_info_t;

int dtls_get_info(const dtls_context_t *ctx, const session_t *session, dtls_info_t *info);

typedef struct {
    uint64_t records_in, bytes_in;                               /* application data delivered */
    uint64_t records_out, bytes_out;                             /* application data sent */
    uint64_t datagrams_in, datagrams_out, octets_in, octets_out; /* UDP payload */
    /* Records of any kind, data or not, that have not come: after the one that ended the handshake (1.2) or
     * under keys of data (1.3), before the last that came under the same keys. */
    uint64_t lost;
    uint64_t arrived;  /* of the same records, those that have come */
    uint64_t late;     /* arrived after a higher number */
    uint64_t too_long; /* authentic, and longer than config.record_size_limit: dropped, not lost */
    uint64_t replayed;
    uint64_t timeouts;     /* flights sent again because the timer ran out */
    uint64_t resent;       /* flights sent again because the peer repeated its own */
    uint64_t write_failed; /* datagrams that the write callback refused */
    uint64_t dropped[DTLS_DROP_COUNT];
} dtls_stats_t;

/* Of one peer, or with session NULL of datagrams that belonged to none. 0, or < 0. */
int dtls_get_stats(const dtls_context_t *ctx, const session_t *session, dtls_stats_t *stats);

/* ---- cipher suites ------------------------------------------------------- */

/* The nth suite in default order: its number, 0 past the end. */
uint16_t dtls_suite_at(size_t n);
/* "PSK-AES128-CCM8", NULL if unknown. */
const char *dtls_suite_name(uint16_t suite);
/* 0xfefd or 0xfefc: the version that has this suite; 0: unknown. */
uint16_t dtls_suite_version(uint16_t suite);
/* By that name, the IANA name (TLS_PSK_WITH_AES_128_CCM_8) or hex ("c0a8"); any case. 0: unknown. */
uint16_t dtls_suite_find(const char *name);

/* "x25519", NULL if unknown; and back, any case, 0: unknown. */
const char *dtls_group_name(uint16_t group);
uint16_t dtls_group_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
