/*
 * dtls.h - the manual of libdtlscat: DTLS 1.2 and 1.3 with pre-shared keys, without sockets.
 *
 * The library performs the DTLS handshake (RFC 6347, RFC 9147) as client or server with a peer
 * that has the same pre-shared key. After the handshake it encrypts and decrypts datagrams.
 *
 *   - The library opens no socket, starts no thread and runs no timer of its own. The application
 *     sends and receives UDP datagrams. It calls the library for each received datagram and when a
 *     timer is due.
 *   - All state is in a context. One context serves any number of peers, as client and as server.
 *   - A peer is named by its UDP address.
 *   - All cryptography is done by libcrypto of OpenSSL 3.
 *   - A function that tinydtls also has keeps the name and the contract of tinydtls. A program
 *     written for tinydtls compiles against this header.
 *   - Link with -ldtlscat -lcrypto (pkg-config dtlscat).
 *
 * A complete client: it sends a line to the server on port argv[1] of this host, prints the
 * response and closes. Its exit status is 0 after a clean close, and otherwise 1. UNUSED_PARAM
 * prevents compiler warnings about parameters that a callback does not need.
 *
 *     #include <dtls.h>
 *     #include <poll.h>
 *     #include <stdio.h>
 *     #include <stdlib.h>
 *     #include <string.h>
 *
 *     static int sock, over, status = 1;
 *
 *     static int on_write(dtls_context_t *ctx UNUSED_PARAM, session_t *peer, uint8 *data,
 *                         size_t length)
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
 *     static void report(dtls_context_t *ctx, session_t *peer)
 *     {
 *         dtls_info_t info;
 *         if (dtls_get_info(ctx, peer, &info) == 0)
 *             fprintf(stderr, "%s%s%s\n", dtls_error_text(info.error),
 *                     info.error == DTLS_ERR_ALERT ? ": " : "",
 *                     info.error == DTLS_ERR_ALERT ? dtls_alert_name(info.alert) : "");
 *     }
 *
 *     static bool closed_cleanly(dtls_context_t *ctx, session_t *peer)
 *     {
 *         dtls_info_t info;
 *         return dtls_get_info(ctx, peer, &info) == 0 && info.alert_received;
 *     }
 *
 *     static int on_event(dtls_context_t *ctx, session_t *peer, dtls_alert_level_t level,
 *                         unsigned short code)
 *     {
 *         uint8 line[] = "hello\n";
 *         if (level != DTLS_ALERT_LEVEL_NONE)
 *             return 0; // an alert of the peer: if it ends the association, an event follows
 *         if (code == DTLS_EVENT_CONNECTED)
 *             dtls_write(ctx, peer, line, 6);
 *         if (code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT)
 *             report(ctx, peer);
 *         if (code == DTLS_EVENT_CLOSED)
 *             status = closed_cleanly(ctx, peer) ? 0 : 1;
 *         if (code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED ||
 *             code == DTLS_EVENT_TIMEOUT)
 *             over = 1;
 *         return 0;
 *     }
 *
 *     static int on_psk(dtls_context_t *ctx UNUSED_PARAM, const session_t *peer UNUSED_PARAM,
 *                       dtls_credentials_type_t type, const unsigned char *desc UNUSED_PARAM,
 *                       size_t desc_length UNUSED_PARAM, unsigned char *result,
 *                       size_t room UNUSED_PARAM)
 *     {
 *         const char *answer = type == DTLS_PSK_KEY ? "not a good secret" : "Client_identity";
 *         memcpy(result, answer, strlen(answer)); // room is 256 bytes or more
 *         return type == DTLS_PSK_HINT ? 0 : (int)strlen(answer);
 *     }
 *
 *     int main(int argc UNUSED_PARAM, char **argv)
 *     {
 *         static const dtls_handler_t handler = {.write = on_write, .read = on_read,
 *                                                .event = on_event, .get_psk_info = on_psk};
 *         static uint8 datagram[DTLS_MAX_BUF];
 *         dtls_config_t config;
 *         dtls_config_init(&config);
 *         config.accept = false;  // ignore ClientHellos: this is no server
 *         config.idle_ms = 30000; // end with DTLS_EVENT_TIMEOUT if nothing comes for 30 s
 *         dtls_context_t *ctx = dtls_new_context_config(NULL, &config);
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
 * DTLS does not retransmit data. If the line or the response is lost, this client ends after
 * config.idle_ms, with status 1. A client that must get its response sends the line again when its
 * own timer is due.
 *
 * A server has the same callbacks and the same loop, with five differences:
 *
 *   - It does not set config.accept to false: by default a context accepts clients.
 *   - It calls bind() on its socket, and does not call dtls_connect().
 *   - Its get_psk_info looks up the key of the identity in desc.
 *   - The end of one association does not end its loop.
 *   - To shut down, it calls dtls_close() for each peer and continues the loop until each peer has
 *     had its end event. See dtls_close().
 *
 * The ten calls that a program needs first, with their sections:
 *
 *     dtls_new_context(app)            3   creates a context with the default configuration. To
 *                                          choose a version, a limit or anything else, call
 *                                          dtls_config_init() and dtls_new_context_config().
 *                                          By default the context accepts clients. A program that
 *                                          is only a client sets config.accept to false.
 *                                          Otherwise any sender can start an association, and the
 *                                          callbacks are passed the events of that one too
 *     dtls_set_handler(ctx, &handler)  4   sets the callbacks: write and get_psk_info are
 *                                          mandatory, most programs need read and event too
 *     dtls_session_init(&session)      1   prepares an address for recvfrom() or for filling in
 *     dtls_connect(ctx, &session)      5   starts a handshake as client
 *     dtls_handle_message(ctx, &session, datagram, length)
 *                                      6   processes a received datagram
 *     dtls_write(ctx, &session, data, length)
 *                                      6   sends application data
 *     dtls_next_timeout(ctx)           7   returns how long poll() may wait
 *     dtls_check_retransmit(ctx, NULL) 7   runs the timers that are due
 *     dtls_close(ctx, &session)        11  ends the association with a peer
 *     dtls_free_context(ctx)           11  frees the context and all its peers
 *
 * Sections: 1 types and addresses, 2 results, 3 context and configuration, 4 callbacks and
 * events, 5 connecting and accepting, 6 sending and receiving, 7 timers, 8 keys and sessions, 9
 * connection IDs and paths, 10 information, statistics and trace, 11 closing and freeing, 12
 * tools: cipher suites, names, log. Tables of memory, events, errors and results are at the end.
 *
 * Conventions:
 *
 *   Peer         The program at the other address: our server or client.
 *   We, our      This context and its application.
 *   Association  The state shared with one peer, from DTLS_EVENT_CONNECT to the end event: the
 *                handshake, then the keys. Each address has at most one association at a time.
 *   End event    DTLS_EVENT_CLOSED, DTLS_EVENT_FAILED or DTLS_EVENT_TIMEOUT.
 *   info.x       The field x of dtls_info_t, which dtls_get_info() fills in. Likewise stats.x is a
 *                field of dtls_stats_t, and config.x a field of dtls_config_t.
 *   Results      A function that returns int returns -(int)DTLS_ERR_x on failure, unless its
 *                comment states otherwise. dtls_error_text((dtls_error_t)-result) is the text.
 *                As in tinydtls, dtls_handle_message() and get_psk_info use negative alert values
 *                instead: see dtls_alert_create().
 *   -DTLS_ERR_ARGUMENT  is also the result for a NULL context, address or buffer, unless the
 *                comment gives NULL a meaning. With such an argument a function that does not
 *                return int returns NULL or 0, or does nothing. The comments below do not repeat
 *                this.
 *   -DTLS_ERR_STATE     is the result if the address has no association, or if the association is
 *                not in the state that the comment demands. It is also the result inside the
 *                association's end event, where only dtls_get_info() and dtls_get_stats() work.
 *   Units        Sizes are in bytes. Times are in milliseconds of the monotonic clock
 *                config.clock.
 *   const        tinydtls has `session_t *` and `uint8 *` without const; so has this header. The
 *                library does not change data or addresses that are passed to it. The exception is
 *                dtls_handle_message(), which decrypts in place. A callback must not change the
 *                address that it is passed.
 *   Lifetime     A function copies or uses its arguments before it returns. A pointer that is
 *                passed to a callback is valid until the callback returns.
 *   Callbacks    write, write_batch, read, event, get_user_parameters and get_psk_info may call any
 *                function on the same context, except dtls_free_context(). The hooks of
 *                dtls_config_t must not call a function that takes a context, except
 *                dtls_callback_peer() and dtls_callback_hello().
 *   Threads      Only one thread at a time may use a context. Contexts share only the level and
 *                the handler of the log (section 12), so each thread may have its own contexts.
 *   1.2, 1.3     In a comment, "1.2:" or "1.3:" means: only in that version of DTLS.
 *   Client, server   In a comment, "Client:" or "Server:" means: only in that role.
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

/* An instant of config.clock, in ms. The value 0 means "none": config.clock never returns 0. */
typedef uint64_t dtls_tick_t;
#define DTLS_TICKS_PER_SECOND 1000

/* The size of a buffer for any UDP datagram. */
#define DTLS_MAX_BUF 65535
/* The limit of the bytes of incomplete handshake messages that an association stores until the rest
 * has arrived from the peer. */
#define DTLS_MAX_REASSEMBLY 81920
/* Server: the limits for ClientHellos that arrive in fragments, while no association exists. A
 * context stores at most DTLS_HELLO_POOL incomplete ClientHellos, each of them for at most
 * DTLS_HELLO_POOL_MS ms. A fragmented ClientHello of more than DTLS_HELLO_POOL_LENGTH bytes is
 * discarded. */
#define DTLS_HELLO_POOL 16
#define DTLS_HELLO_POOL_LENGTH 4096
#define DTLS_HELLO_POOL_MS 5000
/* The longest PSK identity or identity hint, in bytes (RFC 4279 section 2). */
#define DTLS_MAX_IDENTITY 65535
/* The longest key, in bytes. RFC 4279 section 5.3 requires support for keys of up to 64 bytes. */
#define DTLS_MAX_PSK 256
/* 1.3: how many of the identities in a ClientHello a server looks up, from the first on. It ignores all others, because
 * get_psk_info is called for each before the client has authenticated. */
#define DTLS_MAX_OFFERED_PSKS 16
/* dtls_set_secrets(): the length of each secret in bytes, and the maximum number of secrets. */
#define DTLS_SECRET 32
#define DTLS_MAX_SECRETS 4

#ifndef UNUSED_PARAM
#define UNUSED_PARAM __attribute__((unused))
#endif

typedef struct dtls_context_t dtls_context_t;
typedef struct dtls_peer_t dtls_peer_t;

/* The address of a peer, AF_INET or AF_INET6. It is the peer's name in every call.
 *
 * Two addresses name the same peer if family, address and port are equal. For IPv6 link-local
 * addresses the scope must be equal too. The library does not compare size, ifindex, padding and
 * flow label. An IPv4-mapped IPv6 address differs from the IPv4 address.
 *
 * size    the length of addr, for recvfrom() and sendto(). The library does not read it.
 * ifindex for the application: for example the interface on which a datagram arrived. The library
 *         does not read it.
 *
 * The write callback is passed the size and the ifindex of the session_t with which the handshake
 * began. */
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

/* Sets all bytes of *session to 0, then size to sizeof session->addr, which recvfrom() expects.
 * Call this before each recvfrom(), and before you fill in an address. After you have filled in an
 * address, set size to its length, for example sizeof session->addr.sin. */
void dtls_session_init(session_t *session);

/* Returns 1 if both addresses name the same peer. Returns 0 if they do not, or if a pointer is
 * NULL. */
int dtls_session_equals(const session_t *a, const session_t *b);

/* ==== 2. Results: alerts and errors ======================================================= */

/* The level that the event callback is passed: WARNING and FATAL for an alert of the peer (RFC
 * 5246 section 7.2), NONE for an event of section 4. */
typedef enum {
    DTLS_ALERT_LEVEL_NONE = 0,
    DTLS_ALERT_LEVEL_WARNING = 1,
    DTLS_ALERT_LEVEL_FATAL = 2
} dtls_alert_level_t;

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

/* Makes a negative alert value: -(level << 8 | description). dtls_handle_message() returns such a
 * value, and get_psk_info returns one if it has no identity or key to give. */
