/*
 * plain.c - a DTLS peer without heartbeats. It writes what it receives to standard output.
 *
 *     plain [MODE] KEY VERSION         a server: listens on a free port of 127.0.0.1, prints it
 *                                      ("port 40001") on standard error, and serves clients until
 *                                      it is killed
 *     plain [MODE] KEY VERSION PORT    a client: sends standard input, and closes at its end
 *
 * KEY is hexadecimal. VERSION is 1.2 or 1.3. The identity of the client is Client_identity. MODE is
 *
 *     -m    negotiates heartbeats, but answers none
 *     -e    as -m, and sends back what it receives
 *     -h    echoes heartbeats, and reports nothing in them
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dtls.h"

#define IDENTITY "Client_identity"

enum { HEARTBEAT = 24, DATAGRAM = 65536, RECORD = 1000, KEY_MAX = 64 };

static uint8_t key[KEY_MAX];
static size_t key_length;
static int fd;
static bool heartbeats, mute, echoes, connected, ended;
static bool is_heartbeat; /* the record being processed is a heartbeat */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx;
    if (mute && is_heartbeat)
        return (int)length;
    return (int)sendto(fd, data, length, 0, &session->addr.sa, session->size);
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    if (write(STDOUT_FILENO, data, length) != (ssize_t)length)
        die("stdout");
    if (echoes)
        dtls_write(ctx, session, data, length);
    return 0;
}

static void on_trace(void *hook, const dtls_trace_t *trace)
{
    (void)hook;
    if (trace->kind == DTLS_TRACE_RECORD && !trace->outgoing)
        is_heartbeat = trace->content_type == HEARTBEAT;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    (void)ctx, (void)session;
    connected |= level == 0 && code == DTLS_EVENT_CONNECTED;
    ended |= level == 0 &&
             (code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT);
    return 0;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    (void)ctx, (void)session, (void)desc, (void)desc_length, (void)room;
    if (type == DTLS_PSK_HINT)
        return 0;
    bool is_key = type == DTLS_PSK_KEY;
    size_t length = is_key ? key_length : strlen(IDENTITY);
    memcpy(result, is_key ? (const void *)key : IDENTITY, length);
    return (int)length;
}

static dtls_context_t *new_context(const char *version, bool listens)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    dtls_config_t config;

    dtls_config_init(&config);
    config.only_version = strcmp(version, "1.3") == 0 ? 0xfefc : 0xfefd;
    config.accept = config.tickets = listens;
    config.sessions = listens ? 16 : 0;
    config.early_data = listens ? 16384 : 0;
    config.handshake_ms = 5000;
    config.heartbeat = heartbeats;
    config.trace = on_trace;
    dtls_context_t *ctx = dtls_new_context_config(NULL, &config);
    if (ctx == NULL)
        die("context");
    dtls_set_handler(ctx, &handler);
    return ctx;
}

static session_t loopback(unsigned port)
{
    session_t session;

    dtls_session_init(&session);
    session.size = sizeof session.addr.sin;
    session.addr.sin = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_port = htons((uint16_t)port),
                                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return session;
}

static void open_socket(void)
{
    session_t own = loopback(0);

    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, &own.addr.sa, own.size) != 0 ||
        getsockname(fd, &own.addr.sa, &own.size) != 0)
        die("socket");
    fprintf(stderr, "port %u\n", ntohs(own.addr.sin.sin_port));
}

static void receive(dtls_context_t *ctx)
{
    static uint8_t datagram[DATAGRAM];
    session_t from;

    dtls_session_init(&from);
    from.size = sizeof from.addr;
    ssize_t length = recvfrom(fd, datagram, sizeof datagram, 0, &from.addr.sa, &from.size);
    if (length >= 0)
        dtls_handle_message(ctx, &from, datagram, (int)length);
    is_heartbeat = false;
}

/* Returns false at the end of the input. */
static bool send_input(dtls_context_t *ctx, session_t *peer)
{
    uint8_t data[RECORD];
    ssize_t length = read(STDIN_FILENO, data, sizeof data);

    if (length <= 0)
        dtls_close(ctx, peer);
    else
        dtls_write(ctx, peer, data, (size_t)length);
    return length > 0;
}

static void run(dtls_context_t *ctx, session_t *peer)
{
    bool sending = peer != NULL;

    while (peer == NULL || !ended) {
        struct pollfd ready[] = {
            {.fd = fd, .events = POLLIN},
            {.fd = sending && connected ? STDIN_FILENO : -1, .events = POLLIN}};
        poll(ready, 2, dtls_next_timeout(ctx));
        if (ready[0].revents != 0)
            receive(ctx);
        dtls_check_retransmit(ctx, NULL);
        if (ready[1].revents != 0 && !ended)
            sending = send_input(ctx, peer);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == '-') {
        heartbeats = true;
        mute = argv[1][1] != 'h';
        echoes = argv[1][1] == 'e';
        argv++;
        argc--;
    }
    if (argc < 3 || argc > 4) {
        fputs("usage: plain [-m|-e|-h] KEY VERSION [PORT]\n", stderr);
        return 2;
    }
    for (const char *hex = argv[1];
         key_length < KEY_MAX && sscanf(hex, "%2hhx", &key[key_length]) == 1; hex += 2)
        key_length++;
    bool listens = argc == 3;
    dtls_context_t *ctx = new_context(argv[2], listens);
    open_socket();
    session_t peer = loopback(listens ? 0 : (unsigned)strtoul(argv[3], NULL, 10));
    if (!listens)
        dtls_connect(ctx, &peer);
    run(ctx, listens ? NULL : &peer);
    dtls_free_context(ctx);
    return 0;
}
