#include "common_runner.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 100 };

runner_t runner;

/* ---- the peer of the shim ---- */

static dtls_tick_t on_clock(void *hook)
{
    (void)hook;
    return runner.now; /* does not advance any more: only the shim has to retransmit */
}

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx, (void)session;
    return frame_send_packet(runner.fd, data, length) ? (int)length : -1;
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    (void)ctx, (void)session;
    CHECK(length <= sizeof runner.message);
    memcpy(runner.message, data, length);
    runner.message_length = length;
    runner.messages++;
    return 0;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    if (level != 0)
        return 0;
    if (code == DTLS_EVENT_CONNECTED) {
        runner.connected = true;
        dtls_get_info(ctx, session, &runner.info);
    }
    runner.ended |=
        code == DTLS_EVENT_CLOSED || code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT;
    if (runner.ended)
        dtls_get_info(ctx, session, &runner.info);
    return 0;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    const char *what = type == DTLS_PSK_KEY        ? runner.key
                       : type == DTLS_PSK_IDENTITY ? runner.identity
                                                   : "";
    (void)ctx, (void)session, (void)desc, (void)desc_length;
    CHECK(strlen(what) <= room);
    memcpy(result, what, strlen(what));
    return (int)strlen(what);
}

static void on_trace(void *hook, const dtls_trace_t *trace)
{
    enum { APPLICATION_DATA = 23 };
    (void)hook;
    if (trace->kind == DTLS_TRACE_RECORD && !trace->outgoing &&
        trace->content_type == APPLICATION_DATA)
        runner.data_epoch = trace->epoch;
}

static void on_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                      uint32_t lifetime_s)
{
    (void)hook, (void)session, (void)lifetime_s;
    CHECK(length <= sizeof runner.session);
    memcpy(runner.session, state, length);
    runner.session_length = length;
}

/* ---- the shim ---- */