#define dtls_alert_create(level, desc) (-(((int)(level) << 8) | (int)(desc)))
#define dtls_alert_fatal_create(desc) dtls_alert_create(DTLS_ALERT_LEVEL_FATAL, (desc))

/* Why a call failed or an association ended. The table of errors at the end of this file gives
 * the alert that is sent for each. */
typedef enum {
    DTLS_ERR_NONE = 0,
    /* Failures on our side. */
    DTLS_ERR_ARGUMENT,       /* an argument is NULL or out of its range */
    DTLS_ERR_STATE,          /* no association exists, or it is in the wrong state */
    DTLS_ERR_TOO_LONG,       /* the data or the identity does not fit one datagram or record */
    DTLS_ERR_MEMORY,         /* config.allocate returned NULL */
    DTLS_ERR_CRYPTO,         /* libcrypto or config.random failed */
    DTLS_ERR_WRITE,          /* the write callback returned a negative value */
    DTLS_ERR_PEER_LIMIT,     /* config.max_peers is reached, or no connection ID is free */
    DTLS_ERR_NO_CREDENTIALS, /* client: get_psk_info gave no usable identity or key */
    /* The peer is silent, or it did something that ends the association. */
    DTLS_ERR_TIMEOUT,                   /* handshake not complete, or no ACK, in handshake_ms */
    DTLS_ERR_FINISHED_UNANSWERED,       /* no response to our Finished, sent five times or more */
    DTLS_ERR_IDLE,                      /* no authentic record within config.idle_ms */
    DTLS_ERR_REPLACED,                  /* the peer completed a new handshake from its address */
    DTLS_ERR_ALERT,                     /* the peer sent the fatal alert info.alert */
    DTLS_ERR_WRONG_PSK,                 /* the keys of the two sides differ */
    DTLS_ERR_UNKNOWN_IDENTITY,          /* server: get_psk_info has no key for the identity */
    DTLS_ERR_DECODE,                    /* a handshake message cannot be parsed */
    DTLS_ERR_ILLEGAL_PARAMETER,         /* a handshake message has a value that is not allowed */
    DTLS_ERR_UNEXPECTED_MESSAGE,        /* a message is not allowed at this point */
    DTLS_ERR_RECORD_OVERFLOW,           /* a record has more than 2^14 bytes of content */
    DTLS_ERR_BAD_FINISHED,              /* verify_data of the peer's Finished is wrong */
    DTLS_ERR_VERSION,                   /* no version in common */
    DTLS_ERR_FALLBACK,                  /* server: a client of 1.3 fell back to 1.2: RFC 7507 */
    DTLS_ERR_NO_CIPHER_SUITE,           /* no cipher suite in common */
    DTLS_ERR_UNSUPPORTED_EXTENSION,     /* the server sent an extension that we did not offer */
    DTLS_ERR_RENEGOTIATION_INFO,        /* peer's renegotiation_info is not empty, or missing */
    DTLS_ERR_MISSING_EXTENSION,         /* 1.3: the peer left out a mandatory extension */
    DTLS_ERR_NO_PSK,                    /* client offers no PSK, or server wants certificates */
    DTLS_ERR_NO_KEY_EXCHANGE,           /* no PSK mode or no group in common */
    DTLS_ERR_INSUFFICIENT_SECURITY,     /* 1.2: an unsafe Diffie-Hellman prime */
    DTLS_ERR_NO_ENCRYPT_THEN_MAC,       /* 1.2: server chose CBC without encrypt_then_mac */
    DTLS_ERR_NO_EXTENDED_MASTER_SECRET, /* 1.2: we require it, the peer does not support it */
    DTLS_ERR_KEY_LIMIT,                 /* the limit of record numbers or of the AEAD is reached */
    DTLS_ERR_KEY_CHANGED,               /* dtls_recheck_keys(): the key was changed or removed */
    DTLS_ERR_COUNT                      /* the number of errors, not an error itself */
} dtls_error_t;

/* ==== 3. Context and configuration ======================================================== */

/* When a server demands a cookie from a new client. The demand is a HelloVerifyRequest (RFC 6347
 * section 4.2.1) or a HelloRetryRequest (RFC 9147 section 5.1). The client then repeats its
 * ClientHello with the cookie, which proves that it receives at its address. Before that proof
 * there is no association and no event. The demand is never longer than the ClientHello: a
 * ClientHello that would be rejected anyway gets only an alert.
 *
 * The address of a client that has not returned a cookie may be spoofed. Until the address is
 * proven, a server sends at most three times the bytes that have come from it, including
 * retransmissions and alerts (RFC 9147 section 5.1). An alert beyond that is not sent. */
typedef enum {
    /* Always, with one exception. 1.3: a valid ticket that this context has issued to the same IP
     * address takes the place of the cookie, because the client has received the ticket there. */
    DTLS_COOKIE_ON,
    /* Only if our first flight would be more than three times as long as the ClientHello, which
     * needs 1.2 and a long identity hint or DHE. Saves a round trip in a network where addresses
     * cannot be spoofed. 1.2: a ticket that this context has issued to the same IP address proves
     * the address, once. */
    DTLS_COOKIE_OFF,
    /* As OFF, and also in these cases:
     *   - at least an eighth of config.max_half_open handshakes are in progress;
     *   - the client's address already has an association;
     *   - 1.2: the client offers to resume a session. */
    DTLS_COOKIE_AUTO
} dtls_cookie_t;

/* 1.2: whether extended_master_secret (RFC 7627) is used. DTLS 1.3 always has the protection that
 * this extension adds. */
typedef enum {
    DTLS_EMS_PREFER, /* offer and accept the extension; info.ems tells whether it is in use */
    DTLS_EMS_OFF,    /* neither offer nor accept the extension */
    DTLS_EMS_REQUIRE /* fail without the extension: DTLS_ERR_NO_EXTENDED_MASTER_SECRET */
} dtls_ems_t;

/* Whether a Diffie-Hellman exchange is added to the PSK. With the exchange, recorded data stays
 * secret if the PSK leaks later. In DTLS 1.3 the choices are psk_dhe_ke (with the exchange) and
 * psk_ke (without), RFC 8446 section 4.2.9. In DTLS 1.2 the cipher suite decides: suites that the
 * choice excludes are neither offered nor accepted. */
