/*
 * dtls.h - the manual of libdtlscat: DTLS 1.2 and 1.3 with pre-shared keys, without sockets.
 *
 * The library performs the DTLS handshake (RFC 6347, RFC 9147) with a peer that has the same
 * pre-shared key, as client or server, then encrypts and decrypts datagrams. It opens no socket,
 * starts no thread and keeps no time: the application sends and receives UDP datagrams, and calls
 * the library for each datagram received and each timer that has run out. All state is in a
 * context, which serves any number of peers, those it connects to and those that connect to it. A
 * peer is named by its UDP address. All cryptography is that of OpenSSL 3's libcrypto. Names and
 * contracts are those of tinydtls wherever it has the call: a program written for tinydtls
 * compiles against this header. Link with -ldtlscat -lcrypto (pkg-config dtlscat).
 *
 * A complete client. It sends a line to the server on port argv[1] of this host, prints the
 * answer and closes; it exits with 0 if the association was closed, and else with 1. A server
 * calls bind() and not dtls_connect(), since a context accepts clients unless its configuration
 * says otherwise. It serves many peers in one loop, so one end does not end it, and its
 * get_psk_info looks up the key of the identity that it is passed.
 *
 *     #include <dtls.h>
 *     #include <poll.h>
 *     #include <stdio.h>
 *     #include <stdlib.h>
 *     #include <string.h>
 *
 *     static int sock, over, status = 1;
 *
 *     static int on_write(dtls_context_t *ctx, session_t *peer, uint8 *data, size_t length)
 *     {
 *         return (int)sendto(sock, data, length, 0, &peer->addr.sa, peer->size);
 *     }
 *
 *     static int on_read(dtls_context_t *ctx, session_t *peer, uint8 *data, size_t length)
 *     {
 *         fwrite(data, 1, length, stdout);
 *         return dtls_close(ctx, peer);
 *     }
 *
 *     static int on_event(dtls_context_t *ctx, session_t *peer, dtls_alert_level_t level,
 *                         unsigned short code)
 *     {
 *         dtls_info_t info;
 *         uint8 line[] = "hello\n";
 *         if (level == 0 && code == DTLS_EVENT_CONNECTED)
 *             dtls_write(ctx, peer, line, 6);
 *         if (level == 0 && (code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT) &&
 *             dtls_get_info(ctx, peer, &info) == 0)
 *             fprintf(stderr, "%s\n", dtls_error_text(info.error));
 *         if (level == 0 && code == DTLS_EVENT_CLOSED)
 *             status = 0;
 *         over |= level == 0 && (code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED ||
 *                                code == DTLS_EVENT_TIMEOUT);
 *         return 0;
 *     }
 *
 *     static int on_psk(dtls_context_t *ctx, const session_t *peer, dtls_credentials_type_t type,
 *                       const unsigned char *desc, size_t desc_length, unsigned char *result,
 *                       size_t room)
 *     {
 *         const char *answer = type == DTLS_PSK_KEY ? "not a good secret" : "Client_identity";
 *         memcpy(result, answer, strlen(answer)); // room is 256 bytes or more
 *         return type == DTLS_PSK_HINT ? 0 : (int)strlen(answer);
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         static const dtls_handler_t handler = {.write = on_write, .read = on_read,
 *                                                .event = on_event, .get_psk_info = on_psk};
 *         static uint8 datagram[DTLS_MAX_BUF];
 *         dtls_context_t *ctx = dtls_new_context(NULL);
 *         session_t peer;
 *         dtls_session_init(&peer);
 *         peer.addr.sin = (struct sockaddr_in){.sin_family = AF_INET,
 *                                              .sin_port = htons((uint16_t)atoi(argv[1])),
 *                                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
 *         peer.size = sizeof peer.addr.sin;
 *         sock = socket(AF_INET, SOCK_DGRAM, 0);
 *         dtls_set_handler(ctx, &handler);
 *         over = dtls_connect(ctx, &peer) < 0;
 *         while (!over) {
 *             struct pollfd input = {.fd = sock, .events = POLLIN};
 *             if (poll(&input, 1, dtls_next_timeout(ctx)) > 0) {
 *                 dtls_session_init(&peer);
 *                 ssize_t length = recvfrom(sock, datagram, sizeof datagram, 0, &peer.addr.sa,
 *                                           &peer.size);
 *                 if (length >= 0)
 *                     dtls_handle_message(ctx, &peer, datagram, (int)length);
 *             }
 *             dtls_check_retransmit(ctx, NULL);
 *         }
 *         dtls_free_context(ctx);
 *         return status;
 *     }
 *
 * The ten calls that a program needs first:
 *
 *     dtls_new_context(app)            creates a context (section 3). For a version, a limit or
 *                                      any other choice: dtls_config_init() and
 *                                      dtls_new_context_config()
 *     dtls_set_handler(ctx, &handler)  sets its callbacks: write and get_psk_info are mandatory,
 *                                      read and event nearly so (section 4)
 *     dtls_session_init(&session)      prepares an address for recvfrom() or for filling in (1)
 *     dtls_connect(ctx, &session)      starts a handshake as client (5)
 *     dtls_handle_message(ctx, &session, datagram, length)    processes a received datagram (6)
 *     dtls_write(ctx, &session, data, length)                 sends application data (6)
 *     dtls_next_timeout(ctx)           tells how long poll() may wait (7)
 *     dtls_check_retransmit(ctx, NULL) runs the timers that are due (7)
 *     dtls_close(ctx, &session)        ends the association with a peer (11)
 *     dtls_free_context(ctx)           frees the context and all its peers (11)
 *
 * Sections: 1 types and addresses, 2 results, 3 context and configuration, 4 callbacks and
 * events, 5 connecting and accepting, 6 sending and receiving, 7 timers, 8 keys and sessions, 9
 * connection IDs and paths, 10 information, statistics and trace, 11 closing and freeing, 12
 * tools: cipher suites, names, log; tables of memory, events, errors and results at the end.
 *
 * Conventions, stated once:
 *
 *   Association  The keys and the handshake shared with one peer, from DTLS_EVENT_CONNECT to its
 *                end. At one address there is one at a time.
 *   Results      A function that returns int gives -(int)DTLS_ERR_x on failure, except where its
 *                comment says otherwise. Only dtls_handle_message() and get_psk_info use negative
 *                alert values instead, as in tinydtls: see dtls_alert_create(). A text for a
 *                failure is dtls_error_text((dtls_error_t)-result).
 *   -DTLS_ERR_ARGUMENT  is also the result for a NULL context, address or buffer; where NULL has a
 *                meaning, the comment says which. Functions without an int result return NULL or
 *                0 then, or do nothing. The comments below do not repeat this.
 *   -DTLS_ERR_STATE     is the result where no association exists at that address, where it is not
 *                in the state that the comment demands, and inside its end event (where
 *                only dtls_get_info() and dtls_get_stats() still answer).
 *   Units        Sizes are bytes. Times are milliseconds of the monotonic clock config.clock.
 *   const        `session_t *`, `uint8 *` without const are those of tinydtls. The library
 *                changes no data and no address passed to it, except that dtls_handle_message()
 *                decrypts in place. A callback must not change the address it is passed.
 *   Lifetime     What is passed to a function is copied or used before it returns. A pointer
 *                passed to a callback is valid until the callback returns.
 *   Callbacks    Any function may be called on the same context from write, read, event,
 *                get_user_parameters and get_psk_info, except dtls_free_context(). The hooks of
 *                the configuration must not call a function that takes a context.
 *   Threads      One thread at a time may use a context. Contexts share nothing but the level and
 *                handler of the log (section 12), so each thread may have contexts of its own.
 *   1.2, 1.3     in a comment mean: only in that version of DTLS.
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

/* ==== 1. Types, limits, addresses ========================================================= */

typedef uint8_t uint8;

/* An instant of config.clock, in ms. 0 is never such an instant; it means "none". */
typedef uint64_t dtls_tick_t;
#define DTLS_TICKS_PER_SECOND 1000

/* Room for any UDP datagram. */
#define DTLS_MAX_BUF 65535
/* Bytes of handshake fragments held per association. */
#define DTLS_MAX_REASSEMBLY 81920
/* ClientHellos in fragments held per context; their length in bytes; how long they are held, in
 * ms. A longer ClientHello that arrives in fragments is ignored. */
