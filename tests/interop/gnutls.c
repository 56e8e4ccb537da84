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

/* ---- sessions that are resumed ---- */

static gnutls_datum_t kept_id, kept;

static gnutls_datum_t copy_of(gnutls_datum_t from)
{
    gnutls_datum_t copy = {gnutls_malloc(from.size), from.size};
    memcpy(copy.data, from.data, from.size);
    return copy;
}

static int keep(void *unused, gnutls_datum_t id, gnutls_datum_t session)
{
    (void)unused;
    kept_id = copy_of(id);
    kept = copy_of(session);
    return 0;
}

static gnutls_datum_t find(void *unused, gnutls_datum_t id)
{
    (void)unused;
    bool same = id.size == kept_id.size && memcmp(id.data, kept_id.data, id.size) == 0;
    return same ? copy_of(kept) : (gnutls_datum_t){NULL, 0};
}

static int forget(void *unused, gnutls_datum_t id)
{
    (void)unused, (void)id;
    return 0;
}

static void serve_sessions(gnutls_session_t session)
{
    static gnutls_datum_t ticket_key;
    if (!peer.ticket) {
        gnutls_db_set_store_function(session, keep);
        gnutls_db_set_retrieve_function(session, find);
        gnutls_db_set_remove_function(session, forget);
        return;
    }
    if (!ticket_key.data)
        check("ticket key", gnutls_session_ticket_key_generate(&ticket_key));
    check("tickets", gnutls_session_ticket_enable_server(session, &ticket_key));
}

static void offer_session(gnutls_session_t session)
{
    if (kept.data)
        check("session", gnutls_session_set_data(session, kept.data, kept.size));
}

/* ---- one session ---- */

static void export_key(gnutls_session_t session)
{
    char exported[EXPORT_SIZE];
    check("export", gnutls_prf_rfc5705(session, strlen(export_label), export_label, 0, NULL,
                                       sizeof exported, exported));
    print_exported((unsigned char *)exported);
}

/* A message of the handshake that comes once more interrupts a receive. */
static long receive(gnutls_session_t session, char *line)
{
    long got;
    do {
        got = gnutls_record_recv(session, line, LINE);
    } while (got < 0 && !gnutls_error_is_fatal((int)got));
    check("receive", got);
    return got;
}

static void talk(gnutls_session_t session)
{
    char line[LINE];
    long got;
    do {
        got = gnutls_handshake(session);
    } while (got < 0 && !gnutls_error_is_fatal((int)got));
    check("handshake", got);
    if (wants("export"))
        export_key(session);
    if (!peer.server)
        gnutls_record_send(session, greeting, strlen(greeting));
    got = receive(session, line);
    if (peer.server) {
        gnutls_record_send(session, line, (size_t)got);
        receive(session, line);
    } else {
        fwrite(line, 1, (size_t)got, stdout);
        check("keep", gnutls_session_get_data2(session, &kept));
    }
    gnutls_bye(session, GNUTLS_SHUT_WR);
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    supports("ticket id export ");
    unsigned flags = GNUTLS_DATAGRAM | (peer.server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
                     (peer.ticket ? 0 : GNUTLS_NO_TICKETS);
    for (int i = 0; i < peer.sessions; i++) {
        gnutls_session_t session;
        gnutls_init(&session, flags);
        choose_suite(session);
        give_key(session);
        if (peer.server && peer.sessions > 1)
            serve_sessions(session);
        else if (!peer.server)
            offer_session(session);
        if (i == 0)
            open_socket(argv[2]);
        else
            open_next_socket();
        gnutls_transport_set_int(session, peer.socket);
        talk(session);
        gnutls_deinit(session);
    }
    return 0;
}
