/* gnutls.c - GnuTLS, measured for comparison; see stack.h. DTLS 1.2, and TLS 1.3, because it has no DTLS 1.3. */
#include "stack.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

typedef struct {
    gnutls_session_t session;
    int in, out; /* indexes in wires[]: what this end reads, and what it writes */
    bool stream;
} end_t;

static end_t ends[2]; /* client, server */
static gnutls_psk_client_credentials_t client_key;
static gnutls_psk_server_credentials_t server_key;
static gnutls_datum_t cookie_key, ticket_key, ticket;
static gnutls_priority_t priority;
static bool stream, resume;

static const char *stack_version(void)
{
    static char version[64];
    snprintf(version, sizeof version, "GnuTLS %s", gnutls_check_version(NULL));
    return version;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t length)
{
    const end_t *end = pointer;
    wire_put(end->out, data, length);
    return (ssize_t)length;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t room)
{
    const end_t *end = pointer;
    long got = wire_get(end->in, data, room, end->stream);
    if (got < 0)
        gnutls_transport_set_errno(end->session, EAGAIN);
    return got;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned ms)
{
    const end_t *end = pointer;
    (void)ms;
    return wires[end->in].count > 0;
}

static int key_of(gnutls_session_t session, const char *identity, gnutls_datum_t *key)
{
    (void)session, (void)identity;
    key->data = gnutls_malloc(sizeof stack_key);
    key->size = sizeof stack_key;
    memcpy(key->data, stack_key, sizeof stack_key);
    return 0;
}

static void global_start(void)
{
    gnutls_datum_t key = {(unsigned char *)(size_t)stack_key, sizeof stack_key};
    if (client_key)
        return;
    gnutls_psk_allocate_client_credentials(&client_key);
    gnutls_psk_set_client_credentials(client_key, stack_identity, &key, GNUTLS_PSK_KEY_RAW);
    gnutls_psk_allocate_server_credentials(&server_key);
    gnutls_psk_set_server_credentials_function(server_key, key_of);
    check(gnutls_key_generate(&cookie_key, GNUTLS_COOKIE_KEY_SIZE) == 0, "the cookie key");
    check(gnutls_session_ticket_key_generate(&ticket_key) == 0, "the ticket key");
}

/* tickets: whether the server issues tickets. Set it only where a ticket is measured: a server of TLS 1.3 issues
 * tickets in each handshake. */
static void end_start(int i, bool tickets)
{
    end_t *end = &ends[i];
    unsigned flags = (i == 0 ? GNUTLS_CLIENT : GNUTLS_SERVER) | GNUTLS_NONBLOCK;
    flags |= (stream ? 0 : GNUTLS_DATAGRAM) | (tickets ? 0 : GNUTLS_NO_TICKETS);
    check(gnutls_init(&end->session, flags) == 0, "gnutls_init");
    end->in = i;
    end->out = !i;
    end->stream = stream;
    check(gnutls_priority_set(end->session, priority) == 0, "the priority");
    gnutls_credentials_set(end->session, GNUTLS_CRD_PSK, i == 0 ? (void *)client_key : server_key);
    gnutls_transport_set_ptr(end->session, end);
    gnutls_transport_set_push_function(end->session, push);
    gnutls_transport_set_pull_function(end->session, pull);
    gnutls_transport_set_pull_timeout_function(end->session, pull_timeout);
    if (!stream)
        gnutls_dtls_set_mtu(end->session, 16500);
    if (tickets && i == 1)
        gnutls_session_ticket_enable_server(end->session, &ticket_key);
    if (resume && i == 0 && ticket.data)
        gnutls_session_set_data(end->session, ticket.data, ticket.size);
}