typedef enum {
    /* 1.3: a client offers psk_dhe_ke; a server prefers psk_dhe_ke and accepts psk_ke. 1.2: any
     * suite; the default list begins with those of ECDHE. */
    DTLS_KE_DEFAULT,
    DTLS_KE_DHE_ONLY, /* 1.3: psk_dhe_ke. 1.2: suites with ECDHE or DHE */
    DTLS_KE_PSK_ONLY, /* 1.3: psk_ke. 1.2: suites without ECDHE and DHE */
    DTLS_KE_DHE13     /* 1.3: psk_dhe_ke; a server refuses psk_ke. 1.2: any suite */
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

/* One event of the trace: see section 10. */
typedef struct dtls_trace_t dtls_trace_t;

/* The configuration of a context. Call dtls_config_init() first, then change single fields.
 * dtls_new_context_config() copies the arrays. */
typedef struct {
    /* ---- hooks: none may be NULL unless stated ---- */

    /* The first argument of each hook, for the application. Default NULL. */
    void *hook;
    /* Returns the time in ms. The time must never go back and never be 0. Default CLOCK_MONOTONIC,
     * the clock of dtls_ticks(). */
    dtls_tick_t (*clock)(void *hook);
    /* Returns the time in ms since 1970-01-01 UTC. Used only after dtls_set_secrets(). Default
     * CLOCK_REALTIME. */
    dtls_tick_t (*wall_clock)(void *hook);
    /* Writes length random bytes to out, from a cryptographically secure generator. Returns 0, or a
     * negative value on failure; the call in progress then fails with DTLS_ERR_CRYPTO. Default:
     * the generator of libcrypto. */
    int (*random)(void *hook, uint8_t *out, size_t length);
    /* Returns size bytes of memory as malloc() does, or NULL. Memory of libcrypto is allocated by
     * libcrypto itself. Default malloc(). */
    void *(*allocate)(void *hook, size_t size);
    /* Frees memory that allocate returned. The library has wiped the memory, which is never NULL.
     * Default free(). */
    void (*release)(void *hook, void *memory);
    /* Receives a line of the log, without a newline. A line of DTLS_LOG_NOTICE tells why an
     * association failed. A line of DTLS_LOG_WARN tells that the server cannot serve a client. Keys
     * never appear. Default: lines of WARN and above go to the handler of dtls_set_log_handler(),
     * or to stderr without one. */
    void (*log)(void *hook, dtls_log_t level, const char *message);
    /* Is called for each datagram, record and handshake message, and for everything that the
     * library discards: see section 10. Default NULL: no trace. */
    void (*trace)(void *hook, const dtls_trace_t *trace);
    /* Receives the fields of one line of an SSLKEYLOGFILE (RFC 9850): the label, the random of the
     * ClientHello (32 bytes), and the secret. This hook is for debugging: with these lines all
     * recorded traffic can be decrypted. Default NULL: no key log. */
    void (*keylog)(void *hook, const char *label, const uint8_t *client_random,
                   const uint8_t *secret, size_t secret_length);
    /* Server: receives the address of a client whose ClientHello the library has refused. No
     * association existed yet, so no event is fired. error is the reason. The library has sent the
     * client an alert. The address may be spoofed. Default NULL: not reported. */
    void (*refused)(void *hook, const session_t *session, dtls_error_t error);

    /* ---- what is negotiated ---- */

    /* Whether the context answers ClientHellos, as a server does. false saves 78 kB of memory. A
     * context may be client and server at once. If an attacker sends the context its own
     * ClientHello back, the library refuses it. Even so, give each key to one client and one server
     * only: an attacker can connect two hosts that share a key but did not mean to connect to each
     * other (RFC 9257). Default true. */
    bool accept;
    /* Server: when a client must return a cookie. Default DTLS_COOKIE_ON. */
    dtls_cookie_t cookie;
    /* 1.2: whether extended master secret is used. Default DTLS_EMS_PREFER. */
    dtls_ems_t ems;
    /* The only version to use: 0xfefd for DTLS 1.2, 0xfefc for DTLS 1.3. 0: both; 1.3 is
     * preferred. A client of both versions offers only 1.2 if a ClientHello that offers 1.3 would
     * be longer than config.mtu: many servers cannot reassemble a ClientHello. Default 0. */
    uint16_t only_version;
    /* The cipher suites to use: IANA numbers, best first; suite_count is 0..32. A version without a
     * suite in the list is not used. In 1.3, suites whose hash is not the hash of the keys (see
     * psk_sha384) are ignored. Default NULL and 0: all suites of dtls_suite_at(), except
     * 0x1305 (TLS_AES_128_CCM_8_SHA256) and suites with DHE or CBC. */
    const uint16_t *suites;
    size_t suite_count;
    /* Whether a Diffie-Hellman exchange is added to the PSK. Default DTLS_KE_DEFAULT. */
    dtls_ke_t key_exchange;
    /* The groups for ECDHE and DHE: IANA numbers, best first; group_count is 0..4. In 1.2 a server
     * chooses the first group of the client's list that is also in the server's list. In 1.3 a
     * client sends a key share for its first group. A server whose list has that group chooses it.
     * Otherwise the server requests the first group of its own list that the client's list has,
     * which takes another round trip. In 1.2 a suite with
     * ECDHE is left out if the list has no curve, and a suite with DHE if the list has no finite
     * field. A client of 1.2 also accepts from the server a safe prime of 2048 to 4096 bits that
     * belongs to no group of the list. Default NULL and 0: x25519, secp256r1, and with DHE suites
     * ffdhe2048 and ffdhe3072. */
    const uint16_t *groups;
    size_t group_count;
    /* 1.3: the keys are for SHA-384 instead of SHA-256 (RFC 8446 section 4.2.11). Both sides must
     * have the same value. Default false. */
    bool psk_sha384;

    /* ---- sessions that can be resumed: section 8 ---- */

    /* Server: whether to send each client a ticket. In 1.2 only a client that asks for a ticket and
     * has extended master secret gets one. A ticket can be redeemed once; only a completed handshake
     * consumes it. It is valid as long as get_psk_info returns the same key for the identity of the
     * session, but for two hours at most. The two hours count from the last full handshake: a chain
     * of resumptions does not extend them. A client whose identity is longer than 256 bytes gets no
     * ticket. Default false. */
    bool tickets;
    /* 1.2 server: the number of sessions to cache, 0..65536, for clients that have no tickets and
     * resume by session ID (RFC 5246 section 7.3). A session is valid as long as a ticket. Unlike a
     * ticket, a session can be resumed more than once, until an association that resumed it ends
     * with a fatal alert. The cache takes 0.5 kB per session. It is allocated when the first
     * session is stored. In a full cache a new session replaces the oldest. Default 0: no cache. */
    size_t sessions;
    /* 1.3: the limit of early data per ticket, in bytes. A server writes the limit into each ticket
     * that it issues. A client sends at most this number of bytes, and no more than its ticket
     * permits. Default 0: no early data. */
    uint32_t early_data;
    /* Client: receives a session that can be resumed, as length bytes of state. Copy state, and
     * pass the copy to dtls_resume() within lifetime_s seconds. Use each state once. A newer state
     * replaces the older ones. In 1.3 the hook is called when a ticket arrives, at any time after
     * CONNECTED. In 1.2 the hook is called just before CONNECTED, with a ticket or a session ID of
     * the server. After a resumption the session ID may be the same as before. state holds a key:
     * store it as you store keys. Delete it if the association ends with a fatal alert (RFC 5246
     * section 7.2.2). Default NULL: the client asks for no session. */
    void (*ticket)(void *hook, const session_t *session, const uint8_t *state, size_t length,
                   uint32_t lifetime_s);
    /* 1.2 client: the session ID of a ClientHello that resumes no session, 0..32 bytes. Some VPN
     * servers distinguish clients by this ID. Default NULL and 0: the session ID is empty. */
    const uint8_t *session_id;
    size_t session_id_length;

    /* 1.3: import the application's keys (RFC 9258) instead of using them directly. Both sides must
     * import them, with the same import_context of 0..255 bytes. Default false, NULL and 0. */
    bool import_psk;
    const uint8_t *import_context;
    size_t import_context_length;

    /* ---- connection IDs: section 9 ---- */

    /* Whether to offer and accept connection IDs (RFC 9146, RFC 9147 section 9) and the return
     * routability check (RFC 9853). Default false. */
    bool use_cid;
    /* The length in bytes of the connection IDs in the records that peers send to us, 0..20. With 0
     * the records from peers have no ID. The records that we send have the ID that the peer asked
     * for, whatever the value is. A server whose clients change their addresses needs more than 0,
     * for example 8. Default 0. */
    size_t cid_length;
    /* The connection ID, cid_length bytes, that we give to a peer while no association has it. All
     * others are random. Default NULL: all are random. */
    const uint8_t *cid;
    /* The first bytes of our random connection IDs, 0..cid_length bytes. With them a load balancer,
     * or the kernel, finds the server to which a record belongs. Observers see them, so they should
     * be few, and the same for many peers. Default NULL and 0. */
    const uint8_t *cid_prefix;
    size_t cid_prefix_length;
    /* What to do if the newest record of a peer comes from another address, and that address cannot
     * be validated. The library validates an address by a return routability check. To a peer that
     * does not support the check it sends a HeartbeatRequest instead, and to a peer of 1.3 that
     * does not answer heartbeats either, a message that needs an ACK. So the only peer whose new
     * address cannot be validated is one that uses 1.2 and supports neither the check nor
     * heartbeats.
     *   false  DTLS_EVENT_UNVERIFIED is fired; we continue to send to the old address.
     *   true   We send to the new address. RFC 9146 section 6 forbids that: an attacker who
     *          forwards records can direct our datagrams to another host.
     * Default false. */
    bool cid_move_newest;

    /* Whether to offer and answer heartbeats (RFC 6520). Default false. */
    bool heartbeat;
    /* Receives each heartbeat message of the peer. request is true for a HeartbeatRequest, and
     * false for a HeartbeatResponse, also for a late response to an earlier request of ours.
     * payload has length bytes, 0..1024, and is valid during the call. The library answers a
     * HeartbeatRequest by itself, after this call. Default NULL: not called. */
    void (*heartbeat_received)(void *hook, const session_t *session, bool request,
                               const uint8_t *payload, size_t length);

    /* ---- sizes ---- */

    /* The largest content of a protected record that we accept, 64..16384. We send it to the peer
     * as record_size_limit (RFC 8449). In 1.3 the limit includes one byte for the content type. A
     * larger record of the peer is discarded in 1.2, and ends the association in 1.3. 0: the limit
     * is 2^14, and a client sends no record_size_limit. The library always respects the peer's
     * record_size_limit and a client's max_fragment_length (RFC 6066). Default 0. */
    uint16_t record_size_limit;
    /* 1.3: the number of records that we send before the library updates our sending keys. 0: half
     * of the number that the AEAD allows. Default 0. */
    uint64_t rekey_after;
    /* The largest UDP payload to send, 256..65507. A datagram exceeds it only if the peer's
     * connection IDs are longer than 128 bytes. If the peer does not respond to a flight of ours
     * in datagrams of this size, the library resends the flight in shorter ones. If then the peer
     * responds, the library lowers the MTU of that peer to 508 or 256. A ClientHello is never
     * resent in shorter datagrams. Default 1232. */
    size_t mtu;

    /* ---- times, in ms ---- */

    /* The first timer: how long the library waits for a response to a flight or message of ours
     * before it retransmits that for the first time. From timer_min_ms to timer_max_ms. Default
     * 400. */
    uint32_t timer_ms;
    /* The lower limit of the first timer (see timer_ms) once a round trip was measured,
     * 1..timer_ms. Then the first timer is twice the round trip, but at least timer_min_ms, and at
     * most 2000 or timer_ms, whichever is larger. Default 100. */
    uint32_t timer_min_ms;
    /* Flights of the handshake: each retransmission doubles the timer, but not beyond
     * timer_steady_ms. A first timer that is longer than timer_steady_ms stays as it is.
     * Exceptions:
     *   - Once a round trip is measured, the first timer runs three times before it doubles.
     *   - After 24 time-outs of an association, and for messages after the handshake, the timer
     *     doubles each time, up to timer_max_ms.
     * RFC 6347 section 4.2.4.1 and RFC 9147 section 5.8.2 recommend to double the timer from the
     * start. For that, set timer_steady_ms to timer_max_ms: every timer then doubles each time. 1
     * or more. Default 1000. */
    uint32_t timer_steady_ms;
    /* The upper limit of each retransmission timer. Default 60000. */
    uint32_t timer_max_ms;
    /* The time limit of a handshake, 1 or more. In 1.3 it also limits the wait for the peer's ACK
     * of a message that we send after the handshake. If the peer has not acknowledged a ticket in
     * this time, the ticket is no longer retransmitted. If the peer has not acknowledged a
     * KeyUpdate or connection ID message, and has sent nothing else in this time, the association
     * ends. Default 60000. */
    uint32_t handshake_ms;
    /* How long a handshake continues after a failure that an attacker can forge, such as a
     * plaintext alert. The failure ends the handshake only if the handshake makes no progress for
     * this time, and for at least three round trips. If no round trip was measured, twice timer_ms
     * replaces the three round trips. 0: the failure ends the handshake at once. Default 100.
     *
     * If the plaintext answers of a server contradict each other, one of them is forged. Instead of
     * failing, a client then starts over with a new ClientHello, without the state of dtls_resume() and
     * with early data rejected, until handshake_ms is over. get_psk_info is called again. */
    uint32_t alert_grace_ms;
    /* Whether the peer's close_notify closes only the peer's direction (RFC 8446 section 6.1).
     *   false  close_notify is answered at once and ends the association.
     *   true   DTLS_EVENT_HALF_CLOSED is fired; we can send until dtls_close(). In 1.2, where RFC
     *          5246 section 7.2.1 demands an immediate close, this needs a peer that answers
     *          heartbeats: their responses show that the peer still waits.
     * Default false. */
    bool half_close;
    /* After dtls_close(), if the peer supports heartbeats and has sent no close_notify: the
     * association ends when the peer has been silent for this time. Default 30000. */
    uint32_t closing_ms;
    /* The association ends when no authentic record has come from the peer for this time:
     * DTLS_EVENT_TIMEOUT with DTLS_ERR_IDLE. 0: never. Default 0. */
    uint32_t idle_ms;
    /* Server: how long a secret is used to make cookies, 1 or more. Cookies that were made with the
     * secret before it are still accepted. Default 60000. */
    uint32_t cookie_ms;

    /* ---- limits ---- */

    /* The number of connected peers, 1 or more. At the limit dtls_connect() fails. When another
     * client authenticates at the limit, the library looks for the identity with the most connected
     * clients. Of these clients, the one that has been silent longest ends with DTLS_EVENT_FAILED
     * and DTLS_ERR_PEER_LIMIT. Default 1024. */
    size_t max_peers;
    /* Server: the number of handshakes in progress, 1 or more, in addition to max_peers. They are
     * counted by network: an address of IPv4, or a /64 of IPv6. When another handshake begins at
     * the limit, one ends with DTLS_EVENT_FAILED and DTLS_ERR_PEER_LIMIT: the oldest one of the
     * network that has most. While more than half of the limit is in use, a network that has at
     * least its share (the limit, divided by the number of networks) replaces its own oldest one.
     * A handshake is safe from others of its own network, and of networks that have no more, for
     * a second. A ClientHello that can replace none is dropped, and the client retransmits
     * it. In 1.3 a valid binder authenticates the client: such handshakes are counted apart, and
     * the others cannot use up more than half of the limit while these need the rest.
     * Default 4096. */
    size_t max_half_open;

    /* ---- to test how a peer copes with what RFCs permit, but few implementations send ---- */

    /* The most body bytes of a handshake message in one fragment that we send, 1..16384. Each
     * fragment is a record of its own; a datagram may have several. It applies to the messages of
     * the handshake, ClientHello included, and to those after it. A server that demands a cookie may
     * ignore a ClientHello whose first fragment ends before the cookie. A HelloVerifyRequest and a
     * HelloRetryRequest are sent whole, because the server stores no record numbers for several
     * records. With a small value a server demands a cookie also with DTLS_COOKIE_OFF, because of
     * the headers. 1.3: of a message in more than 16 fragments, an ACK of this library lists the
     * last 16 (RFC 9147 section 7). 0: a message is fragmented only if it does not fit a datagram.
     * Source: RFC 6347 section 4.2.3, RFC 9147 section 5.5. Default 0. */
    size_t fragment;
    /* Whether each transmission of a handshake flight, or of a message after the handshake, is sent
     * twice, as a retransmission that follows at once: with new record numbers. The second copy is
     * not sent if an address that is not validated would get too much (see dtls_cookie_t), nor to
     * an address that is being checked because the peer may have moved there. A HelloVerifyRequest
     * and a HelloRetryRequest are sent once. A flight does not measure the round trip, because its
     * response does not tell which copy it answers. Source: RFC 6347 section 4.2.4, RFC 9147 section
     * 5.8. Default false. */
    bool repeat_flight;
    /* Whether to send GREASE values (RFC 8701), which a peer must ignore. Client: in the lists of
     * cipher suites, groups, versions (1.3) and PSK modes (1.3), as a key share of one byte (1.3),
     * and as two extensions. Server: in 1.3, as an extension of a NewSessionTicket. The values are
     * random. Those in a client's second ClientHello are those in the first, except that a
     * HelloRetryRequest for another group removes the key share (RFC 8446 section 4.1.2). A
     * ClientHello is at most 50 bytes longer with them, so DTLS 1.3 is left out of it earlier (see
     * only_version). Default false. */
    bool grease;
    /* Client: the least length in bytes of the body of the first ClientHello, 1..16384: the message
     * without its handshake header, as the length field of that header counts it. If it is shorter,
     * it has the padding extension (RFC 7685), which takes at least 4 bytes. A later ClientHello of
     * the same handshake has the same padding. A ClientHello that then exceeds config.mtu is sent in
     * fragments, which a server may ignore; see DTLS_HELLO_POOL_LENGTH for servers of this library.
     * 0: no padding. Default 0. */
    size_t client_hello_padding;
    /* Whether each record is sent in a datagram of its own. Without it, the records of a flight share
     * datagrams. Source: RFC 6347 section 4.1.1, RFC 9147 section 4.3. Default false. */
    bool record_per_datagram;
} dtls_config_t;

/* Sets all fields of *config to their defaults. Call this even if you then set every field: later
 * versions may add fields. */
void dtls_config_init(dtls_config_t *config);

/* Creates a context with the default configuration. dtls_get_app_data() returns app, which may be
 * NULL. Returns the context, or NULL if memory, randomness or libcrypto fails. */
dtls_context_t *dtls_new_context(void *app);

/* Creates a context as dtls_new_context() does, with the configuration *config. The configuration
 * is copied. Returns the context, or NULL for a reason of dtls_new_context() or one of these:
 *   - A hook that must not be NULL is NULL.
 *   - A number is out of the range stated at its field.
 *   - An array is NULL, but its length is not 0.
 *   - suites or groups has a number that dtls_suite_name() or dtls_group_name() does not know.
 *   - only_version, key_exchange, groups and psk_sha384 together exclude every cipher suite.
 * The result does not tell the reason. Check input of users by these rules before the call. */
dtls_context_t *dtls_new_context_config(void *app, const dtls_config_t *config);

/* Returns the pointer of the application that belongs to the context. */
void *dtls_get_app_data(dtls_context_t *ctx);
/* Sets the pointer of the application that belongs to the context. The library does not read what
 * app points to. */
void dtls_set_app_data(dtls_context_t *ctx, void *app);

/* Does nothing. Programs for tinydtls call it first. */
void dtls_init(void);

/* Stops libcrypto in this process from reading openssl.cnf, which saves a fifth of the start-up
 * time. Call this before anything else that uses libcrypto. Do not call it in a program that needs
 * openssl.cnf: a system may choose FIPS mode or a provider there. */
void dtls_skip_configuration(void);

/* ==== 4. Callbacks and events ============================================================= */

/* Events: the event callback is passed level DTLS_ALERT_LEVEL_NONE and one of these codes. The
 * table of events at the end of this file tells what to do in each.
 *
 * The event callback is also passed each alert that the peer sends: its level and, as code, its
 * description. If an alert ends the association, the end event follows.
 *
 * Every association that began with CONNECT ends with exactly one of CLOSED, FAILED and TIMEOUT.
 * Only dtls_abort(), dtls_reset_peer() and dtls_free_context() end one without an event. Inside
 * the end event dtls_get_info() tells why the association ended. After the event the peer no
 * longer exists. A server that refuses a ClientHello before CONNECT fires no event: it calls the
 * hook config.refused.
 *
 * CLOSED has three causes:
 *   - The peer sent close_notify: info.alert_received is true. This is a clean close.
 *   - dtls_close(), and the peer did not answer: info.alert_received is false.
 *   - dtls_close() before CONNECTED, which cancels the handshake: info.alert_received is false. */
#define DTLS_EVENT_CONNECT 0x01DC      /* a handshake has started; no data can be sent yet */
#define DTLS_EVENT_CONNECTED 0x01DE    /* the handshake is complete; data can be sent */
#define DTLS_EVENT_RENEGOTIATE 0x01DF  /* 1.2: the library refused the peer's renegotiation */
#define DTLS_EVENT_CLOSED 0x01E0       /* end: closed by the peer or by dtls_close() */
#define DTLS_EVENT_FAILED 0x01E1       /* end: info.error tells why */
#define DTLS_EVENT_TIMEOUT 0x01E2      /* end: a time limit was reached; info.error tells which */
#define DTLS_EVENT_MOVED 0x01E3        /* the peer has moved to info.address */
#define DTLS_EVENT_HEARTBEAT 0x01E4    /* the peer answered dtls_heartbeat() */
#define DTLS_EVENT_MTU 0x01E5          /* dtls_probe_mtu() has ended; info.mtu has the result */
#define DTLS_EVENT_KEYS_UPDATED 0x01E6 /* 1.3: the peer acknowledged our KeyUpdate */
#define DTLS_EVENT_HALF_CLOSED 0x01E7  /* the peer sends no more data (config.half_close) */
#define DTLS_EVENT_UNVERIFIED 0x01E9   /* the peer may have moved to info.address */

/* What get_psk_info has to provide. */
typedef enum {
    DTLS_PSK_HINT,     /* 1.2 server: the identity hint to send; desc is empty */
    DTLS_PSK_IDENTITY, /* client: our identity; desc is the server's hint, or empty */
    DTLS_PSK_KEY       /* client and server: the key of the identity in desc */
} dtls_credentials_type_t;

/* The handshake parameters for one peer. The library fills them in from the configuration, then
 * get_user_parameters may change them. */
#define DTLS_MAX_CIPHER_SUITES 32
typedef struct dtls_user_parameters_t {
    unsigned force_extended_master_secret : 1; /* 1.2: fail without extended_master_secret */
    unsigned force_renegotiation_info : 1;     /* 1.2: fail without renegotiation_info (RFC 5746) */
    /* IANA numbers of cipher suites, best first; a 0 ends the list. The library ignores suites that
     * the configuration excludes. If it excludes every suite in the list, no handshake with the peer
     * starts. */
    uint16_t cipher_suites[DTLS_MAX_CIPHER_SUITES + 1];
} dtls_user_parameters_t;

/* The callbacks. The library does not call a callback that is NULL:
 *   write         mandatory. Without it nothing is sent.
 *   get_psk_info  mandatory. Without it every handshake fails.
 *   read          without it received data is lost.
 *   event         without it the application does not learn when an association begins or ends.
 *   get_user_parameters  without it all peers are treated alike.
 *   write_batch   without it dtls_peer_write_batch() calls write for each datagram.
 * Other notifications are hooks of the configuration: refused, ticket, log, trace, keylog. */
typedef struct {
    /* Sends one datagram of len bytes to *session, as sendto() does. Returns len, or a negative
     * value if it could not send the datagram.
     *
     * Do not wait in this callback: on EAGAIN return -1. A failure ends no association; the
     * library counts it (stats.write_failed). Handshake messages are retransmitted by the timer.
     * dtls_write() returns -DTLS_ERR_WRITE.
     *
     * The callback may call dtls_handle_message(). The library copies the datagram of that call,
     * and processes it before the application's outermost call into the library returns. */
    int (*write)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);

    /* Receives the data of one authentic record. len may be 0. The callback may change data. Its
     * result is ignored.
     *
     * A record is a message: DTLS neither joins nor splits what the peer wrote. Records come in
     * the order of arrival. A lost record is not sent again. All data comes after
     * DTLS_EVENT_CONNECTED, except early data of a client (1.3). dtls_write() cannot reply to early
     * data before CONNECTED. */
    int (*read)(struct dtls_context_t *ctx, session_t *session, uint8 *data, size_t len);

    /* Receives an event or an alert of the peer: see the start of this section. Its result is
     * ignored. */
    int (*event)(struct dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                 unsigned short code);

    /* May change *parameters for one peer. The library calls it when dtls_connect() starts, and
     * for each ClientHello, also from addresses that may be spoofed. While a handshake is in
     * progress the callback must give the same parameters for the same address. */
    void (*get_user_parameters)(struct dtls_context_t *ctx, session_t *session,
                                dtls_user_parameters_t *parameters);

    /* Writes to result the hint, the identity or the key, as type asks, and returns its length in
     * bytes. result has room for result_length bytes: DTLS_MAX_PSK for a key, DTLS_MAX_IDENTITY for
     * a hint or an identity. Hints and identities may contain any bytes, and have no final 0. desc
     * has desc_len bytes: see dtls_credentials_type_t.
     *
     * If it has no value to give, it returns:
     *   HINT      0 or a negative value: no hint is sent.
     *   IDENTITY  a negative value: the handshake fails with DTLS_ERR_NO_CREDENTIALS. 0 is an empty
     *             identity, which only 1.2 can use.
     *   KEY       0 or a negative value: a client fails with DTLS_ERR_NO_CREDENTIALS, a server with
     *             DTLS_ERR_UNKNOWN_IDENTITY.
     * By convention the negative value is dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR). The
     * alert in that value is not sent. A server answers an unknown identity with the same alert as
     * a wrong key, so that an attacker cannot find out which identities exist (RFC 4279 section
     * 2).
     *
     * A key should be at least 16 random bytes (RFC 9257 section 6). An attacker can guess a
     * password: from one recorded handshake, or with ECDHE or DHE by one active attack.
     *
     * When the callback is called:
     *   - A client of 1.3, or of both versions, is asked for identity and key inside
     *     dtls_connect(), without a hint. If the server then chooses 1.2, the client is asked for
     *     the key again, and for the identity again if the server sends a hint.
     *   - A client of 1.2 is asked when the server has sent its flight, with or without a hint.
     *   - A client is asked inside dtls_resume() for the key of the identity of a session of 1.2.
     *   - A server is asked for the key of every client, even of one that resumes a session. The
     *     session is resumed only if its key is still the same. A server of 1.3 is asked for the
     *     keys of at most DTLS_MAX_OFFERED_PSKS identities in a ClientHello, until one has a key.
     *   - dtls_recheck_keys() asks for the key of each association. */
    union {
        int (*get_psk_info)(struct dtls_context_t *ctx, const session_t *session,
                            dtls_credentials_type_t type, const unsigned char *desc,
                            size_t desc_len, unsigned char *result, size_t result_length);
        /* The older name of get_psk_info. */
        int (*get_psk_key)(struct dtls_context_t *ctx, const session_t *session,
                           dtls_credentials_type_t type, const unsigned char *desc, size_t desc_len,
                           unsigned char *result, size_t result_length);
    };

    /* Sends several datagrams to *session, when the application calls dtls_peer_write_batch(). The
     * datagrams are stored back to back in length bytes: at most 64 datagrams, and at most 65507
     * bytes. Each has segment bytes; only the last may be shorter. sendmsg() with UDP_SEGMENT sends
     * datagrams of this form in one call.
     *
     * Returns length if it has sent all datagrams. If it could send only the first ones, returns
     * their total length. If it could send none, returns a negative value. The rules of the write
     * callback apply. If this callback is NULL, each datagram is passed to the write callback. */
    int (*write_batch)(struct dtls_context_t *ctx, session_t *session, uint8 *datagrams,
                       size_t length, size_t segment);
} dtls_handler_t;