#define DTLS_HELLO_POOL 16
#define DTLS_HELLO_POOL_LENGTH 4096
#define DTLS_HELLO_POOL_MS 5000
/* Bytes of a PSK identity or hint: RFC 4279 section 2. */
#define DTLS_MAX_IDENTITY 65535
/* Bytes of a key; RFC 4279 section 5.3 asks for at least 64. */
#define DTLS_MAX_PSK 256

#ifndef UNUSED_PARAM
#define UNUSED_PARAM __attribute__((unused))
#endif

typedef struct dtls_context_t dtls_context_t;
typedef struct dtls_peer_t dtls_peer_t;

/* The address of a peer, AF_INET or AF_INET6, which is also its name in every call.
 *
 * size is for the application alone: the length of addr for recvfrom() and sendto(). The write
 * callback is passed the size and the ifindex with which the handshake began; by ifindex it can
 * tell which interface or local address to send from. Two addresses name the same peer if family,
 * address and port are equal, and for IPv6 link-local addresses the scope; size, ifindex, padding
 * and flow label are not compared. An IPv4-mapped IPv6 address differs from the IPv4 address. */
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

/* Sets *session to zeros, and size to sizeof session->addr, as recvfrom() wants it. Call it
 * before an address is filled in, and before each recvfrom() into one. After filling in, set size
 * to the length of the address, for example sizeof session->addr.sin. */
void dtls_session_init(session_t *session);

/* Returns 1 if both addresses name the same peer, 0 if not or if one is NULL. */
int dtls_session_equals(const session_t *a, const session_t *b);

/* ==== 2. Results: alerts and errors ======================================================= */

typedef enum { DTLS_ALERT_LEVEL_WARNING = 1, DTLS_ALERT_LEVEL_FATAL = 2 } dtls_alert_level_t;

/* The descriptions of alerts: RFC 5246 section 7.2, RFC 8446 section 6. */
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

/* The negative alert value that dtls_handle_message() returns and with which get_psk_info
 * refuses: -(level << 8 | description). */
#define dtls_alert_create(level, desc) (-(((int)(level) << 8) | (int)(desc)))
#define dtls_alert_fatal_create(desc) dtls_alert_create(DTLS_ALERT_LEVEL_FATAL, (desc))

/* Why a call failed or an association ended. The table of errors at the end of this file
 * gives the alert sent for each. */
typedef enum {
    DTLS_ERR_NONE = 0,
    /* Failures on our side. */
    DTLS_ERR_ARGUMENT,       /* an argument is NULL or out of its range */
    DTLS_ERR_STATE,          /* no such association, or it is in another state */
    DTLS_ERR_TOO_LONG,       /* more than dtls_max_payload(), or than one record or hello holds */
    DTLS_ERR_MEMORY,         /* config.allocate returned NULL */
    DTLS_ERR_CRYPTO,         /* libcrypto or config.random failed */
    DTLS_ERR_WRITE,          /* the write callback failed */
    DTLS_ERR_PEER_LIMIT,     /* config.max_peers reached, or all short connection IDs in use */
    DTLS_ERR_NO_CREDENTIALS, /* client: get_psk_info gave no usable identity or key */
    /* Silence, and what the peer did. */
    DTLS_ERR_TIMEOUT,                   /* no end of the handshake, or no ACK: handshake_ms */
    DTLS_ERR_FINISHED_UNANSWERED,       /* the same, after our Finished: perhaps a wrong key */
    DTLS_ERR_IDLE,                      /* nothing authentic for config.idle_ms */
    DTLS_ERR_REPLACED,                  /* the peer completed a new handshake from its address */
    DTLS_ERR_ALERT,                     /* the peer sent a fatal alert: info.alert */
    DTLS_ERR_WRONG_PSK,                 /* the keys of the two sides differ */
    DTLS_ERR_UNKNOWN_IDENTITY,          /* server: get_psk_info has no key for the identity */
    DTLS_ERR_DECODE,                    /* a handshake message that cannot be parsed */
    DTLS_ERR_ILLEGAL_PARAMETER,         /* it can be parsed, and a value is not allowed */
    DTLS_ERR_UNEXPECTED_MESSAGE,        /* a message that is not allowed at this point */
    DTLS_ERR_RECORD_OVERFLOW,           /* a record with more than 2^14 bytes of content */
    DTLS_ERR_BAD_FINISHED,              /* verify_data differs */
    DTLS_ERR_VERSION,                   /* no version in common */
    DTLS_ERR_FALLBACK,                  /* a client of 1.3 fell back to 1.2: RFC 7507 */
    DTLS_ERR_NO_CIPHER_SUITE,           /* no cipher suite in common */
    DTLS_ERR_UNSUPPORTED_EXTENSION,     /* the server answered an extension we did not send */
    DTLS_ERR_RENEGOTIATION_INFO,        /* not empty, or required and missing: RFC 5746 */
    DTLS_ERR_MISSING_EXTENSION,         /* RFC 8446 section 9.2 */
    DTLS_ERR_NO_PSK,                    /* the peer offers no PSK, or wants certificates */
    DTLS_ERR_NO_KEY_EXCHANGE,           /* no PSK mode or no group in common */
    DTLS_ERR_INSUFFICIENT_SECURITY,     /* 1.2: an unsafe Diffie-Hellman prime */
    DTLS_ERR_NO_ENCRYPT_THEN_MAC,       /* 1.2: the server chose CBC without it: RFC 7366 */
    DTLS_ERR_NO_EXTENDED_MASTER_SECRET, /* required, and the peer did not negotiate it */
    DTLS_ERR_KEY_LIMIT,                 /* record numbers or the AEAD's limit used up */
    DTLS_ERR_COUNT                      /* how many there are; no error itself */
} dtls_error_t;

/* ==== 3. Context and configuration ======================================================== */

/* When a server demands a cookie of a new client, by HelloVerifyRequest (RFC 6347 section 4.2.1)
 * or HelloRetryRequest (RFC 9147 section 5.1). It proves that the client receives at its address;
 * until then there is no association and no event. */
typedef enum {
    DTLS_COOKIE_ON,  /* always */
    DTLS_COOKIE_OFF, /* never: saves a round trip where addresses cannot be spoofed */
    /* Only in these cases: at least an eighth of max_half_open handshakes are in progress; the
     * client's address has an association already; our first flight would be more than three
     * times as long as the ClientHello; 1.2: a session may be resumed. For a client without a
     * cookie our first flight is retransmitted only when its ClientHello is, because its address
     * may be spoofed. */
    DTLS_COOKIE_AUTO
} dtls_cookie_t;

/* extended_master_secret, RFC 7627. Only DTLS 1.2 has it; 1.3 always does what it is for. */
typedef enum {
    DTLS_EMS_PREFER, /* offered and accepted; info.ems tells whether it is in use */
    DTLS_EMS_OFF,    /* neither offered nor accepted */
    DTLS_EMS_REQUIRE /* the handshake fails without: DTLS_ERR_NO_EXTENDED_MASTER_SECRET */
} dtls_ems_t;

/* Whether a Diffie-Hellman exchange is added to the PSK. With it, recorded data stays secret when
 * the PSK leaks later. In DTLS 1.3 these are the modes of RFC 8446 section 4.2.9; in 1.2 the
 * cipher suite decides, and suites that do not fit are left out. */
typedef enum {
    DTLS_KE_DEFAULT,  /* 1.3: client psk_dhe_ke; server prefers it, accepts psk_ke. 1.2: any suite;
                       * in the default list those with ECDHE come first */
    DTLS_KE_DHE_ONLY, /* 1.3: psk_dhe_ke. 1.2: suites with (EC)DHE */
    DTLS_KE_PSK_ONLY, /* 1.3: psk_ke. 1.2: suites without (EC)DHE */
    DTLS_KE_DHE13     /* 1.3: psk_dhe_ke, a server refuses psk_ke. 1.2: any suite */
} dtls_ke_t;

/* The severity of a line of the log. */
typedef enum {
    DTLS_LOG_EMERG,
    DTLS_LOG_ALERT,
    DTLS_LOG_CRIT,
    DTLS_LOG_WARN,
    DTLS_LOG_NOTICE,
    DTLS_LOG_INFO,
    DTLS_LOG_DEBUG
} dtls_log_t;

/* Section 10. */
typedef struct dtls_trace_t dtls_trace_t;

/* Call dtls_config_init() first, then change single fields. Arrays are copied by
 * dtls_new_context_config(). */
