/* gnutls.c - the GnuTLS peer; peer.h says what it does. (gnutls-cli fails with (EC)DHE_PSK.) */
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "peer.h"

static void check(const char *what, long code)
{
    if (code < 0)
        die(what, code);
}

/* The parts of a suite, as GnuTLS wants to be told. */
static void choose_suite(gnutls_session_t session)
{
    gnutls_kx_algorithm_t kx;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
    gnutls_protocol_t version;
    unsigned char id[2];
    char priority[LINE];
    for (size_t i = 0; gnutls_cipher_suite_info(i, id, &kx, &cipher, &mac, &version); i++) {
        if ((unsigned)(id[0] << 8 | id[1]) != peer.suite || version == GNUTLS_TLS1_3)
            continue;
        snprintf(priority, sizeof priority,
                 "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:+%s:+%s:+%s",
                 gnutls_kx_get_name(kx), gnutls_cipher_get_name(cipher), gnutls_mac_get_name(mac));
        check(priority, gnutls_priority_set_direct(session, priority, NULL));
        return;
    }
    has_not();
}

static int key_of(gnutls_session_t session, const char *identity, gnutls_datum_t *key)
{
    (void)session;
    if (strcmp(identity, peer.identity) != 0)
        return -1;
    key->data = gnutls_malloc(peer.key_size);
    key->size = (unsigned)peer.key_size;
    memcpy(key->data, peer.key, peer.key_size);
    return 0;
}

static void give_key(gnutls_session_t session)
{
    if (peer.server) {
        gnutls_psk_server_credentials_t credentials;
        gnutls_psk_allocate_server_credentials(&credentials);
        gnutls_psk_set_server_credentials_function(credentials, key_of);
        gnutls_psk_set_server_known_dh_params(credentials, GNUTLS_SEC_PARAM_MEDIUM);
        check("credentials", gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials));
    } else {
        gnutls_psk_client_credentials_t credentials;
        gnutls_datum_t key = {peer.key, (unsigned)peer.key_size};
        gnutls_psk_allocate_client_credentials(&credentials);
        gnutls_psk_set_client_credentials(credentials, peer.identity, &key, GNUTLS_PSK_KEY_RAW);
        check("credentials", gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials));
    }
}

int main(int argc, char **argv)
{
    gnutls_session_t session;
    char line[LINE];
    long got;
    take_arguments(argc, argv);
    gnutls_init(&session, (peer.server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_DATAGRAM);
    choose_suite(session);
    give_key(session);
    open_socket(argv[2]);
    gnutls_transport_set_int(session, peer.socket);
    do {
        got = gnutls_handshake(session);
    } while (got < 0 && !gnutls_error_is_fatal((int)got));
    check("handshake", got);
    if (!peer.server)
        gnutls_record_send(session, greeting, strlen(greeting));
    got = gnutls_record_recv(session, line, sizeof line);
    check("receive", got);
    if (peer.server) {
        gnutls_record_send(session, line, (size_t)got);
        check("close", gnutls_record_recv(session, line, sizeof line));
    } else {
        fwrite(line, 1, (size_t)got, stdout);
    }
    gnutls_bye(session, GNUTLS_SHUT_WR);
    return 0;
}