/* Sets the callbacks. The library copies *handler. NULL removes all callbacks. The application may
 * call it again at any time. */
void dtls_set_handler(dtls_context_t *ctx, const dtls_handler_t *handler);

/* ==== 5. Connecting and accepting ========================================================= */

/* Starts a handshake as client with the server at *session, which is copied. Before it returns, it
 * fires DTLS_EVENT_CONNECT and sends a ClientHello. Later DTLS_EVENT_CONNECTED is fired if the
 * handshake succeeds: from then on data can be sent. Otherwise an end event is fired.
 *
 * Returns:
 *   > 0  A handshake has started. If the write callback could not send the ClientHello, the timer
 *        sends it again.
 *   0    An association with that peer exists already, in a handshake or connected.
 *   -DTLS_ERR_ARGUMENT  also if the address family is neither AF_INET nor AF_INET6.
 *   -DTLS_ERR_STATE  inside the end event of that peer. Call it again when the callback has
 *        returned.
 *   -DTLS_ERR_TOO_LONG  1.3: the identity does not fit a ClientHello.
 *   -DTLS_ERR_PEER_LIMIT, -DTLS_ERR_NO_CIPHER_SUITE, -DTLS_ERR_NO_CREDENTIALS, -DTLS_ERR_MEMORY,
 *   -DTLS_ERR_CRYPTO.
 * If CONNECT was fired before an error, DTLS_EVENT_FAILED was fired too.
 *
 * A server has no call for this. A context whose config.accept is true creates an association when
 * a client has sent a ClientHello, with a cookie where config.cookie demands one. It then fires
 * DTLS_EVENT_CONNECT.
 *
 * A client may start a new handshake from an address that has an association, for example after a
 * reboot. When the client has proved that it has the key, the new association replaces the old one
 * (RFC 6347 section 4.2.8): DTLS_EVENT_FAILED with DTLS_ERR_REPLACED, then CONNECT and
 * CONNECTED. */
int dtls_connect(dtls_context_t *ctx, const session_t *session);

/* Client: sets two time limits of the handshake in progress, in place of config.handshake_ms. The
 * handshake ends with DTLS_EVENT_TIMEOUT if nothing at all has come from the server within
 * silent_ms, or if the handshake is not complete within total_ms. Both times are in ms, 1 or more,
 * and count from now. Call this after dtls_connect().
 * Returns 0, -DTLS_ERR_ARGUMENT, or -DTLS_ERR_STATE if no client handshake is in progress. */
int dtls_set_limits(dtls_context_t *ctx, const session_t *session, uint32_t silent_ms,
                    uint32_t total_ms);

/* ==== 6. Sending and receiving ============================================================ */