typedef struct {
    /* ---- hooks: none may be NULL unless stated ---- */

    /* The first argument of each hook; the library does not look at it. Default NULL. */
    void *hook;
    /* Returns the time in ms. It must never go back and never be 0. Default CLOCK_MONOTONIC, the
     * clock of dtls_ticks(). */
    dtls_tick_t (*clock)(void *hook);
    /* Fills out with length bytes from a cryptographically secure generator. Returns 0; negative
     * makes the call in progress fail with DTLS_ERR_CRYPTO. Default libcrypto's. */
    int (*random)(void *hook, uint8_t *out, size_t length);
    /* Returns memory as malloc() does, or NULL. Default malloc(). libcrypto has its own
     * memory. */
    void *(*allocate)(void *hook, size_t size);
    /* Frees it. The library has wiped it; memory is never NULL. Default free(). */
    void (*release)(void *hook, void *memory);
    /* A line of the log without a newline: why an association failed, at DTLS_LOG_NOTICE; which
     * clients cannot be served, at DTLS_LOG_WARN. Keys never appear. Default: to the handler of
     * dtls_set_log_handler(), else stderr, at WARN and above. */
    void (*log)(void *hook, dtls_log_t level, const char *message);
    /* Each datagram, record and message, and each discard: section 10. Default NULL: no trace. */
    void (*trace)(void *hook, const dtls_trace_t *trace);
    /* The fields of one line of an SSLKEYLOGFILE (RFC 9850): label, 32 bytes of client random,
     * the secret. It is for debugging: the lines decrypt everything. Default NULL: none. */
    void (*keylog)(void *hook, const char *label, const uint8_t *client_random,
                   const uint8_t *secret, size_t secret_length);
    /* Server: a ClientHello was refused with an alert before any state existed, so there is no
     * event. The address may be spoofed. Default NULL: not reported. */
    void (*refused)(void *hook, const session_t *session, dtls_error_t error);

    /* ---- what is negotiated ---- */

    /* Answer ClientHellos, as a server does. A context that does not accept saves 78 kB. A
     * context may be client and server at once; it refuses its own ClientHello if that is
     * reflected. A key should still have one client and one server: with a key that more hosts
     * share, an attacker can connect two of them that did not mean each other (RFC 9257). Default
     * true. */
    bool accept;
    /* Default DTLS_COOKIE_ON. */
    dtls_cookie_t cookie;
    /* Default DTLS_EMS_PREFER. */
    dtls_ems_t ems;
    /* 0xfefd: DTLS 1.2, 0xfefc: DTLS 1.3, 0: both, and 1.3 is preferred. Default 0. */
    uint16_t only_version;
    /* IANA numbers of cipher suites, best first; 0..32. A version without a suite in the list is
     * not offered. Default NULL and 0: those of dtls_suite_at() except 0x1305, those with DHE or
     * CBC, and in 1.3 those whose hash is not that of the keys (psk_sha384). */
    const uint16_t *suites;
    size_t suite_count;
    /* Default DTLS_KE_DEFAULT. */
    dtls_ke_t key_exchange;
    /* IANA numbers of groups for (EC)DHE, best first; 0..4. A server takes the first of the
     * client's list that it has. In 1.2 a suite with ECDHE needs a curve in the list, and a suite
     * with DHE a finite field; without, it is left out. Default NULL and 0: x25519, secp256r1,
     * and with DHE suites ffdhe2048, ffdhe3072. A 1.2 client also accepts a safe prime of 2048 to
     * 4096 bits that is in no list. */
    const uint16_t *groups;
    size_t group_count;
    /* 1.3: the keys are for SHA-384 instead of SHA-256: RFC 8446 section 4.2.11. Both sides must
     * agree. Default false. */
    bool psk_sha384;

    /* ---- sessions that can be resumed: section 8 ---- */

    /* Server: send each client a ticket; in 1.2 if it asks for one and has extended master
     * secret. A ticket can be redeemed once, within two hours; in 1.2 what it resumes has the
     * secret of the first handshake, so its two hours count from that one. Only a completed
     * handshake consumes a ticket. Clients with an identity above 256 bytes get none. Default
     * false. */
    bool tickets;
    /* 1.2 server: cache this number of sessions, 0..65536, for clients without ticket support,
     * which resume by session ID (RFC 5246 section 7.3). The cache, 0.5 kB per session, is
     * allocated when the first session is stored; when it is full, the oldest is replaced. A
     * session is valid for two hours. Unlike a ticket it can be resumed again, until an
     * association resumed by it ends with a fatal alert. Default 0: none. */
    size_t sessions;
    /* 1.3: bytes of early data that a server accepts, once for each ticket, and that a client may
     * send with one. Default 0: none. */
    uint32_t early_data;
    /* Client: there is a session to resume. 1.3: a ticket came, any time after CONNECTED. 1.2:
     * just before CONNECTED, with a ticket or a session ID of the server, which after a
     * resumption may be the same as before. Copy state for dtls_resume(), to be used once and
     * within lifetime_s seconds; it replaces what came before. It holds a key: store it like one,
     * and delete it if the association ends with a fatal alert (RFC 5246 section 7.2.2). Default
     * NULL: no session is asked for. */
    void (*ticket)(void *hook, const session_t *session, const uint8_t *state, size_t length,
                   uint32_t lifetime_s);
    /* 1.2 client: the session ID to send where no session is resumed, 0..32 bytes: some VPN
     * servers tell clients apart by it. Default NULL and 0: empty. */
    const uint8_t *session_id;
    size_t session_id_length;

    /* 1.3: the application's keys are imported (RFC 9258) instead of used directly. Both sides
     * must do so, with the same context of 0..255 bytes. Default false, NULL and 0. */
    bool import_psk;
    const uint8_t *import_context;
    size_t import_context_length;

    /* ---- connection IDs: section 9 ---- */

    /* Offer and accept connection IDs (RFC 9146, RFC 9147 section 9) and the return routability
     * check (RFC 9853). Default false. */
    bool use_cid;
    /* Bytes of the connection IDs in the records that peers send to us, 0..20. 0: the records of
     * peers have no ID; ours have the ID that the peer asked for. A server whose clients change
     * their addresses needs more than 0, for example 8. Default 0. */
    size_t cid_length;
    /* The first of ours, cid_length bytes. Default NULL: random, as all others are. */
    const uint8_t *cid;
    /* If the newest record of a peer comes from another address, that address is validated: by a
     * return routability check, else by a heartbeat, else (1.3) by a message to acknowledge.
     * A peer of 1.2 that supports neither cannot be checked. false: DTLS_EVENT_UNVERIFIED, and we
     * keep sending to the old address. true: we send to the new one, which RFC 9146 section 6
     * forbids: an attacker can forward records to direct our datagrams to another host. Default
     * false. */
    bool cid_move_newest;

    /* Offer and answer heartbeats (RFC 6520). Default false. */
    bool heartbeat;

    /* ---- sizes ---- */

    /* The largest content of a protected record that we accept, sent to the peer as
     * record_size_limit (RFC 8449); in 1.3 the limit includes one byte for the content type.
     * 64..16384. A larger record is discarded (1.2) or ends the association (1.3). 0: no limit
     * below 2^14, and a client sends no extension. The peer's limit is always respected, and so
     * is a client's max_fragment_length (RFC 6066). Default 0. */
    uint16_t record_size_limit;
    /* 1.3: the number of records after which our keys are updated. Default 0: half of what the
     * AEAD allows. */
    uint64_t rekey_after;
    /* The largest UDP payload to send, 256..65507. It is exceeded only if the peer's connection
     * IDs are longer than 128 bytes. If a flight gets through only in shorter datagrams, the MTU
     * for that peer is lowered to 508 or 256. Default 1232. */
    size_t mtu;

    /* ---- times, in ms ---- */

    /* The first retransmission timer, timer_min_ms..timer_max_ms. Default 400. */
    uint32_t timer_ms;
    /* The timer becomes twice the measured round trip, but not less than this; 1..timer_ms. (It
     * also never becomes more than 2000 by a measurement, unless timer_ms is more.) Default
     * 100. */
    uint32_t timer_min_ms;
    /* The timer doubles with each retransmission up to this. Default 60000. */
    uint32_t timer_max_ms;
    /* The time limit of a handshake, 1 or more. 1.3: after the handshake, a ticket without an ACK
     * is given up after this time; a KeyUpdate or connection ID message without one ends the
     * association if the peer has also been silent for this time. Default 60000. */
    uint32_t handshake_ms;
    /* A failure that an attacker can forge, such as a plaintext alert, ends a handshake only if
     * the handshake makes no progress for this time, and for at least three round trips (two
     * first timers while none is measured). 0: it ends the handshake at once. Default 100. */
    uint32_t alert_grace_ms;
    /* The peer's close_notify closes its direction alone: DTLS_EVENT_HALF_CLOSED, after which we
     * can send until dtls_close() (RFC 8446 section 6.1). In 1.2, where RFC 5246 section 7.2.1
     * demands an immediate close, only if the peer answers heartbeats, so that we can tell
     * whether it still waits. false: close_notify is answered at once and ends the association.
     * Default false. */
    bool half_close;
    /* After dtls_close(): if the peer supports heartbeats and has sent no close_notify, the
     * association ends when nothing has come from it for this long. Default 30000. */
    uint32_t closing_ms;
    /* Ends an association when no authenticated record has come from the peer for this long:
     * DTLS_EVENT_TIMEOUT, DTLS_ERR_IDLE. Default 0: never. */
    uint32_t idle_ms;
    /* The life of a cookie secret, 1 or more; the previous one is still accepted. Default
     * 60000. */
    uint32_t cookie_ms;

    /* ---- limits ---- */

    /* Connected peers, 1 or more. When one more client authenticates, another is closed:
     * DTLS_EVENT_FAILED, DTLS_ERR_PEER_LIMIT. It is the longest silent one of the identity that
     * has most clients connected. dtls_connect() fails instead. Default 1024. */
    size_t max_peers;
    /* Handshakes as server in progress, 1 or more, on top of max_peers. When one more
     * begins, the oldest ends with DTLS_ERR_PEER_LIMIT. Default 256. */
    size_t max_half_open;
} dtls_config_t;

