/* openssl.c - libssl of OpenSSL, measured for comparison; see stack.h. DTLS 1.2, and TLS 1.3, because it has no
 * DTLS 1.3. */
#include "stack.h"

#include <openssl/ssl.h>

static SSL_CTX *contexts[2]; /* client, server */
static SSL *ends[2];
static SSL_SESSION *session;
static BIO_METHOD *method;
static bool stream, resume;

static const char *stack_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

/* ---- a BIO for datagrams in memory ---- */

static int bio_write(BIO *bio, const char *data, int length)
{
    const int *side = BIO_get_data(bio);
    wire_put(!*side, data, (size_t)length);
    return length;
}

static int bio_read(BIO *bio, char *out, int room)
{
    const int *side = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    long got = wire_get(*side, out, (size_t)room, stream);
    if (got < 0)
        BIO_set_retry_read(bio);
    return (int)got;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)pointer, (void)number;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU: return 16600;
    default: return 0;
    }
}

static BIO *bio_new(int side)
{
    static const int sides[] = {0, 1};
    if (!method) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memory");
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_ctrl(method, bio_ctrl);
    }
    BIO *bio = BIO_new(method);
    BIO_set_data(bio, (void *)(size_t)&sides[side]);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- contexts ---- */

static unsigned give_identity(SSL *ssl, const char *hint, char *identity, unsigned room,
                              unsigned char *key, unsigned key_room)
{
    (void)ssl, (void)hint, (void)room, (void)key_room;
    strcpy(identity, stack_identity);
    memcpy(key, stack_key, sizeof stack_key);
    return sizeof stack_key;
}

static unsigned give_key(SSL *ssl, const char *identity, unsigned char *key, unsigned room)
{
    (void)ssl, (void)identity, (void)room;
    memcpy(key, stack_key, sizeof stack_key);
    return sizeof stack_key;
}

static int cookie_make(SSL *ssl, unsigned char *cookie, unsigned *length)
{
    (void)ssl;
    memset(cookie, 7, 16); /* no HMAC is computed, to the advantage of OpenSSL */
    *length = 16;
    return 1;
}

static int cookie_check(SSL *ssl, const unsigned char *cookie, unsigned length)
{
    (void)ssl;
    return length == 16 && cookie[0] == 7;
}

static int keep_session(SSL *ssl, SSL_SESSION *new_session)
{
    (void)ssl;
    SSL_SESSION_free(session);
    session = new_session;
    return 1;
}

static bool contexts_start(const char *suites, bool tls)
{
    stream = tls;
    for (int i = 0; i < 2; i++) {
        SSL_CTX *ctx = contexts[i] = SSL_CTX_new(tls ? TLS_method() : DTLS_method());
        SSL_CTX_set_min_proto_version(ctx, tls ? TLS1_3_VERSION : DTLS1_2_VERSION);
        SSL_CTX_set_max_proto_version(ctx, tls ? TLS1_3_VERSION : DTLS1_2_VERSION);
        SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
        if (!resume)
            SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        if (!tls && i == 1)
            SSL_CTX_set_options(ctx, SSL_OP_COOKIE_EXCHANGE);
        SSL_CTX_set_session_cache_mode(ctx, resume && i == 0 ? SSL_SESS_CACHE_CLIENT
                                                             : SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(ctx, resume);
        SSL_CTX_sess_set_new_cb(ctx, keep_session);
        SSL_CTX_set_psk_client_callback(ctx, give_identity);
        SSL_CTX_set_psk_server_callback(ctx, give_key);
        SSL_CTX_set_cookie_generate_cb(ctx, cookie_make);
        SSL_CTX_set_cookie_verify_cb(ctx, cookie_check);
        if (SSL_CTX_set1_groups_list(ctx, "X25519") != 1 ||
            (tls ? SSL_CTX_set_ciphersuites(ctx, suites) : SSL_CTX_set_cipher_list(ctx, suites)) !=
                1)
            return false;
    }
    return true;
}

static void contexts_end(void)
{
    SSL_CTX_free(contexts[0]);
    SSL_CTX_free(contexts[1]);
}

static void connect_ends(void)
{
    bool done = false;
    for (int i = 0; i < 2; i++) {
        BIO *bio = bio_new(i);
        ends[i] = SSL_new(contexts[i]);
        SSL_set_bio(ends[i], bio, bio);
        if (!stream)
            SSL_set_mtu(ends[i], 16600);
    }
    if (resume && session)
        SSL_set_session(ends[0], session);
    SSL_set_connect_state(ends[0]);
    SSL_set_accept_state(ends[1]);
    for (int tries = 0; tries < 40 && !done; tries++) {
        int client = SSL_do_handshake(ends[0]), server = SSL_do_handshake(ends[1]);
        done = client == 1 && server == 1;
    }
    check(done, "the handshake of OpenSSL");
}

/* Sends close_notify from both ends: without it the session could not be resumed. */
static void end_both(void)
{
    for (int i = 0; i < 2; i++) {
        SSL_set_shutdown(ends[i], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ends[i]);
    }
    wires_clear();
}

/* ---- measurements ---- */

static bool records_start(unsigned suite)
{
    static const struct {
        unsigned suite;
        const char *name;
    } suites[] = {{0x00a8, "PSK-AES128-GCM-SHA256:@SECLEVEL=0"},
                  {0xc0a8, "PSK-AES128-CCM8:@SECLEVEL=0"},
                  {0xccab, "PSK-CHACHA20-POLY1305:@SECLEVEL=0"}};
    resume = false;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].suite == suite && contexts_start(suites[i].name, false)) {
            connect_ends();
            return true;
        }
    return false;
}

static void record(unsigned char *data, size_t length)
{
    static unsigned char out[STACK_DATAGRAM];
    check(SSL_write(ends[0], data, (int)length) == (int)length, "sending");
    check(SSL_read(ends[1], out, sizeof out) == (int)length, "receiving");
}

static void records_end(void)
{
    end_both();
    contexts_end();
}

static bool handshakes_start(stack_kind_t kind)
{
    static const char *const suites[KINDS] = {
        [PSK12] = "PSK-AES128-CCM8:@SECLEVEL=0",
        [ECDHE12] = "ECDHE-PSK-CHACHA20-POLY1305:@SECLEVEL=0",
        [RESUMED12] = "PSK-AES128-CCM8:@SECLEVEL=0",
        [PSK13] = NULL, /* the server of OpenSSL prefers psk_dhe_ke */
        [ECDHE13] = "TLS_AES_128_GCM_SHA256",
    };
    resume = kind == RESUMED12;
    if (!suites[kind] || !contexts_start(suites[kind], kind >= PSK13))
        return false;
    for (int i = 0; resume && i < 2; i++) {
        connect_ends();
        check(SSL_session_reused(ends[0]) == (i == 1), "resuming");
        end_both();
    }
    return true;
}

static void handshake(void)
{
    connect_ends();
    end_both();
}

static void handshakes_end(void)
{
    contexts_end();
    SSL_SESSION_free(session);
    session = NULL;
}