/* Processes one datagram that was received from *session. message is the whole UDP payload, length
 * bytes, and is decrypted in place. Callbacks run before it returns.
 *
 * Call this for every datagram, also from unknown addresses. A datagram that belongs to no peer and
 * starts no handshake is counted and discarded. Ignore errors of recvfrom() such as ECONNREFUSED:
 * an attacker can cause them. The timers notice a peer that is gone.
 *
 * Returns dtls_alert_fatal_create(alert) if the association with that address has failed; alert is
 * the alert that we sent or received. Otherwise returns 0, also for a discarded datagram and for a
 * close. An application may ignore the result: the end event tells the same and more.
 *
 * Inside the write callback this function only copies the datagram, which is processed later. At
 * most 64 such datagrams are stored; further ones are discarded. */
int dtls_handle_message(dtls_context_t *ctx, session_t *session, uint8 *message, int length);

/* Processes several datagrams that were received from *session, as dtls_handle_message() does one
 * after the other, but looks up the peer only once. The datagrams are stored back to back in length
 * bytes. Each has segment bytes; only the last may be shorter. recvmsg() with UDP_GRO returns
 * datagrams in this form. For a single datagram segment is equal to length.
 *
 * Returns the last value other than 0 that dtls_handle_message() would have returned, otherwise 0.
 * Returns -DTLS_ERR_ARGUMENT if segment is 0 and length is not, or if a pointer is NULL. */
int dtls_handle_batch(dtls_context_t *ctx, session_t *session, uint8 *datagrams, size_t length,
                      size_t segment);

/* Fetches into the CPU cache what the next datagrams of several peers need. With thousands of peers
 * this is in main memory, where fetching it for all of them at the same time takes about half as
 * long. If recvmmsg() has returned datagrams of different peers, call this with their addresses
 * before the first call of dtls_handle_message(). Addresses without a peer do no harm. Of more than
 * DTLS_PREFETCH_MAX addresses only the first ones are used: a CPU cache holds no more.
 *
 * This only makes the next calls faster, and changes nothing else. */
#define DTLS_PREFETCH_MAX 16
void dtls_prefetch(const dtls_context_t *ctx, const session_t *const sessions[], size_t count);
/* Does the same for the next records to several peers. Call it before dtls_peer_write() to each of
 * them. A pointer may be NULL. */
void dtls_prefetch_peers(dtls_peer_t *const peers[], size_t count);

/* Sends length bytes of data, 0 or more, as one record in one datagram.
 *
 * Returns:
 *   length  The write callback has accepted the datagram, which may still be lost on the way.
 *   0       Nothing was sent (unless length is 0): a handshake is in progress. If there was no
 *           association, the call has started a handshake as dtls_connect() does. Send the data
 *           again after CONNECTED.
 *   -DTLS_ERR_TOO_LONG   length is more than dtls_max_payload().
 *   -DTLS_ERR_WRITE      The write callback failed, for example on EAGAIN.
 *   -DTLS_ERR_STATE      dtls_close() was called before.
 *   -DTLS_ERR_KEY_LIMIT  The association has ended, with an event.
 *   -DTLS_ERR_MEMORY, -DTLS_ERR_CRYPTO, or an error of dtls_connect().
 * Only -DTLS_ERR_KEY_LIMIT ends the association. With any negative result nothing was sent.
 *
 * The library does not queue data and does not limit the sending rate. After -DTLS_ERR_WRITE wait
 * until the socket is writable (POLLOUT), and write the same data again. A sender that is faster
 * than the path or the peer loses datagrams. An application that sends much data needs its own flow
 * control. The response to dtls_heartbeat() can tell the application what the peer has received. */
int dtls_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);

/* Sends the count buffers of data as one record, as dtls_write() does. data[i] has length[i] bytes,
 * and may be NULL if length[i] is 0. Returns what dtls_write() returns; on success the sum of the
 * lengths. */
int dtls_writev(dtls_context_t *ctx, session_t *session, uint8 *const data[], const size_t length[],
                size_t count);

/* Returns the largest length that dtls_write() accepts now, at most 16384. That length depends on
 * the MTU, the cipher suite, the peer's connection ID and the peer's limits. During a handshake it
 * returns what dtls_write_early() accepts. Returns 0 if no data can be sent. */
size_t dtls_max_payload(dtls_context_t *ctx, const session_t *session);

/* Sends data as dtls_write() does to the address of the peer, without a look-up by address: see
 * section 10 for the lifetime of the pointer. Where dtls_write() would start a handshake, it
 * returns -DTLS_ERR_STATE. */
int dtls_peer_write(dtls_peer_t *peer, const uint8 *data, size_t length);

/* Cuts length bytes of data, 1 or more, into pieces of `piece` bytes, of which the last may be
 * shorter. Sends each piece as one record in one datagram, as dtls_write() does. The datagrams are
 * passed to the write_batch callback together: in one call, or in several if there are more than 64
 * datagrams or 65507 bytes, or if the keys are updated in between.
 *
 * If ping is not NULL, the batch ends with a HeartbeatRequest like that of dtls_ping(). ping is its
 * payload, ping_length bytes. The request is a second record in the last datagram. If that datagram
 * would then be longer than the others or than the MTU, or with config.record_per_datagram, the
 * request is sent in a datagram of its own.
 *
 * Returns:
 *   length  The callback has accepted all data. A HeartbeatRequest in a datagram of its own may
 *           have failed, as if the datagram were lost.
 *   less    The callback has accepted only the first datagrams. The result is the length of the
 *            data in them. The HeartbeatRequest was not sent. When the socket is writable
 *            (POLLOUT), send the rest of the data.
 *   0       Nothing was sent: a handshake is in progress.
 *   -DTLS_ERR_TOO_LONG   A piece has more bytes than dtls_max_payload(), or ping_length is too
 *                        large for the peer's record_size_limit.
 *   -DTLS_ERR_STATE      dtls_close() was called, or ping is not NULL and the peer does not answer
 *                        heartbeats.
 *   Other errors as dtls_write(), if they concern the first datagram. */
int dtls_peer_write_batch(dtls_peer_t *peer, const uint8 *data, size_t length, size_t piece,
                          const uint8 *ping, size_t ping_length);

/* Returns what dtls_max_payload() returns for the address of the peer. */
size_t dtls_peer_max_payload(const dtls_peer_t *peer);

/* Sets the largest UDP payload to send to one peer, 256..65507 bytes. It may be called in any state
 * of the association. Returns 0, -DTLS_ERR_ARGUMENT or -DTLS_ERR_STATE. */
int dtls_set_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);

/* ==== 7. Timers =========================================================================== */

/* Returns the time until the next timer is due, in ms, as poll() expects it: 0 if a timer is due
 * now, -1 if no timer runs. An idle association may have no timer. Any other call may change the
 * result, so call it before each wait. An application with timers of its own waits for the shortest
 * of these times. */
int dtls_next_timeout(dtls_context_t *ctx);

/* Runs the timers that are due: retransmissions, time limits, delayed ACKs, expired keys. A call
 * when no timer is due does no harm. If next is not NULL, *next is set to the instant of the next
 * timer, on the clock config.clock; 0 means that no timer runs.
 *
 * Other functions that may send also run due timers before they return. So a program that never
 * calls this function works, but its timers run late when it makes no other calls. */
void dtls_check_retransmit(dtls_context_t *ctx, dtls_tick_t *next);

/* Sets *now to the time of the default config.clock. The application can compare it with *next of
 * dtls_check_retransmit(). */
void dtls_ticks(dtls_tick_t *now);

/* Changes config.timer_ms, 1..config.timer_max_ms, for an application that has measured the round
 * trip itself. Running timers change in proportion. config.timer_min_ms is lowered to timer_ms if
 * it was larger. Returns 0 or -DTLS_ERR_ARGUMENT. */
int dtls_set_timer(dtls_context_t *ctx, uint32_t timer_ms);

/* ==== 8. Keys and sessions ================================================================ */

/* Starts a handshake as client, as dtls_connect() does, and offers to resume an earlier session
 * with the same server.
 *   state, length  what config.ticket was passed; NULL and 0 for none
 *   age_ms         the time since config.ticket was called
 *
 * The number of round trips from the ClientHello to CONNECTED: "3 and 2" means 3 for a full and 2
 * for a resumed handshake. The columns are the values of the server's config.cookie. AUTO is shown
 * without a cookie, except where AUTO always demands one: of a client that resumes in 1.2.
 *           ON       OFF      AUTO
 *     1.2   3 and 2  2 and 1  2 and 2
 *     1.3   2 and 1  1 and 1  1 and 1
 * 1.3 and ON: a resumed handshake takes 2, too, if the client's IP address has changed.
 * A resumed handshake also needs fewer computations in 1.2, and can send early data in 1.3.
 *
 * If the state is damaged, too old, refused by the server or excluded by this configuration, or if it
 * comes from another key or identity than get_psk_info now returns, a full handshake takes place,
 * and info.resumed is false. A client of both versions offers both; a server
 * that chooses 1.3 does not accept a state of 1.2.
 *
 * Returns what dtls_connect() returns. Source: RFC 8446 section 2.2, RFC 5077. */
int dtls_resume(dtls_context_t *ctx, const session_t *session, const uint8_t *state, size_t length,
                uint64_t age_ms);

/* Ends each association whose key get_psk_info no longer returns for its identity. Call this when
 * keys were changed or removed. Asks for the key of each association, which takes time in proportion
 * to their number.
 *
 * A connected peer is sent the fatal alert access_denied, and nothing that it sends is delivered any
 * more. The event is DTLS_EVENT_FAILED with DTLS_ERR_KEY_CHANGED. A handshake in progress ends in the
 * same way, but without an alert. Without this call a changed key applies to new handshakes and resumptions
 * only. */
void dtls_recheck_keys(dtls_context_t *ctx);

/* Server: sets the secrets from which the keys of cookies and tickets are derived. Servers with the
 * same secrets accept each other's cookies and tickets: a client whose second ClientHello arrives
 * at another server continues there, and a client can resume its session at any of them. Without
 * this call a context has random secrets of its own, which it changes by itself.
 *   secrets, count  count secrets of DTLS_SECRET random bytes each, 1..DTLS_MAX_SECRETS of them.
 *                   The context copies them. It makes cookies and tickets with the first secret,
 *                   and accepts cookies and tickets of all these secrets
 *
 * Call this before the first datagram, and again whenever the secrets change. To change the secret
 * of several servers without an interruption, first add the new secret to each as the last one.
 * Then make it the first one of each. After two hours no ticket of the old secret is valid any
 * more, so remove it. A secret that leaks must be removed at once from each server: with it an
 * attacker can decrypt the recorded DTLS 1.2 sessions that were given a ticket, and the sessions of
 * DTLS 1.3 that were resumed by psk_ke.
 *
 * After this call some rules differ:
 *   - config.wall_clock decides whether a ticket or cookie is still valid. The clocks of the
 *     servers must differ by less than config.cookie_ms, which must be the same everywhere.
 *   - Early data is refused: no ticket permits it, and all of it is rejected. A server cannot know
 *     whether another one has accepted the same early data (RFC 8446 section 8). config.early_data
 *     still applies to this context as a client.
 *   - A ticket that another server has issued is not consumed here, so it can be used more than
 *     once. After a fatal alert the other servers still accept the ticket of that association.
 *   - A DTLS 1.2 session that is cached for resumption by session ID stays with its server.
 *
 * Returns 0, -DTLS_ERR_ARGUMENT, or -DTLS_ERR_CRYPTO; on failure the secrets do not change.
 * Source: cookies, RFC 9147 section 5.1; tickets, RFC 5077 section 4. The keys are derived by
 * HKDF-Expand-Label with SHA-256 (RFC 5869, RFC 8446 section 7.1). */
int dtls_set_secrets(dtls_context_t *ctx, const uint8_t *secrets, size_t count);

/* 1.3 client: sends length bytes of data as one record of early data, which is sent before the
 * server has responded (RFC 8446 section 2.3). Call this after dtls_resume() and before CONNECTED.
 * config.early_data and the ticket limit the total of bytes.
 *
 * Early data has less protection. It has no forward secrecy. An attacker can replay it to a server
 * that does not prevent replay; servers of this library do.
 *
 * Returns:
 *   length  The write callback has accepted the datagram.
 *   0       Early data is not possible, or its limit is reached.
 *   -DTLS_ERR_TOO_LONG, -DTLS_ERR_WRITE  as dtls_write().
 *   -DTLS_ERR_STATE.
 * After CONNECTED, info.early_data tells whether the server accepted early data. If not, the data
 * is lost, and the application sends it again by dtls_write(). */