/* Fills in the defaults. Call it even if all fields are then set: fields may be added. */
void dtls_config_init(dtls_config_t *config);

/* Creates a context with the default configuration. app is what dtls_get_app_data() returns, and
 * may be NULL. Returns NULL if memory, randomness or libcrypto fails. */
dtls_context_t *dtls_new_context(void *app);

/* The same with a configuration, which is copied: *config may be reused. Returns NULL also if
 *   - a hook that must not be NULL is,
 *   - a number is out of the range stated at its field, or a length is not 0 with a NULL array,
 *   - suites or groups has a number that dtls_suite_name() or dtls_group_name() does not know,
 *   - only_version, key_exchange and groups leave no cipher suite.
 * So check user input by these rules first, to be able to tell which it was. */
dtls_context_t *dtls_new_context_config(void *app, const dtls_config_t *config);

/* Returns and sets the application's pointer of a context. */
void *dtls_get_app_data(dtls_context_t *ctx);
void dtls_set_app_data(dtls_context_t *ctx, void *app);

/* Does nothing. Programs for tinydtls call it first. */
void dtls_init(void);

/* Keeps libcrypto in this process from reading openssl.cnf, which saves a fifth of the start-up
 * time. Call it before anything else that uses libcrypto, and only in a program that does not
 * need that file: a system may choose FIPS mode or a provider there. */
void dtls_skip_configuration(void);

/* ==== 4. Callbacks and events ============================================================= */

/* The level of an event below is 0, its code is one of these; the table at the end has more. The
 * event callback is also passed the alerts that the peer sends: level 1 or 2, and the alert as
 * code. Every association that began with CONNECT ends with exactly one of CLOSED, FAILED and
 * TIMEOUT, unless dtls_abort(), dtls_reset_peer() or dtls_free_context() ends it, without an
 * event. Inside this end event dtls_get_info() tells why; after it the peer is gone. */
#define DTLS_EVENT_CONNECT 0x01DC      /* a handshake has started; no data can be sent yet */
#define DTLS_EVENT_CONNECTED 0x01DE    /* the handshake is complete: data can be sent */
#define DTLS_EVENT_RENEGOTIATE 0x01DF  /* 1.2: the peer asked to renegotiate and was refused */
#define DTLS_EVENT_CLOSED 0x01E0       /* end: closed by either side */
#define DTLS_EVENT_FAILED 0x01E1       /* end: info.error tells why */
#define DTLS_EVENT_TIMEOUT 0x01E2      /* end: silence; info.error tells which limit */
#define DTLS_EVENT_MOVED 0x01E3        /* the peer's address becomes info.address */
#define DTLS_EVENT_HEARTBEAT 0x01E4    /* dtls_heartbeat() was answered */
#define DTLS_EVENT_MTU 0x01E5          /* dtls_probe_mtu() is over: info.mtu has the result */
#define DTLS_EVENT_KEYS_UPDATED 0x01E6 /* 1.3: the peer acknowledged our KeyUpdate */
#define DTLS_EVENT_HALF_CLOSED 0x01E7  /* config.half_close: the peer sends no more data */
#define DTLS_EVENT_UNVERIFIED 0x01E9   /* the peer may be at info.address: cid_move_newest */

/* What get_psk_info has to provide. */
typedef enum {
    DTLS_PSK_HINT,     /* 1.2 server: the identity hint to send; desc is empty */
    DTLS_PSK_IDENTITY, /* client: our identity; desc is the server's hint, empty if none */
    DTLS_PSK_KEY       /* client and server: the key of the identity in desc */
} dtls_credentials_type_t;

/* What is demanded of one peer. The library fills it in from the configuration before
 * get_user_parameters sees it. */
#define DTLS_MAX_CIPHER_SUITES 32
typedef struct dtls_user_parameters_t {
    unsigned force_extended_master_secret : 1; /* 1.2: fail without it, as DTLS_EMS_REQUIRE */
    unsigned force_renegotiation_info : 1;     /* 1.2: fail with a peer without RFC 5746 */
    /* IANA numbers, best first, up to a 0. Suites that are not in the configuration are left out.
     * If none is left, no handshake with that peer starts. */
    uint16_t cipher_suites[DTLS_MAX_CIPHER_SUITES + 1];
} dtls_user_parameters_t;

/* The callbacks. write and get_psk_info are mandatory: without write nothing is sent, without
 * get_psk_info every handshake fails. Without read received data is lost, without event the
 * application learns of no beginning and no end. A callback that is NULL is not called. */
typedef struct {
    /* Sends one datagram to the peer, as sendto() does. Returns a negative value if it could not
     * be sent, else len. A failure is counted (stats.write_failed) and ends nothing: messages of
     * a handshake are retransmitted by the timer; dtls_write() returns -DTLS_ERR_WRITE. So on
     * EAGAIN return -1, and do not wait: see dtls_write(). A datagram passed to
     * dtls_handle_message() from inside this callback is copied, and processed before the
     * outermost call returns. */
    int (*write)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);

    /* Receives the data of one record, authenticated and in the order of arrival; len may be 0. A
     * record is a message: DTLS neither joins nor splits what the peer wrote, and does not repeat
     * what was lost. data may be changed. All data comes after DTLS_EVENT_CONNECTED, except early
     * data of a client (1.3), to which dtls_write() cannot reply before CONNECTED. The result is
     * ignored. */
    int (*read)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);

    /* Receives an event (level 0) or an alert of the peer (level 1 or 2, code is the alert): see
     * DTLS_EVENT_CONNECT. The result is ignored. */
    int (*event)(struct dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                 unsigned short code);

    /* Changes *parameters for one peer. It is called when dtls_connect() starts, and for each
     * ClientHello, also from addresses that may be spoofed; while a handshake is in progress it
     * must give the same for the same address. NULL: all peers are treated alike. */
    void (*get_user_parameters)(struct dtls_context_t *ctx, session_t *session,
                                dtls_user_parameters_t *parameters);

    /* Copies the hint, identity or key to result and returns its length. Identity and hint are
     * bytes without a final 0, and may contain any value. result has room for result_length
     * bytes: DTLS_MAX_PSK for a key, DTLS_MAX_IDENTITY for the others.
     *   HINT      returns 0 or a negative value to send none.
     *   IDENTITY  returns 0 for an empty identity, which only 1.2 can use; a negative value makes
     *             the handshake fail with DTLS_ERR_NO_CREDENTIALS.
     *   KEY       returns 0 or a negative value if there is no key: the client fails with
     *             DTLS_ERR_NO_CREDENTIALS, the server with DTLS_ERR_UNKNOWN_IDENTITY.
     * A key should be 16 random bytes or more (RFC 9257 section 6): a password can be guessed
     * from one recorded handshake, or with (EC)DHE by one active attack.
     * By convention the negative value is dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
     * which alert it names does not matter. A server sends a client with an unknown identity what
     * it sends for a wrong key, so that attackers cannot find out which identities exist (RFC
     * 4279 section 2). A client of 1.3, or of both versions, is asked for identity and key inside
     * dtls_connect(), without a hint; if the server then turns out to speak 1.2, it is asked for
     * the key again, and for the identity if the server sends a hint. A server is asked for the
     * key of every client, also if it resumes a session. */
    union {
        int (*get_psk_info)(struct dtls_context_t *ctx, const session_t *session,
                            dtls_credentials_type_t type, const unsigned char *desc,
                            size_t desc_len, unsigned char *result, size_t result_length);
        /* The same under its older name. */
        int (*get_psk_key)(struct dtls_context_t *ctx, const session_t *session,
                           dtls_credentials_type_t type, const unsigned char *desc, size_t desc_len,
                           unsigned char *result, size_t result_length);
    };
} dtls_handler_t;

