/* wolfssl.c - the wolfSSL peer; peer.h says what it does. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "peer.h"

static unsigned give_key(unsigned char *key)
{
    memcpy(key, peer.key, peer.key_size);
    return (unsigned)peer.key_size;
}

static unsigned key_of(WOLFSSL *session, const char *identity, unsigned char *key, unsigned room)
{
    (void)session, (void)room;
    return strcmp(identity, peer.identity) == 0 ? give_key(key) : 0;
}

static unsigned our_key(WOLFSSL *session, const char *hint, char *identity, unsigned identity_room,
                        unsigned char *key, unsigned room)
{
    (void)session, (void)hint, (void)room;
    snprintf(identity, identity_room, "%s", peer.identity);
    return give_key(key);
}

static void check(WOLFSSL *session, const char *what, int code)
{
    if (code <= 0)
        die(what, wolfSSL_get_error(session, code));
}

/* A server brings its own prime: that of RFC 7919 with 2048 bits. */
static void give_prime(WOLFSSL *session)
{
    const DhParams *group = wc_Dh_ffdhe2048_Get();
    if (wolfSSL_SetTmpDH(session, group->p, (int)group->p_len, group->g, (int)group->g_len) !=
        SSL_SUCCESS) {
        die("prime", 0);
    }
}

static const char *suite_name(void)
{
    return wolfSSL_get_cipher_name_from_suite((unsigned char)(peer.suite >> 8),
                                              (unsigned char)peer.suite);
}

static WOLFSSL_CTX *configure_12(void)
{
    supports("ticket id "
#ifdef WOLFSSL_DTLS_CID
             "cid "
#endif
#ifdef HAVE_KEYING_MATERIAL
             "export "
#endif
    );
    WOLFSSL_CTX *context =
        wolfSSL_CTX_new(peer.server ? wolfDTLSv1_2_server_method() : wolfDTLSv1_2_client_method());
    wolfSSL_CTX_set_psk_server_callback(context, key_of);
    wolfSSL_CTX_set_psk_client_callback(context, our_key);
    if (peer.server)
        wolfSSL_CTX_SetMinDhKey_Sz(context, 2048);
    if (peer.server && !peer.ticket)
        wolfSSL_CTX_NoTicketTLSv12(context);
    return context;
}

/* ---- DTLS 1.3, which wolfSSL 5.5 of Debian 12 does not support ---- */

#ifdef WOLFSSL_DTLS13
static unsigned key_of_13(WOLFSSL *session, const char *identity, unsigned char *key, unsigned room,
                          const char **suite)
{
    *suite = suite_name();
    return key_of(session, identity, key, room);
}

static unsigned our_key_13(WOLFSSL *session, const char *hint, char *identity,
                           unsigned identity_room, unsigned char *key, unsigned room,
                           const char **suite)
{
    *suite = suite_name();
    return our_key(session, hint, identity, identity_room, key, room);
}

static WOLFSSL_CTX *configure_13(void)
{
    supports("psk_ke group cookie rekey update ticket "
#ifdef WOLFSSL_DTLS_CID
             "cid "
#endif
#ifdef HAVE_KEYING_MATERIAL
             "export "
#endif
    );
    WOLFSSL_CTX *context =
        wolfSSL_CTX_new(peer.server ? wolfDTLSv1_3_server_method() : wolfDTLSv1_3_client_method());
    wolfSSL_CTX_set_psk_server_tls13_callback(context, key_of_13);
    wolfSSL_CTX_set_psk_client_tls13_callback(context, our_key_13);
    if (wants("psk_ke"))
        wolfSSL_CTX_no_dhe_psk(context);
    else
        wolfSSL_CTX_only_dhe_psk(context);
    if (peer.server && !peer.ticket)
        wolfSSL_CTX_no_ticket_TLSv13(context);
    return context;
}