int dtls_write_early(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length);

/* 1.3: changes the keys with which we send (RFC 9147 section 8). If request is true, also asks the
 * peer to change the keys with which the peer sends. The library changes our keys without a call
 * after config.rekey_after records. The new keys are in use when the peer has acknowledged the
 * KeyUpdate; then DTLS_EVENT_KEYS_UPDATED is fired. Until then data is sent with the old keys.
 *
 * Returns:
 *   0   The KeyUpdate was sent.
 *   1   The KeyUpdate will be sent when the peer has acknowledged an earlier message of ours: a
 *       KeyUpdate, ticket or connection ID message.
 *   -DTLS_ERR_STATE      The version is 1.2, or the peer is not connected.
 *   -DTLS_ERR_KEY_LIMIT  Our keys were changed 65535 times, which is the limit. Data can be sent
 *                        until the last keys are used up; then the association ends with
 *                        DTLS_ERR_KEY_LIMIT.
 * Any other error has ended the association. */
int dtls_update_keys(dtls_context_t *ctx, const session_t *session, bool request);

/* Derives keying material that both sides can compute, for use outside of the association.
 *   label    a string of at most 248 bytes that names the purpose
 *   context  context_length bytes, 0..1024. NULL means no context, which in 1.2 gives other
 *            material than an empty context
 *   out      receives length bytes, 0..4096
 *
 * Returns:
 *   0   out is filled in.
 *   -DTLS_ERR_ARGUMENT  A length is out of range, or the handshake itself uses the label.
 *   -DTLS_ERR_STATE     The peer is not connected, or the version is 1.2 without extended master
 *                       secret (RFC 7627 section 5.4).
 *   -DTLS_ERR_CRYPTO.
 * Source: RFC 5705, RFC 8446 section 7.5. */
int dtls_export(dtls_context_t *ctx, const session_t *session, const char *label,
                const uint8_t *context, size_t context_length, uint8_t *out, size_t length);

/* ==== 9. Connection IDs and paths ========================================================= */

/* With connection IDs an association survives a change of the peer's address. Both sides set
 * config.use_cid. The side whose peer may move also sets config.cid_length above 0.
 *
 * When a record comes from another address, the library verifies that the peer receives there.
 * Until then the library sends to the old address, so a reply may be lost. The application repeats
 * what was not answered. After the verification DTLS_EVENT_MOVED is fired: *session is the old
 * name, and info.address is the new one. When the callback has returned, info.address is the
 * peer's name.
 *
 * The side that moves needs no call: its write callback may send from another socket at any
 * time. */

/* 1.3: gives the peer a new connection ID, which the peer uses at once (RFC 9147 section 9). If no
 * new ID can be made, because memory is lacking or all short IDs are in use, the old ID stays in
 * use, and the result is 0.
 * Returns:
 *   0
 *   -DTLS_ERR_STATE      The version is 1.2, the peer is not connected, or the peer uses no
 *                        connection ID of ours.
 *   -DTLS_ERR_KEY_LIMIT  All message numbers are used up.
 * Any other error has ended the association. */
int dtls_new_cid(dtls_context_t *ctx, const session_t *session);

/* 1.3: asks the peer for count spare connection IDs, 1..255. The peer may give fewer; the library
 * stores at most two. When the peer moves, the library uses a spare ID, so that observers cannot
 * link the two paths.
 * Returns what dtls_new_cid() returns. -DTLS_ERR_STATE here means that the version is 1.2, the peer
 * is not connected, or the peer has given us no connection ID. */
int dtls_request_cids(dtls_context_t *ctx, const session_t *session, unsigned count);

/* Sends a HeartbeatRequest with length bytes of payload, 0..1024 (RFC 6520). The library repeats
 * the request until the peer responds; then DTLS_EVENT_HEARTBEAT is fired. The response shows that
 * the peer has processed what arrived before the request. There is no time limit, since a peer may
 * delay its response; info.silent_ms tells whether the peer is alive. Only one heartbeat at a time
 * is possible: a further call replaces the request, whose response is then ignored. RFC 6520
 * section 3 permits that when the application regards the earlier request as lost.
 *
 * Returns:
 *   0
 *   -DTLS_ERR_STATE     The peer is not connected or does not answer heartbeats (info.heartbeat is
 *                       false), or dtls_probe_mtu() is in progress.
 *   -DTLS_ERR_TOO_LONG  The peer's record_size_limit is too small.
 *   -DTLS_ERR_MEMORY, -DTLS_ERR_CRYPTO. */
int dtls_heartbeat(dtls_context_t *ctx, const session_t *session, const uint8_t *payload,
                   size_t length);

/* Sends one HeartbeatRequest with length bytes of payload, 0..1024. The library does not repeat the
 * request, and fires no event for the response: see config.heartbeat_received. The request is
 * padded, so a peer that uses this library responds at once, even if its application has called
 * dtls_hold_heartbeats(). This request may be sent while dtls_heartbeat() or dtls_probe_mtu()
 * is in progress, and after dtls_close() until the end event. Returns 0, -DTLS_ERR_STATE if the
 * peer is not connected or does not answer heartbeats, -DTLS_ERR_TOO_LONG or -DTLS_ERR_CRYPTO. */
int dtls_ping(dtls_context_t *ctx, const session_t *session, const uint8_t *payload, size_t length);

/* These two functions are dtls_heartbeat() and dtls_ping() without a look-up by address: see
 * section 10 for the lifetime of the pointer. */
int dtls_peer_heartbeat(dtls_peer_t *peer, const uint8_t *payload, size_t length);
int dtls_peer_ping(dtls_peer_t *peer, const uint8_t *payload, size_t length);

/* Tests whether the path carries a UDP payload of mtu bytes, 256..65507. The library sends a
 * HeartbeatRequest that is padded to that size, at most three times. DTLS_EVENT_MTU is fired when
 * the peer has responded, or when no response has come to the last request. If the peer responded,
 * info.mtu is mtu from then on; otherwise info.mtu does not change. Until this event data can be
 * sent, but no other heartbeat except dtls_ping().
 *
 * The socket must not fragment: set IP_MTU_DISCOVER to IP_PMTUDISC_PROBE or IP_PMTUDISC_DO.
 * Returns what dtls_heartbeat() returns. */
int dtls_probe_mtu(dtls_context_t *ctx, const session_t *session, size_t mtu);

/* Delays the responses to HeartbeatRequests of the peer. With hold true the library sends no
 * response. With hold false it responds to the latest request, and to further ones at once. Padded
 * requests, which test the path, are always answered at once.
 *
 * A receiver that responds only after it has processed earlier data can thereby limit a sender to
 * the receiver's speed. Returns 0, -DTLS_ERR_STATE, or another error if the response could not be
 * sent. */
int dtls_hold_heartbeats(dtls_context_t *ctx, const session_t *session, bool hold);

/* ==== 10. Information, statistics, trace ================================================== */

/* Returns the peer at that address, or NULL if there is none. The pointer is valid until the peer's
 * end event has returned, or until dtls_abort() or dtls_reset_peer(). It stays valid when the
 * peer moves, and when a new association replaces the old one (DTLS_ERR_REPLACED). */
dtls_peer_t *dtls_get_peer(const dtls_context_t *ctx, const session_t *session);

/* Returns the peer that the running callback is about. A callback that calls this function needs
 * no look-up by address. The callbacks are write, write_batch, read, event, and
 * config.heartbeat_received. Returns NULL outside of these callbacks. Returns NULL in write if the
 * datagram is not for a peer, for example if it has the cookie for a new client. */
dtls_peer_t *dtls_callback_peer(const dtls_context_t *ctx);

typedef struct dtls_message_t dtls_message_t;

/* Server: returns the ClientHello that is being processed while the callback runs, for
 * dtls_decode_message(). The callbacks are config.refused, and the event DTLS_EVENT_FAILED of a
 * handshake that ends with its ClientHello: what the client offers explains the error. The pointer
 * is valid until the callback returns. Returns NULL if no ClientHello is being processed. */
const dtls_message_t *dtls_callback_hello(const dtls_context_t *ctx);

/* Returns the address of the peer. The pointer is valid as long as `peer` is: see dtls_get_peer().
 * When the peer moves, it points to the new address. */
const session_t *dtls_peer_session(const dtls_peer_t *peer);

/* Sets a pointer of the application that belongs to the peer, NULL at first. The library does not
 * read what data points to. Free it in the end event. After DTLS_ERR_REPLACED the new association
 * has the same peer and the same pointer: if you free what it points to, set it to NULL. */
void dtls_set_peer_data(dtls_peer_t *peer, void *data);
/* Returns the pointer that dtls_set_peer_data() has set. */
void *dtls_get_peer_data(const dtls_peer_t *peer);

/* What became of early data. */
typedef enum {
    DTLS_EARLY_NONE,     /* the client offered no early data */
    DTLS_EARLY_OFFERED,  /* client: offered, and the server has not answered yet */
    DTLS_EARLY_ACCEPTED, /* the server delivers the early data that it receives */
    DTLS_EARLY_REJECTED  /* the server discards the early data that it receives */
} dtls_early_t;

/* Client: whether the server has received a message from which it can tell that its key differs
 * from ours. The application can use it to explain an alert of the server. At DTLS_PROOF_NONE a
 * wrong key cannot be the cause. At DTLS_PROOF_OFFERED the cause may be the key, the suites or the
 * groups. At DTLS_PROOF_ASKED it is probably the key. */
typedef enum {
    DTLS_PROOF_NONE,    /* the server has received nothing that depends on the key */
    DTLS_PROOF_OFFERED, /* 1.3: the server has received our first binder (RFC 8446 4.2.11.2) */
    /* The server has received our Finished, or 1.3: our binder after its HelloRetryRequest. */
    DTLS_PROOF_ASKED
} dtls_proof_t;

/* The facts of one association. */
typedef struct {
    /* Our role is client. */
    bool client;
    /* The handshake is complete. Also true after dtls_close(). false in the end event. */
    bool connected;
    /* 1.2: extended master secret is in use. */
    bool ems;
    /* The client returned the server's cookie, which proved the client's address. */
    bool cookie;
    /* The association resumed an earlier session: by a ticket, or in 1.2 by a session ID. */
    bool resumed;
    /* What became of early data. */
    dtls_early_t early_data;
    /* The peer answers heartbeats. */
    bool heartbeat;
    /* A heartbeat message has come from the peer. */
    bool heartbeat_seen;
    /* The largest UDP payload that the library sends to the peer. */
    size_t mtu;
    /* The peer's address. It differs from the peer's name only in DTLS_EVENT_MOVED and
     * DTLS_EVENT_UNVERIFIED. */
    session_t address;
    /* The peer sent the alert in the field alert. false: we sent the alert, or there was none. */
    bool alert_received;
    /* The alert came in a protected record, so an attacker cannot have forged it. */
    bool alert_authenticated;
    /* At least one datagram has come from the peer's address. */
    bool received_any;
    /* Client, while the handshake is under way or after it has failed: what the server has shown to
     * know of our key. DTLS_PROOF_NONE once the handshake is complete. */
    dtls_proof_t proof;
    /* Records from the peer have a connection ID. */
    bool cid_in;
    /* Records to the peer have a connection ID. */
    bool cid_out;
    /* 0xfefd: DTLS 1.2, 0xfefc: DTLS 1.3, 0: not negotiated yet. */
    uint16_t version;
    /* The IANA number of the group of ECDHE or DHE. 0: the handshake had no such exchange, or the
     * server chose a prime without an IANA number. */
    uint16_t group;
    /* The IANA number of the cipher suite. 0: not negotiated yet. */
    uint16_t suite;
    /* The name of the cipher suite, "PSK-AES128-CCM8". NULL: not negotiated yet. */
    const char *suite_name;
    /* The client's identity, identity_length bytes without a final 0. Valid until the association
     * ends. */
    const uint8_t *identity;
    size_t identity_length;
    /* 1.2 client: the server's identity hint, hint_length bytes. Valid only during the
     * handshake. */
    const uint8_t *hint;
    size_t hint_length;
    /* The duration of the handshake in ms. 0 until it is complete. */
    uint32_t handshake_ms;
    /* Connected: ms since the last authentic record of the peer. A repeated flight of the handshake
     * does not count. */
    uint64_t silent_ms;
    /* Connected: ms since the peer last sent a HeartbeatResponse or an ACK. */
    uint64_t unanswered_ms;
    /* Connected: the number of HeartbeatRequests, and of messages that need an ACK, that we have
     * sent since the peer last sent a HeartbeatResponse or an ACK. */
    unsigned unanswered;
    /* In the end event: why the association ended. */
    dtls_error_t error;
    /* The alert that ended the association: see alert_received. Its name is
     * dtls_alert_name(alert). It is 0, which is close_notify, also if the association ended without
     * an alert, by a timer or by a dtls_close() that was not answered: alert_received tells the
     * difference. */
    unsigned alert;
} dtls_info_t;