/* Sets the callbacks, which are copied. NULL: none. May be called again at any time. */
void dtls_set_handler(dtls_context_t *ctx, const dtls_handler_t *handler);

/* ==== 5. Connecting and accepting ========================================================= */

/* Starts a handshake as client with the server at *session, which is copied; fires
 * DTLS_EVENT_CONNECT and sends a ClientHello before it returns. DTLS_EVENT_CONNECTED follows when
 * data can be sent, or one of the end events.
 * Returns > 0: started. 0: an association with that peer exists, in a handshake or connected.
 * < 0: -DTLS_ERR_ARGUMENT, also for a family other than AF_INET and AF_INET6; -DTLS_ERR_STATE
 * inside the end event of that peer (connect again when the callback has returned);
 * -DTLS_ERR_PEER_LIMIT; -DTLS_ERR_NO_CIPHER_SUITE; -DTLS_ERR_NO_CREDENTIALS; -DTLS_ERR_TOO_LONG
 * for an identity that does not fit a ClientHello of 1.3; -DTLS_ERR_MEMORY; -DTLS_ERR_CRYPTO. If
 * CONNECT was fired before the error, so was DTLS_EVENT_FAILED. That the ClientHello could not be
 * sent is no error: the timer sends it again.
 *
 * A server has no call for this. A context whose config.accept is true creates an association
 * when a client that has passed config.cookie sends a ClientHello, and fires DTLS_EVENT_CONNECT.
 * A client that starts a new handshake from the address of an association (after a reboot, for
 * example) replaces it, when it has proved that it has the key: DTLS_EVENT_FAILED with
 * DTLS_ERR_REPLACED, then CONNECT and CONNECTED (RFC 6347 section 4.2.8). */
int dtls_connect(dtls_context_t *ctx, const session_t *session);

/* Client: gives the handshake in progress limits of its own, in ms from now and 1 or more,
 * instead of config.handshake_ms: it ends with DTLS_EVENT_TIMEOUT when nothing at all has come
 * from the peer within silent_ms, or when it is not complete within ms. Call it after
 * dtls_connect().
 * Returns 0, -DTLS_ERR_ARGUMENT, or -DTLS_ERR_STATE if no client handshake is in progress. */
int dtls_set_limits(dtls_context_t *ctx, const session_t *session, uint32_t silent_ms, uint32_t ms);

/* ==== 6. Sending and receiving ============================================================ */

/* Processes one datagram received from *session: message is the whole UDP payload of length bytes
 * and is decrypted in place. Callbacks run before it returns. Call it for every datagram, also
 * from unknown addresses: what belongs to no peer and starts no handshake is counted and
 * discarded. An error of recvfrom() such as ECONNREFUSED can be ignored: an attacker can cause
 * it, and the timers notice a peer that is gone.
 * Returns 0, also for a datagram that is discarded and for an orderly close, or, if the
 * association with that address has failed, dtls_alert_fatal_create(alert) with the alert that
 * was sent or received. An application may ignore the result: the end event says the same and
 * more. Inside the write callback the datagram is copied and processed later, at most 64 of them;
 * further ones are lost, as datagrams may be. */
int dtls_handle_message(dtls_context_t *ctx, session_t *session, uint8 *message, int length);

/* Sends length bytes of data, 0 or more, as one record in one datagram. data is not changed.
 * Returns length: the write callback has taken the datagram, which may still get lost. So 0 is a
 * success if length is 0. Otherwise 0 means that nothing was sent, because a handshake is in
 * progress; without an association one is started, as by dtls_connect(). Wait for CONNECTED then.
 * < 0, nothing was sent either: -DTLS_ERR_TOO_LONG for more than dtls_max_payload();
 * -DTLS_ERR_WRITE if the write callback failed, on EAGAIN for example; -DTLS_ERR_STATE after
 * dtls_close(); -DTLS_ERR_KEY_LIMIT, -DTLS_ERR_MEMORY, -DTLS_ERR_CRYPTO; those of dtls_connect().
 * Only KEY_LIMIT ends the association, with an event.
 *
 * The library queues no data and does not pace it. After -DTLS_ERR_WRITE wait until the socket is
 * writable (POLLOUT) and write the same data again. A sender that is faster than the path or the
 * peer loses datagrams; an application that sends much needs a window of its own, for which
 * dtls_heartbeat() can tell what the peer has received. */
int dtls_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);

/* The same for count buffers, sent as one record. data[i] has length[i] bytes and may be NULL if
 * that is 0. Returns the sum of the lengths. */
int dtls_writev(dtls_context_t *ctx, session_t *session, uint8 *const data[], const size_t length[],
                size_t count);

/* Returns the largest length that dtls_write() accepts now: it depends on the MTU, the cipher
 * suite, the connection ID and the peer's limits; at most 16384. During a handshake it is what
 * dtls_write_early() accepts. 0: not connected. */
size_t dtls_max_payload(dtls_context_t *ctx, const session_t *session);

/* Sets the largest UDP payload to send to one peer, 256..65507, in any state of its association.
 * Returns 0, -DTLS_ERR_ARGUMENT or -DTLS_ERR_STATE. */
int dtls_set_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);

/* ==== 7. Timers =========================================================================== */

/* Returns the ms until dtls_check_retransmit() has something to do, as poll() takes it. 0: now;
 * -1: nothing is planned, so that an idle association may wait for ever. Every other call may
 * change it: ask before each wait. An application with timers of its own waits for the shorter
 * one. */
int dtls_next_timeout(dtls_context_t *ctx);

/* Runs the timers that are due: retransmissions, time limits, delayed ACKs, expired keys. To call
 * it too often does no harm. If next is not NULL, *next becomes the instant of config.clock at
 * which to call it again, 0 if there is none. Timers that are due also run at the end of the
 * other calls that may send, so that a program that never calls this one works while there is
 * traffic. */
void dtls_check_retransmit(dtls_context_t *ctx, dtls_tick_t *next);

/* Sets *now to the time of the default clock, for comparison with *next. */
void dtls_ticks(dtls_tick_t *now);

/* Changes config.timer_ms, 1..config.timer_max_ms, when the round trip becomes known from
 * elsewhere. Timers that run change in proportion, and timer_min_ms becomes at most timer_ms.
 * Returns 0 or -DTLS_ERR_ARGUMENT. */
int dtls_set_timer(dtls_context_t *ctx, uint32_t timer_ms);

/* ==== 8. Keys and sessions ================================================================ */

/* Starts a handshake as client, as dtls_connect(), that resumes an earlier session with the same
 * server. state is what config.ticket was passed, age_ms the time since then. A resumed handshake
 * needs no more round trips than another, and in 1.2 fewer computations; 1.3 can send early data.
 * A state that is damaged, too old, or of no use to the server or with this configuration costs
 * nothing: a full handshake takes place, and info.resumed is false. state NULL and length 0:
 * none. A client of both versions offers both; a server of 1.3 accepts no state from 1.2.
 * Returns what dtls_connect() returns. Source: RFC 8446 section 2.2, RFC 5077. */
int dtls_resume(dtls_context_t *ctx, const session_t *session, const uint8_t *state, size_t length,
                uint64_t age_ms);

/* 1.3 client, after dtls_resume() and before CONNECTED: sends one record of early data, with
 * which no round trip passes before the server has it (RFC 8446 section 2.3). It has less
 * protection: an attacker can record it and replay it to a server that does not prevent that
 * (ours does), and it has no forward secrecy. config.early_data and the ticket limit the bytes.
 * Returns length; 0 if early data is not possible or its limit is reached; -DTLS_ERR_TOO_LONG,
 * -DTLS_ERR_WRITE as dtls_write(); -DTLS_ERR_STATE. When CONNECTED, info.early_data tells whether
 * the server accepted it; if not, it is lost, and the application sends it again by
 * dtls_write(). */