static void prepare_13(WOLFSSL *session)
{
    int group = WOLFSSL_ECC_SECP256R1;
    if (peer.server && wants("group"))
        check(session, "group", wolfSSL_set_groups(session, &group, 1));
    if (!peer.server && !wants("psk_ke"))
        check(session, "share", wolfSSL_UseKeyShare(session, WOLFSSL_ECC_X25519));
    if (peer.server && !wants("cookie"))
        check(session, "no cookie", wolfSSL_disable_hrr_cookie(session));
}
#else
static WOLFSSL_CTX *configure_13(void)
{
    has_not();
    return NULL;
}
static void prepare_13(WOLFSSL *session)
{
    (void)session;
}
#endif

/* ---- one session ---- */

static WOLFSSL_CTX *configure(void)
{
    WOLFSSL_CTX *context = is_dtls13() ? configure_13() : configure_12();
    if (wolfSSL_CTX_set_cipher_list(context, suite_name()) != SSL_SUCCESS)
        has_not();
    return context;
}

static int send_roaming(WOLFSSL *session, char *data, int size, void *unused)
{
    (void)session, (void)unused;
    return send_to_client(data, (size_t)size);
}

static int receive_roaming(WOLFSSL *session, char *data, int room, void *unused)
{
    (void)unused;
    int got =
        receive_from_client(data, (size_t)room, wolfSSL_dtls_get_current_timeout(session) * 1000);
    return got == 0 ? WOLFSSL_CBIO_ERR_TIMEOUT : got;
}

static void prepare(WOLFSSL *session)
{
    if (is_dtls13())
        prepare_13(session);
    else if (peer.server)
        give_prime(session);
    else if (peer.ticket)
        check(session, "ticket", wolfSSL_UseSessionTicket(session));
#ifdef WOLFSSL_DTLS_CID
    unsigned char id[] = "peer";
    if (wants("cid")) {
        check(session, "use of IDs", wolfSSL_dtls_cid_use(session));
        check(session, "ID", wolfSSL_dtls_cid_set(session, id, sizeof id));
    }
#endif
}

static void export_key(WOLFSSL *session)
{
#ifdef HAVE_KEYING_MATERIAL
    unsigned char exported[EXPORT_SIZE];
    check(session, "export",
          wolfSSL_export_keying_material(session, exported, sizeof exported, export_label,
                                         strlen(export_label), NULL, 0, 0));
    print_exported(exported);
#else
    (void)session;
#endif
}

static void exchange(WOLFSSL *session)
{
    char line[LINE];
    if (!peer.server)
        check(session, "send", wolfSSL_write(session, greeting, (int)strlen(greeting)));
    int got = wolfSSL_read(session, line, sizeof line);
    check(session, "receive", got);
    if (peer.server)
        check(session, "send", wolfSSL_write(session, line, got));
    else
        fwrite(line, 1, (size_t)got, stdout);
}

static void talk(WOLFSSL *session)
{
    char line[LINE];
    check(session, "handshake", peer.server ? wolfSSL_accept(session) : wolfSSL_connect(session));
    if (wants("export"))
        export_key(session);
    for (int i = 0; i < peer.messages; i++) {
        if (i == 1 && wants("update"))
            check(session, "update", wolfSSL_update_keys(session));
        exchange(session);
    }
    if (peer.server)
        wolfSSL_read(session, line, sizeof line);
    wolfSSL_shutdown(session);
}

int main(int argc, char **argv)
{
    take_arguments(argc, argv);
    wolfSSL_Init();
    WOLFSSL_CTX *context = configure();
    WOLFSSL_SESSION *kept = NULL;
    for (int i = 0; i < peer.sessions; i++) {
        WOLFSSL *session = wolfSSL_new(context);
        prepare(session);
        if (kept)
            check(session, "session", wolfSSL_set_session(session, kept));
        if (i == 0)
            open_socket(argv[2]);
        else
            open_next_socket();
        wolfSSL_set_fd(session, peer.socket);
        if (peer.roams) {
            wolfSSL_SSLSetIORecv(session, receive_roaming);
            wolfSSL_SSLSetIOSend(session, send_roaming);
        }
        talk(session);
        if (!peer.server)
            kept = wolfSSL_get1_session(session);
        wolfSSL_free(session);
    }
    return 0;
}