/* Fills in *info. It also works inside the end event of the peer. Returns 0 or
 * -DTLS_ERR_STATE. */
int dtls_get_info(const dtls_context_t *ctx, const session_t *session, dtls_info_t *info);

/* Why the library discarded a record, a datagram or a handshake fragment. A discard changes a
 * counter and nothing else (RFC 6347 section 4.1.2.7, RFC 9147 section 4.5.2). */
typedef enum {
    DTLS_DROP_NOT_A_RECORD,    /* no record header, or an unknown content type */
    DTLS_DROP_TRUNCATED,       /* the record is longer than the rest of the datagram */
    DTLS_DROP_VERSION,         /* the version in the record header is not one of DTLS */
    DTLS_DROP_NO_PEER,         /* an unknown address, and not a ClientHello that we accept */
    DTLS_DROP_BAD_HELLO,       /* a ClientHello that cannot be parsed */
    DTLS_DROP_CID,             /* the connection ID is unknown or missing */
    DTLS_DROP_EPOCH,           /* the keys of the epoch have been deleted, or never existed */
    DTLS_DROP_TOO_EARLY,       /* the keys do not exist yet, and the record cannot be stored */
    DTLS_DROP_REPLAYED,        /* record number received before, or 256 or more below the highest */
    DTLS_DROP_BAD_MAC,         /* the record is forged or damaged, or the keys differ */
    DTLS_DROP_LENGTH,          /* the record is too short or too long, or lacks its content */
    DTLS_DROP_UNEXPECTED_TYPE, /* a content type that is not allowed at this point */
    DTLS_DROP_UNAUTHENTICATED, /* plaintext where only protected records are accepted */
    DTLS_DROP_BAD_FRAGMENT,    /* a handshake fragment that contradicts itself or others */
    DTLS_DROP_OLD_MESSAGE,     /* a handshake message that was processed before */
    DTLS_DROP_FAR_MESSAGE,     /* a handshake message too far ahead, or no room to store it */
    DTLS_DROP_LIMIT,           /* a limit of the configuration or of the library is reached */
    DTLS_DROP_AFTER_CLOSE,     /* data sent after the peer's close_notify */
    DTLS_DROP_COUNT            /* the number of reasons, not a reason itself */
} dtls_drop_t;

/* Counts of one association, or of a context for the datagrams that belong to no peer. */
typedef struct {
    /* Records of application data that the read callback received, and the bytes in them. */
    uint64_t records_in, bytes_in;
    /* Records of application data that were sent, and the bytes in them. */
    uint64_t records_out, bytes_out;
    /* Datagrams. Outgoing ones count if the write callback has sent them. */
    uint64_t datagrams_in, datagrams_out;
    /* Bytes of UDP payload in the datagrams that datagrams_in and datagrams_out count. */
    uint64_t octets_in, octets_out;
    /* Record numbers of the peer, below the highest received one, that have not arrived. Records of
     * any content type count: in 1.2 after the record that completed the handshake, in 1.3 under
     * the keys of application data. */
    uint64_t lost;
    /* How many different record numbers of the peer have arrived. Records count as in `lost`. */
    uint64_t arrived;
    /* Records that arrived after a record with a higher number. */
    uint64_t late;
    /* Authentic records of the peer that are larger than config.record_size_limit. The library
     * discards them, and does not count them in lost. */
    uint64_t too_long;
    /* The same as dropped[DTLS_DROP_REPLAYED]. */
    uint64_t replayed;
    /* Flights of ours that were sent again because a timer was due. */
    uint64_t timeouts;
    /* Flights of ours that were sent again because the peer repeated its own flight. */
    uint64_t resent;
    /* Datagrams that the write callback could not send. */
    uint64_t write_failed;
    /* Discards, by reason. If memory for the counters of a peer is short, its discards are counted
     * with those that belonged to no peer. */
    uint64_t dropped[DTLS_DROP_COUNT];
} dtls_stats_t;

/* Fills in *stats with the counts of the peer at *session. With session NULL these are the counts
 * of datagrams that belonged to no peer. The counts of a peer start with its association; read the
 * final ones in the end event. Returns 0 or -DTLS_ERR_STATE. */
int dtls_get_stats(const dtls_context_t *ctx, const session_t *session, dtls_stats_t *stats);

/* What the trace hook is passed. */
typedef enum {
    DTLS_TRACE_DATAGRAM,           /* a datagram; data is the whole UDP payload */
    DTLS_TRACE_RECORD,             /* a record, after the datagram that contains it */
    DTLS_TRACE_MESSAGE,            /* a handshake message or fragment; data is its body */
    DTLS_TRACE_CHANGE_CIPHER_SPEC, /* 1.2: a ChangeCipherSpec */
    DTLS_TRACE_ALERT,              /* an alert */
    /* 1.3: an ACK; data is record numbers, each 8 bytes of epoch and 8 bytes of sequence number */
    DTLS_TRACE_ACK,
    DTLS_TRACE_DROP, /* the library discarded something that arrived; drop is the reason */
    /* incoming: the last fragment of a message has arrived, and the message is processed now; it
     * may have arrived with an earlier datagram */
    DTLS_TRACE_REASSEMBLED,
    /* the keys of an epoch exist from now on, or are deleted before the association ends; outgoing:
     * the keys that we write with */
    DTLS_TRACE_KEYS
} dtls_trace_kind_t;

/* Why an outgoing message is sent again. */
typedef enum {
    DTLS_REPEAT_NONE,  /* the message is sent for the first time */
    DTLS_REPEAT_TIMER, /* the retransmission timer was due */
    DTLS_REPEAT_PEER,  /* the peer repeated its flight */
    /* a plaintext message of the peer, such as an alert, reported a failure; an attacker may have
     * forged it */
    DTLS_REPEAT_SUSPECT,
    DTLS_REPEAT_ACK, /* an ACK acknowledged only a part of the flight */
    DTLS_REPEAT_TEST /* config.repeat_flight: the message was sent a moment ago */
} dtls_repeat_t;

/* One event that the trace hook is passed. A pointer is valid until the hook returns. */
struct dtls_trace_t {
    dtls_trace_kind_t kind;
    bool outgoing;            /* we send it; false: it has come from the peer */
    const session_t *session; /* the peer's address */
    /* The bytes of the datagram, record or message that this event is about (see `kind`). NULL: no
     * bytes are shown. Keys are never shown. `length` is the number of bytes. */
    const uint8_t *data;
    size_t length;
    /* Fields of the record header. */
    uint8_t content_type;
    uint64_t epoch, sequence;
    /* DTLS_TRACE_MESSAGE: the handshake header, RFC 9147 section 5.2. DTLS_TRACE_RECORD with the
     * content type heartbeat or return_routability_check: msg_type is that of the message. */
    uint8_t msg_type;
    uint16_t msg_seq;
    uint32_t msg_length, frag_offset, frag_length;
    /* DTLS_TRACE_MESSAGE and DTLS_TRACE_REASSEMBLED, for dtls_decode_message(): the body of the
     * whole message, msg_length bytes. NULL: this is only a fragment, and not the last one that we
     * send. And what the handshake has negotiated before this message, 0 if nothing yet. */
    const uint8_t *message;
    uint16_t version, suite;
    /* Outgoing: 0 for the first transmission, n for the nth retransmission. */
    unsigned retransmit;
    /* Incoming: the message was processed before. */
    bool duplicate;
    /* Outgoing: why the message is sent again. */
    dtls_repeat_t repeat;
    /* DTLS_REPEAT_TIMER: the duration of the timer, in ms. */
    uint32_t timer_ms;
    /* DTLS_TRACE_KEYS: the keys are deleted. */
    bool deleted;
    /* DTLS_TRACE_ALERT: level and description of the alert. */
    uint8_t alert_level, alert;
    /* DTLS_TRACE_DROP: the reason. Other kinds do not set this field. */
    dtls_drop_t drop;
};

/* The kinds of fields in a handshake message. */
typedef enum {
    DTLS_FIELD_NUMBER, /* number */
    DTLS_FIELD_CODE,   /* number; text is its IANA name, or NULL if it has none */
    DTLS_FIELD_TEXT,   /* data: text by its purpose, such as a PSK identity; may be any bytes */
    DTLS_FIELD_BYTES,  /* data: bytes to compare with others, such as a random or connection ID */
    DTLS_FIELD_OPAQUE, /* data: bytes of which usually the length matters, such as a cookie */
    DTLS_FIELD_LIST,   /* the next fields, up to the matching DTLS_FIELD_END, are its entries */
    DTLS_FIELD_OBJECT, /* the next fields, up to the matching DTLS_FIELD_END, are its members */
    DTLS_FIELD_END,
    /* The message does not follow its format from here on; number is the offset in its body, in
     * bytes. After it only the DTLS_FIELD_END of open lists and objects follow. */
    DTLS_FIELD_MALFORMED
} dtls_field_kind_t;

/* A field of a handshake message. Pointers are valid until the function returns that is passed the
 * field. */
typedef struct {
    dtls_field_kind_t kind;
    const char *name; /* such as "cipher_suites"; NULL: an entry of a list */
    uint32_t number;
    const char *text;
    const uint8_t *data;
    size_t length; /* of data, in bytes */
} dtls_field_t;

/* A handshake message to decode: the members are those of dtls_trace_t. */
struct dtls_message_t {
    uint8_t msg_type;
    /* ServerKeyExchange, ClientKeyExchange and NewSessionTicket are shown by the negotiated version
     * and suite. With suite 0, the first two are shown as opaque data. */
    uint16_t version, suite;
    const uint8_t *body; /* the message without its header */
    size_t length;       /* in bytes */
};

/* Calls field() once for each field of a handshake message of DTLS 1.2 or 1.3, in the order of the
 * message: RFC 5246, RFC 8446, RFC 9147 and the RFCs of the extensions. An entry of "extensions" is
 * an object whose first member is its "type". A message of a certificate handshake is one opaque
 * field. Names and numbers that this library does not support are shown too. Key material is not in
 * handshake messages. The call may be used without a context and by several threads.
 * Returns 0, -DTLS_ERR_DECODE after DTLS_FIELD_MALFORMED, or -DTLS_ERR_ARGUMENT if message, its
 * body, or field is NULL. */
int dtls_decode_message(const dtls_message_t *message,
                        void (*field)(void *arg, const dtls_field_t *field), void *arg);

/* ==== 11. Closing and freeing ============================================================= */

/* Closes an association: sends close_notify, and repeats it until the peer has sent its own. Then
 * DTLS_EVENT_CLOSED is fired. Until then keep calling dtls_handle_message() and
 * dtls_check_retransmit(). Data that the peer sent before its close_notify is still delivered.
 *
 *   - If the peer sent its close_notify first (DTLS_EVENT_HALF_CLOSED), CLOSED is fired after at
 *     most 2.5 s.
 *   - During a handshake the call sends user_canceled and close_notify, and fires CLOSED before it
 *     returns.
 *   - If the peer does not answer, CLOSED is fired after three transmissions in a row during which
 *     nothing came from the peer. For a peer that answers heartbeats, it is fired after five such
 *     transmissions. If the version is 1.3, or if something has come since our first close_notify,
 *     it is fired only when that peer has also been silent for config.closing_ms.
 *   - 1.2: one side sends the last Finished of the handshake: the server, or the client of a
 *     resumed session. If we are that side, and nothing has come from the peer since that Finished,
 *     the association is kept for another 3.5 s (RFC 6347 section 4.2.4). In this time the library
 *     repeats our last flight if the peer missed it.
 * Alerts are not retransmitted as a rule. close_notify is, because its record number tells the peer
 * whether data is missing.
 *
 * info.alert_received false in CLOSED does not prove that the peer is gone. A peer without
 * config.half_close answers close_notify once and has then ended its association. If the peer's
 * answer is lost, our further transmissions remain unanswered.
 *
 * To shut down a server, call dtls_close() for every peer that had CONNECT and no end event, and
 * continue the loop until each has had its end event. Then call dtls_free_context(). The library
 * offers no list of the peers: the application keeps one. The end event of any peer may be fired
 * inside dtls_close(), so its callback must not free an entry of the list during the walk. Here it
 * sets entry->ended, and the walk removes the entries afterwards:
 *
 *     for (entry = list; entry != NULL; entry = entry->next)
 *         if (!entry->ended)
 *             dtls_close(ctx, &entry->session);
 *     remove_ended_entries(&list); // and again after each pass of the loop
 *     // the loop ends when the list is empty
 *
 * Returns 0, also if a close is in progress, or -DTLS_ERR_STATE. */