int dtls_write_early(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);

/* 1.3: changes the keys for what we send, and asks the peer to do the same if request is true
 * (RFC 9147 section 8). It happens by itself after config.rekey_after records. The new keys are
 * in use when the peer has acknowledged them: DTLS_EVENT_KEYS_UPDATED. Data can be sent
 * meanwhile.
 * Returns 0; 1 if it has to wait for a KeyUpdate, ticket or connection ID message in progress;
 * -DTLS_ERR_STATE in 1.2 or if not connected; -DTLS_ERR_KEY_LIMIT after 65535 updates: data can
 * then be sent until the last keys are used up, which ends the association with the same error.
 * Any other error has ended the association. */
int dtls_update_keys(dtls_context_t *ctx, const session_t *session, bool request);

/* Fills out with length bytes, 0..4096, of keying material that both sides can compute, for use
 * outside of this association. label is a string of at most 248 bytes that names the purpose;
 * context has context_length bytes, 0..1024, and may be NULL for none, which differs from an
 * empty one in 1.2. Source: RFC 5705, RFC 8446 section 7.5.
 * Returns 0; -DTLS_ERR_ARGUMENT for a length out of range or a label of the handshake itself;
 * -DTLS_ERR_STATE if not connected, or in 1.2 without extended master secret (RFC 7627 section
 * 5.4); -DTLS_ERR_CRYPTO. */
int dtls_export(dtls_context_t *ctx, const session_t *session, const char *label,
                const uint8_t *context, size_t context_length, uint8_t *out, size_t length);

/* ==== 9. Connection IDs and paths ========================================================= */

/* With connection IDs an association survives a change of the peer's address. Both sides set
 * config.use_cid; the side whose peer may move also sets cid_length, above 0. When a record comes
 * from another address, the library verifies that the peer is there. Until then it sends to the
 * old address, so replies may be lost, and the application repeats what was not answered. Then
 * DTLS_EVENT_MOVED is fired: *session is the old name and info.address the new one, which is the
 * peer's name from the moment the callback has returned. The side that moves need not do
 * anything: its write callback may send from another socket at any time. */

/* 1.3: gives the peer a new connection ID, which it uses at once (RFC 9147 section 9). If there
 * is no memory for one, or short IDs are all in use, the old one stays in use, and the result is
 * 0.
 * Returns 0; -DTLS_ERR_STATE in 1.2, if not connected, or if the peer has no connection ID of
 * ours; -DTLS_ERR_KEY_LIMIT if message numbers are used up. Any other error has ended the
 * association. */
int dtls_new_cid(dtls_context_t *ctx, const session_t *session);

/* 1.3: asks the peer for count spare connection IDs, 1..255. It may give fewer; we keep at most
 * two. One is used when the peer moves, so that observers cannot link the two paths.
 * Returns as dtls_new_cid(); -DTLS_ERR_STATE if the peer has given us no connection ID. */
int dtls_request_cids(dtls_context_t *ctx, const session_t *session, unsigned count);

/* Sends a HeartbeatRequest with length bytes of payload, 0..1024 (RFC 6520), and repeats it until
 * DTLS_EVENT_HEARTBEAT: the peer has received it, and has processed what arrived before it. There
 * is no time limit, since the peer may hold its response: see info.silent_ms. One at a time.
 * Returns 0; -DTLS_ERR_STATE if not connected, if the peer does not answer heartbeats
 * (info.heartbeat), or if one is in progress; -DTLS_ERR_TOO_LONG for the peer's
 * record_size_limit; -DTLS_ERR_MEMORY, -DTLS_ERR_CRYPTO. */
int dtls_heartbeat(dtls_context_t *ctx, const session_t *session, const uint8_t *payload,
                   size_t length);

/* Tests whether the path carries a datagram of mtu bytes, 256..65507, by a HeartbeatRequest
 * padded to that size, sent up to three times. DTLS_EVENT_MTU tells the end: if it was answered,
 * info.mtu is mtu from then on, else the MTU stays as it is. Data can be sent meanwhile, another
 * heartbeat cannot. The socket must not fragment: set IP_MTU_DISCOVER to IP_PMTUDISC_PROBE.
 * Returns as dtls_heartbeat(). */
int dtls_probe_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);

/* hold true: HeartbeatRequests of the peer get no response until a call with false, which answers
 * the latest. Padded requests, which ask about the path, are always answered at once. A receiver
 * that responds only after it has processed what came before slows the sender down to its own
 * pace.
 * Returns 0 or -DTLS_ERR_STATE; another error if the response could not be sent. */
int dtls_hold_heartbeats(dtls_context_t *ctx, const session_t *session, bool hold);

/* ==== 10. Information, statistics, trace ================================================== */

/* Returns the peer at that address, NULL if there is none. The pointer is valid until the peer's
 * end event has returned, or until dtls_abort() or dtls_reset_peer(). It stays valid when the
 * peer moves, and when a new association replaces the old one (DTLS_ERR_REPLACED). */
dtls_peer_t *dtls_get_peer(const dtls_context_t *ctx, const session_t *session);

/* Sets and returns a pointer of the application, NULL at first. The library does not look at it:
 * free what it points to in the end event. With DTLS_ERR_REPLACED the new association has the
 * same peer and pointer: set it to NULL if you free it then. */
void dtls_set_peer_data(dtls_peer_t *peer, void *data);
void *dtls_get_peer_data(const dtls_peer_t *peer);

/* What became of early data. */
typedef enum {
    DTLS_EARLY_NONE,     /* none was offered */
    DTLS_EARLY_OFFERED,  /* client: offered, and the server has not answered yet */
    DTLS_EARLY_ACCEPTED, /* the server has received or will receive it */
    DTLS_EARLY_REJECTED  /* what was sent of it is lost */
} dtls_early_t;

/* Client: what the server has received that tells it whether our keys differ, so that its next
 * alert may be about that. */
typedef enum {
    DTLS_PROOF_NONE,    /* nothing */
    DTLS_PROOF_OFFERED, /* 1.3: a binder; the alert may also be about suites or groups */
    DTLS_PROOF_ASKED    /* our Finished, or 1.3: a binder after a HelloRetryRequest */
} dtls_proof_t;

/* All that is known of one association. */
typedef struct {
    /* We are the client. */
    bool client;
    /* The handshake is complete. Also true after dtls_close(). */
    bool connected;
    /* 1.2: extended master secret is in use. */
    bool ems;
    /* The client's address was verified by a cookie. */
    bool cookie;
    /* The keys are those of an earlier session, by a ticket or in 1.2 by a session ID. */
    bool resumed;
    dtls_early_t early_data;
    /* The peer answers heartbeats. */
    bool heartbeat;
    /* A heartbeat message has come from the peer. */
    bool heartbeat_seen;
    /* The largest UDP payload that is sent to it. */
    size_t mtu;
    /* Where the peer is. Differs from its name only in DTLS_EVENT_MOVED and
     * DTLS_EVENT_UNVERIFIED. */
    session_t address;
    /* `alert` below was received, not sent. */
    bool alert_received;
    /* It came protected, so an attacker cannot have forged it. */
    bool alert_authenticated;
    /* Anything at all has come from the peer. */
    bool received_any;
    /* During a handshake, and in its end event. */
    dtls_proof_t proof;
    /* Records from the peer, and records to it, have a connection ID. */
    bool cid_in, cid_out;
    /* 0xfefd: DTLS 1.2, 0xfefc: DTLS 1.3, 0: not negotiated yet. */
    uint16_t version;
    /* The IANA number of the (EC)DHE group. 0: the PSK alone, or a prime that the server made. */
    uint16_t group;
    /* The IANA number of the cipher suite, and its name, "PSK-AES128-CCM8". 0 and NULL: not
     * negotiated yet. */
    uint16_t suite;
    const char *suite_name;
    /* The client's identity, not NUL-terminated; valid until the association ends. */
    const uint8_t *identity;
    size_t identity_length;
    /* 1.2 client: the server's hint, during the handshake only. */
    const uint8_t *hint;
    size_t hint_length;
    /* How long the handshake took, in ms; 0 until it is complete. */
    uint32_t handshake_ms;
    /* Connected: ms since anything authentic came from the peer, except repeated flights of the
     * handshake. */
    uint64_t silent_ms;
    /* Connected: ms since the last HeartbeatResponse or ACK, and the number of HeartbeatRequests
     * and messages that want an ACK that were sent since. */
    uint64_t unanswered_ms;
    unsigned unanswered;
    /* Why the association ended, in the end event. */
    dtls_error_t error;
    /* The fatal alert that was sent or received; see alert_received. */
    unsigned alert;
} dtls_info_t;

