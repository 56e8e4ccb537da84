#include "common_fleet.h"
#include "common_series.h"
#include "test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { PER_NET = 250, PATIENCE_S = 300 };

/* The library names a peer by an address. The peer of each client is the listener, so its address cannot distinguish
 * the clients. Returns the address of client n instead, by which this program names the peer of client n. */
static session_t name_of(unsigned n)
{
    session_t session;
    dtls_session_init(&session);
    session.size = sizeof session.addr.sin;
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_port = htons(1);
    session.addr.sin.sin_addr.s_addr = htonl(0x7f010000 + ((n / PER_NET) << 8) + 1 + n % PER_NET);
    return session;
}

static void transmit(const fleet_t *fleet, struct in_addr from, const uint8_t *data, size_t length)
{
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.room = {0}};
    struct sockaddr_in to = fleet->server;
    struct iovec part = {.iov_base = (void *)(size_t)data, .iov_len = length};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = sizeof to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    const struct in_pktinfo info = {.ipi_spec_dst = from};
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof info), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    CHECK_EQ(sendmsg(fleet->fd, &message, 0), length);
}

static int on_write(dtls_context_t *ctx, session_t *session, uint8 *data, size_t length)
{
    fleet_t *fleet = dtls_get_app_data(ctx);
    if (!fleet->hold) {
        transmit(fleet, session->addr.sin.sin_addr, data, length);
        return (int)length;
    }
    CHECK(length <= sizeof fleet->held);
    memcpy(fleet->held, data, length);
    fleet->held_length = length;
    fleet->held_from = session->addr.sin.sin_addr;
    fleet->hold = false;
    return (int)length;
}

static int on_event(dtls_context_t *ctx, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    fleet_t *fleet = dtls_get_app_data(ctx);
    (void)session;
    if (level != DTLS_ALERT_LEVEL_NONE)
        return 0;
    fleet->connected += code == DTLS_EVENT_CONNECTED;
    fleet->ended += code == DTLS_EVENT_CLOSED;
    if (code == DTLS_EVENT_FAILED || code == DTLS_EVENT_TIMEOUT)
        FAIL("a client failed after %zu connected", fleet->connected);
    return 0;
}

static int on_psk(dtls_context_t *ctx, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_length, unsigned char *result, size_t room)
{
    (void)ctx, (void)session, (void)desc, (void)desc_length, (void)room;
    if (type == DTLS_PSK_HINT)
        return 0;
    if (type == DTLS_PSK_IDENTITY) {
        memcpy(result, "fleet", 5);
        return 5;
    }
    memcpy(result, listener_key, LISTENER_KEY);
    return LISTENER_KEY;
}

void fleet_start(fleet_t *fleet, const listener_t *listener, uint16_t suite)
{
    static const dtls_handler_t handler = {
        .write = on_write, .event = on_event, .get_psk_info = on_psk};
    const struct sockaddr_in any = {.sin_family = AF_INET};
    const int on = 1, room = 4 << 20;
    dtls_config_t config;
    memset(fleet, 0, sizeof *fleet);
    fleet->server = listener->address;
    fleet->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fleet->fd, (const struct sockaddr *)&any, sizeof any) == 0);
    CHECK(setsockopt(fleet->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0);
    setsockopt(fleet->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(fleet->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    dtls_config_init(&config);
    config.accept = false;
    config.heartbeat = true;
    config.max_peers = config.max_half_open = FLEET_MAX;
    config.timer_ms = config.timer_min_ms = 5000; /* a busy listener may answer late */
    config.only_version = suite ? dtls_suite_version(suite) : 0;
    config.suites = &suite;
    config.suite_count = suite ? 1 : 0;
    fleet->ctx = dtls_new_context_config(fleet, &config);
    CHECK(fleet->ctx != NULL);
    dtls_set_handler(fleet->ctx, &handler);
}

/* Returns false if no datagram was waiting. */
static bool receive_one(fleet_t *fleet)
{
    static uint8_t data[DTLS_MAX_BUF];
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control;
    struct iovec part = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct in_pktinfo info;
    ssize_t length = recvmsg(fleet->fd, &message, MSG_DONTWAIT);
    if (length < 0)
        return false;
    session_t session = name_of(0);
    CHECK(message.msg_controllen > 0 && control.header.cmsg_type == IP_PKTINFO);
    memcpy(&info, CMSG_DATA(&control.header), sizeof info);
    session.addr.sin.sin_addr = info.ipi_addr;
    dtls_handle_message(fleet->ctx, &session, data, (int)length);
    return true;
}

void fleet_receive(fleet_t *fleet, int milliseconds)
{
    struct pollfd input = {.fd = fleet->fd, .events = POLLIN};
    const double until = clock_us() + milliseconds * 1e3;
    for (;;) {
        while (receive_one(fleet))
            ;
        int wait = (int)((until - clock_us()) / 1e3);
        if (wait <= 0)
            break;
        if (poll(&input, 1, wait) == 0)
            dtls_check_retransmit(fleet->ctx, NULL);
    }
}

double fleet_connect(fleet_t *fleet, unsigned first, unsigned count, unsigned at_once)
{
    struct pollfd input = {.fd = fleet->fd, .events = POLLIN};
    const double start = clock_us();
    const size_t before = fleet->connected;
    unsigned started = 0;
    while (fleet->connected < before + count) {
        while (started < count && started < fleet->connected - before + at_once) {
            const session_t name = name_of(first + started++);
            CHECK(dtls_connect(fleet->ctx, &name) > 0);
        }
        if (receive_one(fleet))
            continue;
        if (poll(&input, 1, 1000) == 0)
            dtls_check_retransmit(fleet->ctx, NULL);
        CHECK(clock_us() - start < (double)PATIENCE_S * 1e6);
    }
    return (clock_us() - start) / 1e6;
}

void fleet_close(fleet_t *fleet, unsigned first, unsigned count)
{
    const size_t before = fleet->ended;
    const double start = clock_us();
    for (unsigned n = first; n < first + count; n++) {
        const session_t name = name_of(n);
        dtls_close(fleet->ctx, &name);
        while (receive_one(fleet))
            ;
    }
    while (fleet->ended < before + count) {
        fleet_receive(fleet, 5);
        dtls_check_retransmit(fleet->ctx, NULL);
        CHECK(clock_us() - start < (double)PATIENCE_S * 1e6);
    }
}

void fleet_seal(fleet_t *fleet, unsigned n, const uint8_t *data, size_t length)
{
    const session_t name = name_of(n);
    uint8_t copy[FLEET_DATAGRAM];
    memcpy(copy, data, length);
    fleet->hold = true;
    session_t session = name;
    CHECK_EQ(dtls_write(fleet->ctx, &session, copy, length), length);
    CHECK(!fleet->hold);
}

void fleet_send(fleet_t *fleet)
{
    transmit(fleet, fleet->held_from, fleet->held, fleet->held_length);
}

void fleet_end(fleet_t *fleet)
{
    dtls_free_context(fleet->ctx);
    close(fleet->fd);
}