static void listen_on(int family)
{
    session_t *at = &runner.address;
    dtls_session_init(at);
    if (family == AF_INET6)
        at->addr.sin6 =
            (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    else
        at->addr.sin =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    at->size = family == AF_INET6 ? sizeof at->addr.sin6 : sizeof at->addr.sin;
    runner.listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (runner.listener < 0 || bind(runner.listener, &at->addr.sa, at->size) != 0)
        SKIP("no such loopback");
    CHECK_EQ(listen(runner.listener, 1), 0);
    CHECK_EQ(getsockname(runner.listener, &at->addr.sa, &at->size), 0);
}

static void exec_shim(const char *const *flags, int err)
{
    enum { ARGUMENTS_MAX = 40 };
    char port[8], path[512];
    const char *build = getenv("BUILD");
    const char *arguments[ARGUMENTS_MAX] = {path, "-port", port, "-shim-id", "258", "-dtls"};
    size_t count = 6;
    while (*flags && count < ARGUMENTS_MAX - 1)
        arguments[count++] = *flags++;
    snprintf(port, sizeof port, "%u", ntohs(runner.address.addr.sin.sin_port));
    snprintf(path, sizeof path, "%s/tests/shim/shim", build ? build : "build");
    dup2(err, STDERR_FILENO);
    execv(path, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

void runner_spawn(const char *const *flags, int family)
{
    int pipes[2];
    runner = (runner_t){.fd = -1, .key = KEY, .identity = ""};
    listen_on(family);
    CHECK_EQ(pipe(pipes), 0);
    runner.shim = fork();
    CHECK(runner.shim >= 0);
    if (runner.shim == 0)
        exec_shim(flags, pipes[1]);
    close(pipes[1]);
    runner.err = pipes[0];
}

void runner_greet(void)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    uint8_t id[8];
    setsockopt(runner.listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    runner.fd = accept(runner.listener, NULL, NULL);
    CHECK(runner.fd >= 0);
    const int on = 1;
    setsockopt(runner.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(runner.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    CHECK_EQ(recv(runner.fd, id, sizeof id, MSG_WAITALL), sizeof id);
    CHECK_MEM(id, "\x02\x01\0\0\0\0\0\0", sizeof id);
}

void runner_make_peer(bool client, const char *identity)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    dtls_config_t config;
    dtls_config_init(&config);
    config.clock = on_clock;
    config.trace = on_trace;
    config.only_version = 0;
    config.cookie = DTLS_COOKIE_OFF;
    config.alert_grace_ms = 0;
    config.groups = runner.groups;
    config.group_count = runner.group_count;
    if (runner.sessions) {
        config.ticket = on_ticket;
        config.tickets = true;
    }
    runner.identity = identity;
    runner.now = 1;
    runner.ctx = dtls_new_context_config(NULL, &config);
    CHECK(runner.ctx);
    dtls_set_handler(runner.ctx, &handler);
    if (client)
        CHECK(dtls_connect(runner.ctx, &runner.address) > 0);
}

void runner_start(bool shim_is_server, const char *const *flags)
{
    runner_spawn(flags, AF_INET);
    runner_greet();
    runner_make_peer(shim_is_server, "");
}

void runner_check_exit(int status, const char *words)
{
    char said[512] = "";
    size_t length = 0;
    ssize_t got;
    int how;
    while ((got = read(runner.err, said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    CHECK_EQ(waitpid(runner.shim, &how, 0), runner.shim);
    NOTE("stderr: %s", said);
    CHECK(WIFEXITED(how));
    CHECK_EQ(WEXITSTATUS(how), status);
    CHECK(strstr(said, words));
    close(runner.err);
    close(runner.listener);
}

/* Closes the sending direction, and lets the shim receive everything sent before. */
void runner_end(int status, const char *words)
{
    shutdown(runner.fd, SHUT_WR);
    while (frame_receive(runner.fd, &runner.frame) == 1)
        ;
    runner_check_exit(status, words);
    if (runner.ctx)
        dtls_free_context(runner.ctx);
    close(runner.fd);
}

void runner_next_connection(void)
{
    shutdown(runner.fd, SHUT_WR);
    while (frame_receive(runner.fd, &runner.frame) == 1)
        ;
    close(runner.fd);
    runner_greet();
    runner.connected = runner.ended = false;
    dtls_peer_t *peer = dtls_get_peer(runner.ctx, &runner.address);
    if (peer)
        dtls_reset_peer(runner.ctx, peer);
    if (runner.session_length > 0)
        CHECK(dtls_resume(runner.ctx, &runner.address, runner.session, runner.session_length, 0) >
              0);
}

/* ---- frames ---- */

void runner_next_frame(frame_type_t type)
{
    CHECK_EQ(frame_receive(runner.fd, &runner.frame), 1);
    CHECK_EQ(runner.frame.type, type);
    if (type != FRAME_PACKET)
        return;
    runner.packets++;
    if (runner.frame.number > runner.longest)
        runner.longest = (size_t)runner.frame.number;
}

void runner_deliver(void)
{
    runner_next_frame(FRAME_PACKET);
    dtls_handle_message(runner.ctx, &runner.address, runner.frame.data, (int)runner.frame.number);
}

void runner_step(uint64_t ms)
{
    CHECK(frame_send(runner.fd, FRAME_STEP, ms * 1000000));
    runner_next_frame(FRAME_STEPPED);
}

void runner_settle(void)
{
    CHECK(frame_send(runner.fd, FRAME_STEP, 0));
    while (frame_receive(runner.fd, &runner.frame) == 1 && runner.frame.type == FRAME_PACKET)
        dtls_handle_message(runner.ctx, &runner.address, runner.frame.data,
                            (int)runner.frame.number);
    CHECK_EQ(runner.frame.type, FRAME_STEPPED);
}

void runner_acknowledge(void)
{
    enum { QUARTER_TIMER_MS = 100 };
    runner.now += QUARTER_TIMER_MS;
    dtls_check_retransmit(runner.ctx, NULL);
    runner_settle();
}

void runner_expect(uint64_t ns)
{
    CHECK(frame_send(runner.fd, FRAME_EXPECT, ns));
}

void runner_shake_hands(void)
{
    while (!runner.connected && !runner.ended)
        runner_deliver();
    CHECK(runner.connected);
    runner_settle();
}

void runner_echo(void)
{
    uint8_t message[] = {'d', 't', 'l', 's', 0x00, 0xff}, inverted[sizeof message];
    size_t before = runner.messages;
    for (size_t i = 0; i < sizeof message; i++)
        inverted[i] = (uint8_t)~message[i];
    CHECK_EQ(dtls_write(runner.ctx, &runner.address, message, sizeof message), sizeof message);
    while (runner.messages == before)
        runner_deliver();
    CHECK_EQ(runner.message_length, sizeof message);
    CHECK_MEM(runner.message, inverted, sizeof message);
}

void runner_close_and_end(void)
{
    CHECK_EQ(dtls_close(runner.ctx, &runner.address), 0);
    runner_end(0, "");
}
