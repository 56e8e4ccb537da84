/*
 * shim.c - drives the library as the TLS test runner of BoringSSL expects. The shim has one
 * association at a time. Its datagrams are frames on a TCP connection, and the runner controls its
 * clock. The shim sends back every message with all bits inverted.
 *
 * The exit status is 0 if the peer has closed, 1 if the association has failed (a line on stderr
 * gives the reason), and 89 if the shim does not support a feature.
 */
#include "common_frames.h"
#include "errors.h"
#include "flags.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNNING = -1, DONE = 0, FAILED = 1, UNIMPLEMENTED = 89 };

/* The runner expects a handshake to end after this number of retransmissions of one flight. */
enum { RETRANSMISSIONS_MAX = 12, TIMER_MS = 400, TIMER_MAX_MS = 60000 };

enum { NS_PER_MS = 1000000 };
enum { SESSIONS = 16 };
/* A system call may wake up the shim this early. The runner counts that as in time. */
enum { EARLY_MS = 15 };

typedef struct {
    flags_t flags;    /* flags of the current connection */
    bool resumption;  /* false on the first connection */
    uint8_t *session; /* client: the session of the previous connection; NULL: none */
    size_t session_length;
    uint64_t session_ns; /* time since that session was received */
    uint8_t psk[DTLS_MAX_PSK];
    size_t psk_length;

    int runner;
    frame_t frame;
    dtls_context_t *ctx;
    session_t peer;
    uint64_t clock_ns;
    size_t mtu; /* for the next association; 0: not set by the runner */

    uint64_t timeouts_before; /* number of timeouts when the current flight was first sent */
    bool hello_repeated;
    bool muted;
    int status;
} shim_t;

static void finish(shim_t *shim, int status)
{
    if (shim->status == RUNNING)
        shim->status = status;
}

/* Reports the failure. The runner ignores what follows. */
static void fail(shim_t *shim, const char *why)
{
    fprintf(stderr, "%s\n", why);
    shim->muted = true;
    finish(shim, FAILED);
}

/* ---- hooks ---- */

static dtls_tick_t clock_hook(void *hook)
{
    const shim_t *shim = hook;
    return shim->clock_ns / NS_PER_MS;
}

static uint64_t timeouts(const shim_t *shim)
{
    dtls_stats_t stats;
    return dtls_get_stats(shim->ctx, &shim->peer, &stats) == 0 ? stats.timeouts : 0;
}

static bool refused_hello(const shim_t *shim, const dtls_trace_t *trace)
{
    bool refused = trace->kind == DTLS_TRACE_ALERT && trace->outgoing;
    bool dropped = trace->kind == DTLS_TRACE_DROP && trace->drop == DTLS_DROP_BAD_HELLO;
    return (refused || dropped) && !dtls_get_peer(shim->ctx, &shim->peer);
}

static void trace_hook(void *hook, const dtls_trace_t *trace)
{
    enum { CLIENT_HELLO = 1 };
    shim_t *shim = hook;
    if (trace->kind == DTLS_TRACE_MESSAGE && trace->outgoing && trace->retransmit == 0)
        shim->timeouts_before = timeouts(shim);
    if (trace->kind == DTLS_TRACE_MESSAGE && trace->msg_type == CLIENT_HELLO && trace->msg_seq > 0)
        shim->hello_repeated = true;
    if (shim->status == RUNNING && refused_hello(shim, trace)) {
        errors_print_refused(trace);
        finish(shim, FAILED);
    }
}

static void keep_session(void *hook, const session_t *peer, const uint8_t *state, size_t length,
                         uint32_t lifetime_s)
{
    shim_t *shim = hook;
    (void)peer, (void)lifetime_s;
    free(shim->session);
    shim->session = malloc(length);
    shim->session_length = shim->session ? length : 0;
    shim->session_ns = shim->clock_ns;
    if (shim->session)
        memcpy(shim->session, state, length);
}

/* ---- callbacks ---- */

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    shim_t *shim = dtls_get_app_data(ctx);
    (void)session;
    /* The runner expects the association to end after a number of retransmissions. The library has
     * a time limit instead. */
    if (!shim->muted && timeouts(shim) > shim->timeouts_before + RETRANSMISSIONS_MAX)
        fail(shim, ":READ_TIMEOUT_EXPIRED:");
    if (!shim->muted && !frame_send_packet(shim->runner, data, length))
        return -1;
    return (int)length;
}