/* Fills in *info, also inside the end event of the peer. Returns 0 or -DTLS_ERR_STATE. */
int dtls_get_info(const dtls_context_t *ctx, const session_t *session, dtls_info_t *info);

/* Why a record, a datagram or a handshake fragment was discarded. That is no error: it changes a
 * counter and nothing else (RFC 6347 section 4.1.2.7, RFC 9147 section 4.5.2). */
typedef enum {
    DTLS_DROP_NOT_A_RECORD,    /* no record header, or an unknown content type */
    DTLS_DROP_TRUNCATED,       /* the record's length runs past the datagram */
    DTLS_DROP_VERSION,         /* a record version that is not of DTLS */
    DTLS_DROP_NO_PEER,         /* an unknown address, and no ClientHello that we accept */
    DTLS_DROP_BAD_HELLO,       /* a ClientHello that cannot be parsed */
    DTLS_DROP_CID,             /* the connection ID is unknown, or missing */
    DTLS_DROP_EPOCH,           /* no keys for that epoch, or no longer */
    DTLS_DROP_TOO_EARLY,       /* no keys yet, and no room to hold the record until they come */
    DTLS_DROP_REPLAYED,        /* record number received before, or 256 or more behind the newest */
    DTLS_DROP_BAD_MAC,         /* fails authentication: forged, damaged, or other keys */
    DTLS_DROP_LENGTH,          /* too short, too long, or empty where that is not allowed */
    DTLS_DROP_UNEXPECTED_TYPE, /* a content type that is not allowed at this point */
    DTLS_DROP_UNAUTHENTICATED, /* plaintext where only protected records count */
    DTLS_DROP_BAD_FRAGMENT,    /* a handshake fragment that contradicts itself or others */
    DTLS_DROP_OLD_MESSAGE,     /* a handshake message that was processed before */
    DTLS_DROP_FAR_MESSAGE,     /* a handshake message too far ahead, or no room to hold it */
    DTLS_DROP_LIMIT,           /* a limit of rate or number, of this configuration or the library */
    DTLS_DROP_AFTER_CLOSE,     /* data sent after the peer's close_notify */
    DTLS_DROP_COUNT            /* how many there are; no reason itself */
} dtls_drop_t;

/* Counts of one association, or of a context for datagrams of no peer. */
typedef struct {
    /* Application data, delivered to the read callback and sent. */
    uint64_t records_in, bytes_in;
    uint64_t records_out, bytes_out;
    /* Datagrams, and the bytes of their UDP payload. Out: those that the write callback has
     * sent. */
    uint64_t datagrams_in, datagrams_out, octets_in, octets_out;
    /* Of the record numbers up to the newest: those that have not come, and those that have.
     * Records of any kind count, in 1.2 after the one that completed the handshake, in 1.3 under
     * keys of application data. */
    uint64_t lost;
    uint64_t arrived;
    /* Those that arrived after a higher number. */
    uint64_t late;
    /* Authentic records above config.record_size_limit: discarded, not lost. */
    uint64_t too_long;
    /* The same as dropped[DTLS_DROP_REPLAYED]. */
    uint64_t replayed;
    /* Flights sent again because a timer ran out, and because the peer repeated its own. */
    uint64_t timeouts;
    uint64_t resent;
    /* Datagrams that the write callback could not send. */
    uint64_t write_failed;
    uint64_t dropped[DTLS_DROP_COUNT];
} dtls_stats_t;

/* Fills in *stats, for session NULL those of datagrams that belonged to no peer. The counts of a
 * peer begin with its association; read the last ones in the end event.
 * Returns 0 or -DTLS_ERR_STATE. */
int dtls_get_stats(const dtls_context_t *ctx, const session_t *session, dtls_stats_t *stats);

/* What the trace hook is passed. */
typedef enum {
    DTLS_TRACE_DATAGRAM,           /* data and length are the whole datagram */
    DTLS_TRACE_RECORD,             /* one record, after the datagram that it is in */
    DTLS_TRACE_MESSAGE,            /* a handshake message or fragment; data is its body */
    DTLS_TRACE_CHANGE_CIPHER_SPEC, /* 1.2 */
    DTLS_TRACE_ALERT,
    DTLS_TRACE_ACK, /* 1.3: data is record numbers, 8 bytes of epoch and 8 of sequence each */
    DTLS_TRACE_DROP /* something incoming was discarded: drop tells why */
} dtls_trace_kind_t;

/* Why an outgoing message is repeated. */
typedef enum {
    DTLS_REPEAT_NONE,    /* it is not */
    DTLS_REPEAT_TIMER,   /* a retransmission timer ran out */
    DTLS_REPEAT_PEER,    /* the peer repeated its flight */
    DTLS_REPEAT_SUSPECT, /* a failure that may be forged, such as a plaintext alert */
    DTLS_REPEAT_ACK      /* an ACK named only a part of the flight */
} dtls_repeat_t;

struct dtls_trace_t {
    dtls_trace_kind_t kind;
    bool outgoing;
    const session_t *session;
    /* NULL where nothing is shown. Keys are never shown. */
    const uint8_t *data;
    size_t length;
    /* The record header. */
    uint8_t content_type;
    uint64_t epoch, sequence;
    /* DTLS_TRACE_MESSAGE: the handshake header, RFC 9147 section 5.2. */
    uint8_t msg_type;
    uint16_t msg_seq;
    uint32_t msg_length, frag_offset, frag_length;
    /* Outgoing: 0 for the first transmission, n for the nth repeat, and why. */
    unsigned retransmit;
    /* Incoming: the message was processed before. */
    bool duplicate;
    dtls_repeat_t repeat;
    /* DTLS_REPEAT_TIMER: the timer that ran out, in ms. */
    uint32_t timer_ms;
    /* DTLS_TRACE_ALERT. */
    uint8_t alert_level, alert;
    /* DTLS_TRACE_DROP; of no meaning in other kinds. */
    dtls_drop_t drop;
};

/* ==== 11. Closing and freeing ============================================================= */

/* Closes an association: sends close_notify, and repeats it until the peer closes as well
 * (DTLS_EVENT_CLOSED, at once if the peer closed first). Keep calling dtls_handle_message() and
 * dtls_check_retransmit() until then; data that the peer sends before its close is still
 * delivered. close_notify is repeated, although alerts are not as a rule, because its record
 * number tells the peer whether data is missing. A peer that never closes is given up, also with
 * CLOSED: without heartbeats after three repeats in a row during which nothing came from it; with
 * heartbeats after five, and (in 1.3, or if something came from it since our first close_notify)
 * config.closing_ms of silence. In 1.2 the side that sent the last Finished (the server, or the
 * client of a resumed session) and has received nothing since stays for another 3.5 s, to repeat
 * its flight if the peer missed it (RFC 6347 section 4.2.4). During a handshake: sends
 * user_canceled and close_notify, and CLOSED is fired before it returns.
 * Returns 0, also if a close is in progress, or -DTLS_ERR_STATE. */
int dtls_close(dtls_context_t *ctx, const session_t *session);

/* Ends an association at once and without an event, because the application found something wrong
 * with the peer: sends alert, at level fatal. The session cannot be resumed any more.
 * Returns 0 or -DTLS_ERR_STATE. */
int dtls_abort(dtls_context_t *ctx, const session_t *session, dtls_alert_t alert);

/* Ends an association at once and without an event; if connected, sends close_notify once. */
void dtls_reset_peer(dtls_context_t *ctx, dtls_peer_t *peer);

/* Ends all associations as dtls_reset_peer() does, then wipes and frees all memory of the
 * context. The write callback is called, others are not. Not to be called from a callback. ctx
 * may be NULL. */
void dtls_free_context(dtls_context_t *ctx);

/* ==== 12. Tools =========================================================================== */

/* ---- cipher suites ------------------------------------------------------- */

