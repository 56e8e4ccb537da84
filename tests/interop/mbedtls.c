/* mbedtls.c - the Mbed TLS peer; peer.h says what it does. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/timing.h>

#include "peer.h"

enum { ID_SIZE = 4 }; /* of a Connection ID */

static const char features[] = "ticket id "
#ifdef MBEDTLS_SSL_DTLS_CONNECTION_ID
                               "cid "
#endif
#ifdef MBEDTLS_SSL_KEYING_MATERIAL_EXPORT
                               "export "
#endif
    ;

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static mbedtls_ssl_cookie_ctx cookies;
static mbedtls_ssl_config config;
static mbedtls_ssl_context session;
static mbedtls_net_context transport;
static mbedtls_timing_delay_context timer;

static void check(const char *what, long code)
{
    if (code < 0)
        die(what, code);
}

/* ---- sessions that are resumed ---- */

static mbedtls_ssl_session kept;
static mbedtls_ssl_cache_context cache;
static mbedtls_ssl_ticket_context tickets;

static void serve_sessions(void)
{
    if (!peer.ticket) {
        mbedtls_ssl_cache_init(&cache);
        mbedtls_ssl_conf_session_cache(&config, &cache, mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
        return;
    }
    mbedtls_ssl_ticket_init(&tickets);
    check("tickets", mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &random_source,
                                              MBEDTLS_CIPHER_AES_256_GCM, 3600));
    mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                        &tickets);
}

/* ---- one session ---- */

static void configure(void)
{
    static int suites[2];
    suites[0] = (int)peer.suite;
    /* Version 3 knows the suites of TLS 1.3, but not DTLS 1.3. */
    if (is_dtls13() || mbedtls_ssl_ciphersuite_from_id(suites[0]) == NULL)
        has_not();
    supports(features);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_ssl_config_init(&config);
    check("seed", mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0));
    check("defaults", mbedtls_ssl_config_defaults(
                          &config, peer.server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                          MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_source);
    mbedtls_ssl_conf_ciphersuites(&config, suites);
    check("key", mbedtls_ssl_conf_psk(&config, peer.key, peer.key_size,
                                      (const unsigned char *)peer.identity, strlen(peer.identity)));
#ifdef MBEDTLS_SSL_DTLS_CONNECTION_ID
    if (wants("cid"))
        check("length of IDs",
              mbedtls_ssl_conf_cid(&config, ID_SIZE, MBEDTLS_SSL_UNEXPECTED_CID_IGNORE));
#endif
    mbedtls_ssl_session_init(&kept);
    if (!peer.server) {
        mbedtls_ssl_conf_session_tickets(&config, peer.ticket);
        return;
    }
    if (peer.sessions > 1)
        serve_sessions();
    mbedtls_ssl_cookie_init(&cookies);
    check("cookies", mbedtls_ssl_cookie_setup(&cookies, mbedtls_ctr_drbg_random, &random_source));
    mbedtls_ssl_conf_dtls_cookies(&config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check,
                                  &cookies);
}

static int send_roaming(void *unused, const unsigned char *data, size_t size)
{
    (void)unused;
    return send_to_client(data, size);
}

static int receive_roaming(void *unused, unsigned char *data, size_t room, uint32_t timeout)
{
    (void)unused;
    int got = receive_from_client(data, room, (int)timeout);
    return got == 0 ? MBEDTLS_ERR_SSL_TIMEOUT : got;
}

static void prepare(void)
{
    mbedtls_ssl_set_timer_cb(&session, &timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
    if (peer.roams)
        mbedtls_ssl_set_bio(&session, NULL, send_roaming, NULL, receive_roaming);
    else
        mbedtls_ssl_set_bio(&session, &transport, mbedtls_net_send, NULL, mbedtls_net_recv_timeout);
#ifdef MBEDTLS_SSL_DTLS_CONNECTION_ID
    static const unsigned char id[ID_SIZE] = {'p', 'e', 'e', 'r'};
    if (wants("cid"))
        check("ID", mbedtls_ssl_set_cid(&session, MBEDTLS_SSL_CID_ENABLED, id, sizeof id));
#endif
}

static void shake_hands(void)
{
    int code;
    do {
        if (peer.server)
            mbedtls_ssl_set_client_transport_id(&session, (const void *)"peer", 4);
        while ((code = mbedtls_ssl_handshake(&session)) == MBEDTLS_ERR_SSL_WANT_READ ||
               code == MBEDTLS_ERR_SSL_WANT_WRITE) {
        }
    } while (code == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED &&
             mbedtls_ssl_session_reset(&session) == 0);
    check("handshake", code);
}

static void export_key(void)
{
#ifdef MBEDTLS_SSL_KEYING_MATERIAL_EXPORT
    unsigned char exported[EXPORT_SIZE];
    check("export",
          mbedtls_ssl_export_keying_material(&session, exported, sizeof exported, export_label,
                                             strlen(export_label), NULL, 0, 0));
    print_exported(exported);
#endif
}

static void exchange(void)
{
    unsigned char line[LINE];
    if (!peer.server)
        mbedtls_ssl_write(&session, (const unsigned char *)greeting, strlen(greeting));
    int got = mbedtls_ssl_read(&session, line, sizeof line);
    check("receive", got);
    if (peer.server)
        mbedtls_ssl_write(&session, line, (size_t)got);
    else
        fwrite(line, 1, (size_t)got, stdout);
}

static void talk(void)
{
    unsigned char line[LINE];
    shake_hands();
    if (!peer.server && peer.sessions > 1)
        check("keep", mbedtls_ssl_get_session(&session, &kept));
    for (int i = 0; i < peer.messages; i++)
        exchange();
    if (wants("export")) /* a server of 3.6 crashes in that before it has received data */
        export_key();
    if (peer.server) {
        int got = mbedtls_ssl_read(&session, line, sizeof line);
        if (got != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            check("close", got);
    }
    mbedtls_ssl_close_notify(&session);
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    configure();
    for (int i = 0; i < peer.sessions; i++) {
        mbedtls_ssl_init(&session);
        check("setup", mbedtls_ssl_setup(&session, &config));
        if (i == 0) {
            open_socket(argv[2]);
        } else {
            open_next_socket();
            if (!peer.server)
                check("session", mbedtls_ssl_set_session(&session, &kept));
        }
        transport.fd = peer.socket;
        prepare();
        talk();
        mbedtls_ssl_free(&session);
    }
    return 0;
}