static void update_keys(shim_t *shim)
{
    if (dtls_update_keys(shim->ctx, &shim->peer, false) < 0)
        fail(shim, "dtls_update_keys() failed");
}

static int on_read(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    shim_t *shim = dtls_get_app_data(ctx);
    if (length == 0)
        return 0; /* the runner sees a stream of bytes, which cannot report this */
    for (size_t i = 0; i < length; i++)
        data[i] ^= 0xff;
    if (shim->flags.update_keys)
        update_keys(shim);
    if (dtls_write(ctx, session, data, length) < 0)
        fail(shim, "dtls_write() failed");
    if (shim->flags.update_keys_before_read)
        update_keys(shim);
    return 0;
}

/* Sends the exported bytes to the runner, in records as large as possible. */
static void send_exported(shim_t *shim)
{
    static uint8_t exported[1024];
    const flags_t *flags = &shim->flags;
    const char *context = flags->export_context;
    size_t length = (size_t)flags->export_length;
    if (length > sizeof exported ||
        dtls_export(shim->ctx, &shim->peer, flags->export_label,
                    flags->use_export_context ? (const uint8_t *)context : NULL,
                    flags->use_export_context ? strlen(context) : 0, exported, length) < 0 ||
        dtls_write(shim->ctx, &shim->peer, exported, length) < 0)
        fail(shim, "dtls_export() failed");
}

static void check_resumption(shim_t *shim)
{
    bool expected = shim->resumption && !shim->flags.expect_session_miss;
    dtls_info_t info;
    if (dtls_get_info(shim->ctx, &shim->peer, &info) == 0 && info.resumed != expected)
        fail(shim, expected ? "the session was not resumed" : "a session was resumed");
}

static void connected(shim_t *shim)
{
    const flags_t *flags = &shim->flags;
    uint8_t greeting[] = "hello";
    check_resumption(shim);
    if (flags->expect_retry && !shim->hello_repeated)
        fail(shim, "no HelloRetryRequest");
    if (flags->export_length > 0)
        send_exported(shim);
    if (flags->writes_first)
        dtls_write(shim->ctx, &shim->peer, greeting, sizeof greeting - 1);
    if (flags->update_keys_before_read)
        update_keys(shim);
    if (flags->alert != FLAGS_UNSET)
        dtls_abort(shim->ctx, &shim->peer, (dtls_alert_t)flags->alert);
    if (flags->shuts_down)
        dtls_close(shim->ctx, &shim->peer);
    if (flags->alert != FLAGS_UNSET || flags->shuts_down)
        finish(shim, DONE);
}

static void failed(shim_t *shim)
{
    dtls_info_t info;
    if (shim->status == RUNNING && dtls_get_info(shim->ctx, &shim->peer, &info) == 0)
        errors_print(&info);
    finish(shim, FAILED);
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    shim_t *shim = dtls_get_app_data(ctx);
    if (level != 0)
        return 0;
    switch (code) {
    case DTLS_EVENT_CONNECT:
        if (shim->mtu > 0)
            dtls_set_mtu(ctx, session, shim->mtu);
        break;
    case DTLS_EVENT_CONNECTED: connected(shim); break;
    case DTLS_EVENT_CLOSED: finish(shim, DONE); break;
    case DTLS_EVENT_FAILED:
    case DTLS_EVENT_TIMEOUT: failed(shim); break;
    }
    return 0;
}

static int give(uint8_t *result, size_t room, const void *what, size_t length)
{
    if (length > room)
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    memcpy(result, what, length);
    return (int)length;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    const shim_t *shim = dtls_get_app_data(ctx);
    const char *identity = shim->flags.identity;
    (void)session;
    if (type == DTLS_PSK_HINT)
        return 0;
    if (type == DTLS_PSK_IDENTITY)
        return give(result, room, identity, strlen(identity));
    if (desc_length != strlen(identity) || memcmp(desc, identity, desc_length) != 0)
        return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
    return give(result, room, shim->psk, shim->psk_length);
}

/* ---- commands of the runner ---- */

/* Compares the time of the next timer with the runner's. A timer that is due later than the longest
 * retransmission timer deletes old state, and the runner does not know of such timers. */