int dtls_close(dtls_context_t *ctx, const session_t *session);

/* Ends an association at once and without an event, because the application found something wrong
 * with the peer. It sends alert at level fatal. The session cannot be resumed any more.
 * Returns 0 or -DTLS_ERR_STATE. */
int dtls_abort(dtls_context_t *ctx, const session_t *session, dtls_alert_t alert);

/* Ends an association at once and without an event. If the peer is connected, it is sent
 * close_notify once. Inside the write callback of the last alert, no end event follows either. */
void dtls_reset_peer(dtls_context_t *ctx, dtls_peer_t *peer);

/* Ends all associations as dtls_reset_peer() does, then wipes and frees all memory of the context.
 * Of the callbacks only write is called. Do not call it from a callback. With ctx NULL it does
 * nothing. */
void dtls_free_context(dtls_context_t *ctx);

/* ==== 12. Tools =========================================================================== */

/* ---- cipher suites ------------------------------------------------------- */

/* Returns the IANA number of the nth suite (from 0) in default order, best first. Returns 0 if n is
 * past the end. */
uint16_t dtls_suite_at(size_t n);
/* Returns the name of a suite, for example "PSK-AES128-CCM8". Returns NULL if the number is
 * unknown. */
const char *dtls_suite_name(uint16_t suite);
/* Returns the version that has this suite, 0xfefd or 0xfefc. Returns 0 if the number is unknown. */
uint16_t dtls_suite_version(uint16_t suite);
/* Returns the number of a suite. name is the suite's name, its IANA name
 * (TLS_PSK_WITH_AES_128_CCM_8) or its number in hexadecimal ("c0a8"), in upper or lower case.
 * Returns 0 if no suite has that name. */
uint16_t dtls_suite_find(const char *name);

/* The facts of a cipher suite. */
typedef struct {
    uint16_t id;      /* the IANA number */
    uint16_t version; /* 0xfefd or 0xfefc */
    const char *name;
    const char *iana_name;
    /* 1.2: the kind of group that the suite needs: none, a curve (ECDHE) or a finite field (DHE).
     * A suite of 1.3 needs none. */
    enum { DTLS_SUITE_NO_GROUP, DTLS_SUITE_CURVE, DTLS_SUITE_FIELD } group;
    /* The hash of the PRF (1.2) or of the key schedule (1.3): 256 for SHA-256, 384 for SHA-384. In
     * 1.3 a PSK can be used only with suites of one hash: see config.psk_sha384. */
    uint16_t hash_bits;
    /* The limits of a key: how many records it may protect, and how many received records may fail to authenticate.
     * 1.3: at half of a limit the library changes the keys, and the association ends at the limit only if the peer does
     * not respond, or all epochs are used up. 1.2 cannot change keys: the association ends. */
    uint64_t max_records, max_failures;
} dtls_suite_info_t;

/* Fills in *info with the facts of a suite. The names are constants.
 * Returns 0, or -DTLS_ERR_ARGUMENT if the number is unknown or info is NULL. */
int dtls_suite_info(uint16_t suite, dtls_suite_info_t *info);

/* ---- names --------------------------------------------------------------- */

/* Returns the name of a group of ECDHE or DHE, for example "x25519". Returns NULL if the number is
 * unknown. */
const char *dtls_group_name(uint16_t group);
/* Returns the number of the group with that name, in upper or lower case. Returns 0 if no group has
 * that name. */
uint16_t dtls_group_find(const char *name);

/* These functions return a constant string. For a number without a name they return "unknown";
 * dtls_error_name() and dtls_error_text() return what they return for DTLS_ERR_NONE. */
const char *dtls_alert_name(unsigned alert);               /* the IANA name: "bad_record_mac" */
const char *dtls_error_name(dtls_error_t error);           /* for programs: "wrong-psk" */
const char *dtls_error_text(dtls_error_t error);           /* for people: "wrong pre-shared key" */
const char *dtls_drop_name(dtls_drop_t drop);              /* for programs: "bad-mac" */
const char *dtls_drop_text(dtls_drop_t drop);              /* for people: the reason, in words */
const char *dtls_content_type_name(unsigned content_type); /* for example "handshake" */
const char *dtls_message_name(unsigned msg_type);          /* for example "ClientHello" */

/* Returns the version of the library, "1.2.3". */
const char *dtls_package_version(void);

/* ---- log, as in tinydtls -------------------------------------------------- */

typedef void (*dtls_log_handler_t)(dtls_log_t level, const char *message);

/* The log of the process: dtls_log() and the default config.log write to it. Its level and handler
 * are shared by all threads. Do not change them while another thread uses a context. */

/* Returns the level of the log (default DTLS_LOG_WARN). Lines that are less severe are not
 * shown. */
dtls_log_t dtls_get_log_level(void);
/* Sets the level of the log. */
void dtls_set_log_level(dtls_log_t level);
/* Sets the function that receives the lines of the log. NULL (the default): the lines go
 * to stderr. */
void dtls_set_log_handler(dtls_log_handler_t handler);

/* Writes a line of at most 255 bytes to the log of the process. format is that of printf(). */
void dtls_log(dtls_log_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* These macros, from tinydtls, write a line at the level of their name. dtls_alert() writes to the
 * log too: it has nothing to do with alerts of DTLS. To send such an alert call dtls_abort(). */
#define dtls_emerg(...) dtls_log(DTLS_LOG_EMERG, __VA_ARGS__)
#define dtls_alert(...) dtls_log(DTLS_LOG_ALERT, __VA_ARGS__)
#define dtls_crit(...) dtls_log(DTLS_LOG_CRIT, __VA_ARGS__)
#define dtls_warn(...) dtls_log(DTLS_LOG_WARN, __VA_ARGS__)
#define dtls_notice(...) dtls_log(DTLS_LOG_NOTICE, __VA_ARGS__)
#define dtls_info(...) dtls_log(DTLS_LOG_INFO, __VA_ARGS__)
#define dtls_debug(...) dtls_log(DTLS_LOG_DEBUG, __VA_ARGS__)

/* ==== Tables ==============================================================================
 *
 * Memory in bytes, measured on a 64-bit machine and rounded up. The first column is allocated by
 * config.allocate, the second by libcrypto (OpenSSL 3). A line with "+" adds to the nearest line
 * without "+" above it.
 *
 *     context                               70,000      4,000   a datagram buffer, and tables
 *       + peers of 1.3                               at most 45,000   64 ciphers, which they share
 *       + config.accept                     78,000              DTLS_HELLO_POOL ClientHellos
 *       + config.tickets                     2,100      5,000   from the first ticket on
 *       + config.sessions                 500 each              from the first session on
 *     peer during a handshake of 1.2         5,500      4,000
 *     peer during a handshake of 1.3         6,500      7,000
 *       + config.max_half_open             200 each             counts by network
 *       + fragments                 at most 81,920              DTLS_MAX_REASSEMBLY
 *       + early records                      4,096              if records overtake the handshake
 *       + connection IDs                     1,200
 *     connected peer of 1.2                  1,500      2,500
 *     connected peer of 1.3                  1,500      3,000
 *       + replaced keys, list for ACKs         300        200   for four minutes
 *       + records under replaced keys                1,200 each key, also if the records are forged
 *       + counters of dropped records          150              from the first drop on
 *       + a ticket without an ACK            1,500
 *       + connection IDs                     2,000
 *     identity of a peer              its length
 *     datagram received inside write  its length              at most 64 such datagrams
 *
 * With the default config.max_half_open, 4096, all handshakes of clients in progress take at most
 * 40 MB in 1.2 and 60 MB in 1.3. A client without the PSK can cause only those of 1.2.
 *
 * A peer with an association and a new handshake at the same time takes the memory of both. With
 * DTLS_COOKIE_ON a client that has not returned a cookie takes no memory, unless it has a ticket of
 * 1.3 that was issued to its IP address.
 *
 * Events (names without DTLS_EVENT_), in the order in which they can come:
 *
 *     CONNECT        the peer exists: dtls_get_peer() and dtls_set_peer_data() work
 *     CONNECTED      data can be sent; info has version, suite and identity
 *     HEARTBEAT, MTU, KEYS_UPDATED   dtls_heartbeat(), dtls_probe_mtu(), dtls_update_keys() is done
 *     RENEGOTIATE    nothing to do: the library refused the renegotiation, and the association
 *                    continues
 *     UNVERIFIED     nothing to do: data still goes to the old address
 *     MOVED          store the new name, info.address. It names the peer when the callback has
 *                    returned
 *     HALF_CLOSED    send the remaining data, then call dtls_close()
 *     CLOSED         the end. info.alert_received: the peer sent close_notify. Otherwise the peer
 *                    did not answer dtls_close(), or dtls_close() cancelled the handshake
 *     FAILED         the end; info.error tells why. For DTLS_ERR_ALERT, dtls_error_text() does not
 *                    name the alert: print dtls_alert_name(info.alert) too
 *     TIMEOUT        the end: DTLS_ERR_TIMEOUT, DTLS_ERR_FINISHED_UNANSWERED or DTLS_ERR_IDLE
 *
 * The peer's close_notify and fatal alerts are also passed to the event callback as alerts (levels
 * 1 and 2), before the event that follows from them.
 *
 * Errors that end an association (names without DTLS_ERR_), with the event, the alert that the
 * library sends, and what to check. For an error that is not in the table see its line in
 * dtls_error_t.
 *
 *     TIMEOUT              TIMEOUT  none            address, port, firewall; handshake_ms
 *     FINISHED_UNANSWERED  TIMEOUT  none            the server: busy, restarted? Then the key
 *     IDLE                 TIMEOUT  close_notify    config.idle_ms
 *     WRONG_PSK            FAILED   bad_record_mac (1.3: decrypt_error)   the key on both sides
 *     UNKNOWN_IDENTITY     FAILED   the same as WRONG_PSK       the identity, info.identity
 *     NO_CREDENTIALS       FAILED   handshake_failure           our get_psk_info
 *     ALERT                FAILED   none            info.alert, info.alert_authenticated
 *     REPLACED             FAILED   none            nothing: the peer has a new association
 *     KEY_CHANGED          FAILED   access_denied, if connected  dtls_recheck_keys()
 *     PEER_LIMIT           FAILED   close_notify, if connected   config.max_peers, max_half_open
 *     VERSION              FAILED   protocol_version            config.only_version, config.suites
 *     NO_CIPHER_SUITE      FAILED   handshake_failure           config.suites on both sides
 *     NO_KEY_EXCHANGE      FAILED   handshake_failure           config.key_exchange, config.groups
 *     NO_PSK               FAILED   handshake_failure           the peer has certificates only
 *     NO_EXTENDED_MASTER_SECRET     FAILED   handshake_failure  config.ems
 *     KEY_LIMIT            FAILED   internal_error  dtls_update_keys(); 1.2: connect again
 *     MEMORY, CRYPTO       FAILED   internal_error  the hooks allocate and random
 *
 * Results that differ from 0 for success and -DTLS_ERR_x for failure:
 *
 *     dtls_connect, dtls_resume      > 0: started, 0: the association exists already
 *     dtls_write, dtls_writev, dtls_write_early, dtls_peer_write, dtls_peer_write_batch
 *                                    the bytes sent, 0: not possible now
 *     dtls_update_keys               1: the KeyUpdate is sent later
 *     dtls_handle_message, dtls_handle_batch    a negative alert value: dtls_alert_create()
 *     dtls_next_timeout              ms, -1: no timer runs
 *     dtls_session_equals            1 or 0
 *     write callback                 negative: not sent
 *     read, event callbacks          ignored
 *     get_psk_info callback          the length in bytes, negative: none
 */

#ifdef __cplusplus
}
#endif
#endif