/* The IANA number of the nth suite in default order, best first; 0 past the end. */
uint16_t dtls_suite_at(size_t n);
/* Its name, "PSK-AES128-CCM8"; NULL if unknown. */
const char *dtls_suite_name(uint16_t suite);
/* The version that has this suite, 0xfefd or 0xfefc; 0 if unknown. */
uint16_t dtls_suite_version(uint16_t suite);
/* The number of the suite with that name, IANA name (TLS_PSK_WITH_AES_128_CCM_8) or hexadecimal
 * number ("c0a8"), in upper or lower case; 0 if unknown. */
uint16_t dtls_suite_find(const char *name);

/* The facts of a cipher suite. */
typedef struct {
    uint16_t id;      /* the IANA number */
    uint16_t version; /* 0xfefd or 0xfefc */
    const char *name;
    const char *iana_name;
    /* The group that the suite needs in 1.2: none, a curve (ECDHE) or a finite field (DHE). In 1.3
     * no suite needs one. */
    enum { DTLS_SUITE_NO_GROUP, DTLS_SUITE_CURVE, DTLS_SUITE_FIELD } group;
    /* The hash of the PRF (1.2) or of the key schedule (1.3): 256 or 384. A PSK of 1.3 is bound to
     * that hash. */
    uint16_t hash_bits;
} dtls_suite_info_t;

/* Fills in info with the facts of a suite; its names are constants.
 * Returns 0, or -DTLS_ERR_ARGUMENT if the number is unknown or info is NULL. */
int dtls_suite_info(uint16_t suite, dtls_suite_info_t *info);

/* ---- names --------------------------------------------------------------- */

/* The name of a group for (EC)DHE, "x25519"; NULL if unknown. And its number by that name, in
 * upper or lower case; 0 if unknown. */
const char *dtls_group_name(uint16_t group);
uint16_t dtls_group_find(const char *name);

/* These return "unknown" for a number without a name, except that the name and text of an unknown
 * error are those of DTLS_ERR_NONE. */
const char *dtls_alert_name(unsigned alert);               /* "bad_record_mac", as IANA has it */
const char *dtls_error_name(dtls_error_t error);           /* "wrong-psk", for machines */
const char *dtls_error_text(dtls_error_t error);           /* "wrong pre-shared key", for people */
const char *dtls_drop_name(dtls_drop_t drop);              /* "bad-mac" */
const char *dtls_content_type_name(unsigned content_type); /* "handshake" */
const char *dtls_message_name(unsigned msg_type);          /* "ClientHello" */

/* The version of the library, "1.2.3". */
const char *dtls_package_version(void);

/* ---- log, as in tinydtls -------------------------------------------------- */

typedef void (*dtls_log_handler_t)(dtls_log_t level, const char *message);

/* The level and handler of the default config.log and of dtls_log(), one for the process, not to
 * be changed while another thread uses a context. Lines above the level (less severe) are not
 * shown; DTLS_LOG_WARN at first. Handler NULL, as at first: stderr. */
dtls_log_t dtls_get_log_level(void);
void dtls_set_log_level(dtls_log_t level);
void dtls_set_log_handler(dtls_log_handler_t handler);

/* Writes a line of at most 255 bytes to that log. */
void dtls_log(dtls_log_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define dtls_emerg(...) dtls_log(DTLS_LOG_EMERG, __VA_ARGS__)
#define dtls_alert(...) dtls_log(DTLS_LOG_ALERT, __VA_ARGS__)
#define dtls_crit(...) dtls_log(DTLS_LOG_CRIT, __VA_ARGS__)
#define dtls_warn(...) dtls_log(DTLS_LOG_WARN, __VA_ARGS__)
#define dtls_notice(...) dtls_log(DTLS_LOG_NOTICE, __VA_ARGS__)
#define dtls_info(...) dtls_log(DTLS_LOG_INFO, __VA_ARGS__)
#define dtls_debug(...) dtls_log(DTLS_LOG_DEBUG, __VA_ARGS__)

/* ==== Tables ==============================================================================
 *
 * Memory in bytes, measured on a 64-bit machine and rounded up: the first column is taken from
 * config.allocate, the second by libcrypto (OpenSSL 3).
 *
 *     context                        70,000      2,000   one datagram buffer, and tables
 *       that accepts                 78,000              more: room for DTLS_HELLO_POOL hellos
 *       config.tickets                2,100      5,000   more, from the first ticket on
 *       config.sessions           500 each               more, from the first session on
 *     peer during a handshake of 1.2  5,500      4,000
 *     peer during a handshake of 1.3  6,500      8,000
 *       fragments              at most 81,920            more: DTLS_MAX_REASSEMBLY
 *       early records                 4,096              more, if records overtake the handshake
 *     connected peer of 1.2           2,000      2,500
 *     connected peer of 1.3           2,100      4,000
 *       replaced keys                   200      2,000   more, for four minutes
 *       a ticket without an ACK       1,500              more
 *       connection IDs                2,000              more
 *     identity                 as long as it is          more, for each of the above
 *     datagram received in write      its length         more, at most 64 of them
 *
 * A peer with an association and a new handshake at the same time takes both. With DTLS_COOKIE_ON
 * a client that has not proved its address takes nothing.
 *
 * Events (level 0, names without DTLS_EVENT_), in the order in which they can come:
 *
 *     CONNECT        the peer exists: dtls_get_peer(), dtls_set_peer_data()
 *     CONNECTED      dtls_write() sends; info has version, suite, identity
 *     HEARTBEAT, MTU, KEYS_UPDATED     the end of what a call began: section 8, 9
 *     RENEGOTIATE    nothing to do: refused, and the association continues
 *     UNVERIFIED     nothing to do: data still goes to the old address
 *     MOVED          *session is the old name, info.address the new one, which names no peer
 *                    before the callback has returned
 *     HALF_CLOSED    send what is left, then dtls_close()
 *     CLOSED         the end: both sides have closed, or the peer did not answer our close_notify
 *     FAILED         the end: info.error; for DTLS_ERR_ALERT also info.alert
 *     TIMEOUT        the end: DTLS_ERR_TIMEOUT, DTLS_ERR_FINISHED_UNANSWERED or DTLS_ERR_IDLE
 *
 * A close_notify of the peer is also passed as an alert (level 1), and so is a fatal alert (level
 * 2), before the event that follows from it.
 *
 * Errors that end an association (names without DTLS_ERR_), with the event, the alert that we
 * send, and what to look at. Errors that are not here are explained by their one line in
 * dtls_error_t.
 *
 *     TIMEOUT              TIMEOUT  none            address, port, firewall; handshake_ms
 *     FINISHED_UNANSWERED  TIMEOUT  none            the key, first of all
 *     IDLE                 TIMEOUT  close_notify    config.idle_ms
 *     WRONG_PSK            FAILED   bad_record_mac (1.3: decrypt_error)   the key on both sides
 *     UNKNOWN_IDENTITY     FAILED   the same as WRONG_PSK       the identity, info.identity
 *     NO_CREDENTIALS       FAILED   handshake_failure           our get_psk_info
 *     ALERT                FAILED   none            info.alert, info.alert_authenticated
 *     REPLACED             FAILED   none            nothing: the peer has a new association
 *     PEER_LIMIT           FAILED   close_notify, if connected   config.max_peers, max_half_open
 *     VERSION              FAILED   protocol_version            config.only_version, config.suites
 *     NO_CIPHER_SUITE      FAILED   handshake_failure           config.suites on both sides
 *     NO_KEY_EXCHANGE      FAILED   handshake_failure           config.key_exchange, config.groups
 *     NO_PSK               FAILED   handshake_failure           the peer has certificates only
 *     NO_EXTENDED_MASTER_SECRET     FAILED   handshake_failure  config.ems
 *     KEY_LIMIT            FAILED   close_notify    dtls_update_keys(); 1.2: connect again
 *     MEMORY, CRYPTO       FAILED   internal_error  the hooks allocate and random
 *
 * Results that differ from 0 for success and -DTLS_ERR_x for failure:
 *
 *     dtls_connect, dtls_resume      > 0 started, 0 exists already
 *     dtls_write, dtls_writev, dtls_write_early     bytes sent, 0 not now
 *     dtls_update_keys               1 has to wait
 *     dtls_handle_message            negative alert value: dtls_alert_create()
 *     dtls_next_timeout              ms, -1 none
 *     dtls_session_equals            1 or 0
 *     write callback                 negative: not sent
 *     read, event callbacks          ignored
 *     get_psk_info callback          bytes, negative: none
 */

#ifdef __cplusplus
}
#endif
#endif