static void expect_timeout(shim_t *shim, uint64_t expected_ns)
{
    int ms = dtls_next_timeout(shim->ctx);
    bool none = ms < 0 || ms > TIMER_MAX_MS;
    if (none && expected_ns == FRAME_NEVER)
        return;
    /* The library's clock has a resolution of one millisecond. */
    uint64_t found_ns = (uint64_t)(ms > 0 ? ms : 0) * NS_PER_MS;
    uint64_t past_ns = shim->clock_ns % NS_PER_MS;
    found_ns -= found_ns > past_ns ? past_ns : found_ns;
    uint64_t off_ns = found_ns > expected_ns ? found_ns - expected_ns : expected_ns - found_ns;
    if (!none && expected_ns != FRAME_NEVER && off_ns < NS_PER_MS)
        return;
    fprintf(stderr, "next time-out in %d ms, expected in %lld ns\n", ms, (long long)expected_ns);
    fail(shim, "dtls:next-timeout");
}

static void step(shim_t *shim, uint64_t ns)
{
    frame_send(shim->runner, FRAME_STEPPED, 0);
    shim->clock_ns += ns;
    int early_ms = dtls_next_timeout(shim->ctx);
    if (early_ms > 0 && early_ms <= EARLY_MS)
        shim->clock_ns += (uint64_t)early_ms * NS_PER_MS;
    dtls_check_retransmit(shim->ctx, NULL);
}

static void set_mtu(shim_t *shim, uint64_t mtu)
{
    shim->mtu = (size_t)mtu;
    if (dtls_get_peer(shim->ctx, &shim->peer) &&
        dtls_set_mtu(shim->ctx, &shim->peer, shim->mtu) < 0)
        fail(shim, "dtls_set_mtu() failed");
}

static void obey(shim_t *shim)
{
    frame_t *frame = &shim->frame;
    switch (frame->type) {
    case FRAME_PACKET:
        dtls_handle_message(shim->ctx, &shim->peer, frame->data, (int)frame->number);
        break;
    case FRAME_STEP: step(shim, frame->number); break;
    case FRAME_MTU: set_mtu(shim, frame->number); break;
    case FRAME_EXPECT: expect_timeout(shim, frame->number); break;
    case FRAME_TIMER:
        if (dtls_set_timer(shim->ctx, (uint32_t)frame->number) < 0)
            fail(shim, "dtls_set_timer() failed");
        break;
    case FRAME_STEPPED: fail(shim, "an answer where an order belongs"); break;
    }
}

/* ---- from start to end ---- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool take_hex_psk(shim_t *shim, const char *text)
{
    for (; *text; text += 2) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || shim->psk_length == DTLS_MAX_PSK)
            return false;
        shim->psk[shim->psk_length++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool take_psk(shim_t *shim)
{
    const char *text = shim->flags.psk ? shim->flags.psk : "";
    if (shim->flags.psk_is_hex)
        return take_hex_psk(shim, text);
    shim->psk_length = strlen(text);
    if (shim->psk_length > DTLS_MAX_PSK)
        return false;
    memcpy(shim->psk, text, shim->psk_length);
    return true;
}

/* Connects to the runner. The address of the runner is used as that of the peer. */
static bool connect_to_runner(shim_t *shim)
{
    const flags_t *flags = &shim->flags;
    uint16_t port = htons((uint16_t)flags->port);
    dtls_session_init(&shim->peer);
    if (flags->ipv6) {
        shim->peer.addr.sin6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = port};
        shim->peer.size = sizeof shim->peer.addr.sin6;
    } else {
        shim->peer.addr.sin = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = port};
        shim->peer.size = sizeof shim->peer.addr.sin;
    }
    uint8_t id[8];
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)((uint64_t)flags->shim_id >> (8 * i));
    const int on = 1; /* the runner waits for each small frame */
    shim->runner = socket(shim->peer.addr.sa.sa_family, SOCK_STREAM, 0);
    setsockopt(shim->runner, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return shim->runner >= 0 && connect(shim->runner, &shim->peer.addr.sa, shim->peer.size) == 0 &&
           send(shim->runner, id, sizeof id, MSG_NOSIGNAL) == (ssize_t)sizeof id;
}

