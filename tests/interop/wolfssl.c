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

static WOLFSSL_CTX *configure(void)
{
    WOLFSSL_CTX *context =
        wolfSSL_CTX_new(peer.server ? wolfDTLSv1_2_server_method() : wolfDTLSv1_2_client_method());
    const char *name = wolfSSL_get_cipher_name_from_suite((unsigned char)(peer.suite >> 8),
                                                          (unsigned char)peer.suite);
    if (peer.suite >> 8 == 0x13 || wolfSSL_CTX_set_cipher_list(context, name) != SSL_SUCCESS) {
        has_not();
    }
    wolfSSL_CTX_set_psk_server_callback(context, key_of);
    wolfSSL_CTX_set_psk_client_callback(context, our_key);
    if (peer.server)
        wolfSSL_CTX_SetMinDhKey_Sz(context, 2048);
    if (peer.server && !peer.ticket)
        wolfSSL_CTX_NoTicketTLSv12(context);
    return context;
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

static void check(WOLFSSL *session, const char *what, int code)
{
    if (code <= 0)
        die(what, wolfSSL_get_error(session, code));
}

static void talk(WOLFSSL *session)
{
    char line[LINE];
    check(session, "handshake", peer.server ? wolfSSL_accept(session) : wolfSSL_connect(session));
    if (!peer.server)
        wolfSSL_write(session, greeting, (int)strlen(greeting));
    int got = wolfSSL_read(session, line, sizeof line);
    check(session, "receive", got);
    if (peer.server) {
        wolfSSL_write(session, line, got);
        wolfSSL_read(session, line, sizeof line);
    } else {
        fwrite(line, 1, (size_t)got, stdout);
    }
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
        if (peer.server)
            give_prime(session);
        else if (peer.ticket)
            check(session, "ticket", wolfSSL_UseSessionTicket(session));
        if (kept)
            check(session, "session", wolfSSL_set_session(session, kept));
        if (i == 0)
            open_socket(argv[2]);
        else
            open_next_socket();
        wolfSSL_set_fd(session, peer.socket);
        talk(session);
        if (!peer.server)
            kept = wolfSSL_get1_session(session);
        wolfSSL_free(session);
    }
    return 0;
}