/* Exchanges the cookie. The server has no session until the client has returned a valid cookie. */
static void exchange_cookie(void)
{
    static unsigned char hello[STACK_DATAGRAM];
    static char address[] = "address";
    gnutls_dtls_prestate_st prestate;
    long length = 0;
    bool valid = false;
    ends[1] = (end_t){.in = 1, .out = 0};
    for (int tries = 0; tries < 2 && !valid; tries++) {
        gnutls_handshake(ends[0].session);
        length = wire_get(TO_SERVER, hello, sizeof hello, false);
        check(length > 0, "the hello");
        memset(&prestate, 0, sizeof prestate);
        valid = gnutls_dtls_cookie_verify(&cookie_key, address, sizeof address, hello,
                                          (size_t)length, &prestate) == 0;
        if (!valid)
            gnutls_dtls_cookie_send(&cookie_key, address, sizeof address, &prestate, &ends[1],
                                    push);
    }
    check(valid, "the cookie");
    end_start(1, resume);
    gnutls_dtls_prestate_set(ends[1].session, &prestate);
    wire_put(TO_SERVER, hello, (size_t)length);
}

static void connect_ends(void)
{
    bool done[2] = {false, false};
    end_start(0, resume);
    if (stream)
        end_start(1, resume);
    else
        exchange_cookie();
    for (int tries = 0; tries < 40 && !(done[0] && done[1]); tries++)
        for (int i = 0; i < 2; i++)
            if (!done[i]) {
                int result = gnutls_handshake(ends[i].session);
                check(result >= 0 || gnutls_error_is_fatal(result) == 0, gnutls_strerror(result));
                done[i] = result == 0;
            }
    check(done[0] && done[1], "the handshake");
}

static void end_both(void)
{
    gnutls_deinit(ends[0].session);
    gnutls_deinit(ends[1].session);
    wires_clear();
}

static bool prepare(const char *priorities, bool tls, bool with_resumption)
{
    global_start();
    stream = tls;
    resume = with_resumption;
    return gnutls_priority_init(&priority, priorities, NULL) == 0;
}

#define DTLS12 "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ALL:+GROUP-X25519:+AEAD:"
#define TLS13 "NONE:+VERS-TLS1.3:+COMP-NULL:+SIGN-ALL:+GROUP-X25519:+AEAD:+AES-128-GCM:"

static bool records_start(unsigned suite)
{
    static const struct {
        unsigned suite;
        const char *priorities;
    } suites[] = {{0x00a8, DTLS12 "+PSK:+AES-128-GCM"},
                  {0xc0a8, DTLS12 "+PSK:+AES-128-CCM-8"},
                  {0xccab, DTLS12 "+PSK:+CHACHA20-POLY1305"}};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].suite == suite && prepare(suites[i].priorities, false, false)) {
            connect_ends();
            gnutls_dtls_set_mtu(ends[0].session, 16500);
            return true;
        }
    return false;
}

static void record(unsigned char *data, size_t length)
{
    static unsigned char out[STACK_DATAGRAM];
    check(gnutls_record_send(ends[0].session, data, length) == (ssize_t)length, "sending");
    check(gnutls_record_recv(ends[1].session, out, sizeof out) == (ssize_t)length, "receiving");
}

static void records_end(void)
{
    end_both();
    gnutls_priority_deinit(priority);
}

static bool handshakes_start(stack_kind_t kind)
{
    static const char *const priorities[KINDS] = {
        [PSK12] = DTLS12 "+PSK:+AES-128-CCM-8",
        [ECDHE12] = DTLS12 "+ECDHE-PSK:+CHACHA20-POLY1305",
        [RESUMED12] = DTLS12 "+PSK:+AES-128-CCM-8",
        [PSK13] = TLS13 "+PSK",
        [ECDHE13] = TLS13 "+ECDHE-PSK",
    };
    if (!prepare(priorities[kind], kind >= PSK13, kind == RESUMED12))
        return false;
    if (resume) {
        connect_ends();
        check(gnutls_session_get_data2(ends[0].session, &ticket) == 0, "the ticket");
        end_both();
        connect_ends();
        check(gnutls_session_is_resumed(ends[0].session), "resuming");
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
    gnutls_priority_deinit(priority);
    gnutls_free(ticket.data);
    ticket.data = NULL;
}