static bool make_context(shim_t *shim, uint16_t only_version)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    const flags_t *flags = &shim->flags;
    dtls_config_t config;
    dtls_config_init(&config);
    config.hook = shim;
    config.clock = clock_hook;
    config.trace = trace_hook;
    config.accept = flags->server;
    config.cookie = DTLS_COOKIE_OFF;
    config.only_version = only_version;
    if (flags->resumptions > 0 && flags->server) {
        config.tickets = !flags->no_ticket;
        config.sessions = SESSIONS;
    } else if (flags->resumptions > 0) {
        config.ticket = keep_session;
    }
    config.groups = flags->group_count > 0 ? flags->groups : NULL;
    config.group_count = flags->group_count;
    if (flags->mtu != FLAGS_UNSET)
        config.mtu = (size_t)flags->mtu;
    config.timer_ms = flags->timer_ms != FLAGS_UNSET ? (uint32_t)flags->timer_ms : TIMER_MS;
    config.timer_min_ms = config.timer_ms;
    config.timer_steady_ms = config.timer_max_ms = TIMER_MAX_MS;
    config.handshake_ms = config.cookie_ms = INT32_MAX;
    config.alert_grace_ms = 0;
    shim->ctx = dtls_new_context_config(shim, &config);
    if (shim->ctx)
        dtls_set_handler(shim->ctx, &handler);
    return shim->ctx;
}

static bool is_connected(const shim_t *shim)
{
    dtls_info_t info;
    return dtls_get_info(shim->ctx, &shim->peer, &info) == 0 && info.connected;
}

static bool call(shim_t *shim)
{
    uint64_t age_ms = (shim->clock_ns - shim->session_ns) / NS_PER_MS;
    int result = shim->session ? dtls_resume(shim->ctx, &shim->peer, shim->session,
                                             shim->session_length, age_ms)
                               : dtls_connect(shim->ctx, &shim->peer);
    return result > 0;
}

static void serve(shim_t *shim)
{
    if (!shim->flags.server && !call(shim))
        fail(shim, "dtls_connect() failed");
    while (shim->status == RUNNING) {
        int got = frame_receive(shim->runner, &shim->frame);
        if (got > 0)
            obey(shim);
        else if (got == 0 && is_connected(shim))
            finish(shim, DONE); /* the peer's close_notify was altered, and could not be read */
        else
            fail(shim, got == 0 ? "the runner has gone" : "not a frame");
    }
}

/* If a TCP connection is closed with unread bytes, it is reset, and the runner misses the last
 * frames. */
static void drain(int runner)
{
    uint8_t data[4096];
    shutdown(runner, SHUT_WR);
    while (recv(runner, data, sizeof data, 0) > 0)
        ;
    close(runner);
}

static void connect_and_serve(shim_t *shim)
{
    shim->status = RUNNING;
    shim->muted = shim->hello_repeated = false;
    if (connect_to_runner(shim)) {
        serve(shim);
    } else {
        fprintf(stderr, "no runner: %s\n", strerror(errno));
        shim->status = FAILED;
    }
    shim->muted = true;
    dtls_peer_t *peer = dtls_get_peer(shim->ctx, &shim->peer);
    if (peer)
        dtls_reset_peer(shim->ctx, peer);
    drain(shim->runner);
}

/* All connections share one context, which has one version. */
static bool take_flags(shim_t *shim, char **arguments, flags_t *later, uint16_t *only_version)
{
    uint16_t later_version;
    return flags_parse(&shim->flags, arguments, false) && flags_parse(later, arguments, true) &&
           shim->flags.dtls && take_psk(shim) && flags_version(&shim->flags, only_version) &&
           flags_version(later, &later_version) && *only_version == later_version;
}

int main(int argc, char **argv)
{
    static shim_t shim = {.runner = -1, .clock_ns = (uint64_t)1000 * NS_PER_MS, .status = RUNNING};
    flags_t later;
    uint16_t only_version;
    if (argc == 2 && strcmp(argv[1], "-is-handshaker-supported") == 0) {
        puts("No"); /* the runner asks whether the handshake can continue in another process */
        return DONE;
    }
    if (!take_flags(&shim, argv + 1, &later, &only_version) || !make_context(&shim, only_version))
        return UNIMPLEMENTED;
    connect_and_serve(&shim);
    shim.resumption = true;
    shim.flags = later;
    for (int64_t i = 0; i < later.resumptions && shim.status == DONE; i++)
        connect_and_serve(&shim);
    dtls_free_context(shim.ctx);
    free(shim.session);
    return shim.status;
}
