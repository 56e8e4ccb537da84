/* The socket of the tool: sends and receives datagrams in batches, with one and with several
 * addresses, and on systems without batches. */
#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#ifndef UDP_NO_CHECK6_TX
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#endif

enum { PATIENCE_MS = 100000, LARGEST = 1400 };

static struct net listener = {.fd = -1}, caller = {.fd = -1}, other = {.fd = -1};

/* ---- a network that fails ---- */

static int send_error; /* errno that each sendmsg() of the socket returns; 0: sendmsg() succeeds */
static unsigned sends; /* number of calls */

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    sends++;
    errno = send_error;
    return send_error != 0 ? -1 : syscall(SYS_sendmsg, fd, message, flags);
}

/* ---- calls ---- */

static unsigned receives; /* number of calls */

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    receives++;
    return (int)syscall(SYS_recvmmsg, fd, messages, count, flags, timeout);
}

/* ---- sockets ---- */

static void listen_on(struct net *net, const char *host)
{
    const struct net_config config = {.host = host};

    net_close(net);
    memset(net, 0, sizeof *net);
    if (net_listen(net, &config) != 0)
        SKIP("cannot listen on %s", host);
}

static uint16_t port_of(const struct net *net)
{
    char host[256];

    return net_local(net, host, sizeof host);
}

static void call(struct net *net, const char *host, uint16_t port)
{
    const struct net_config config = {.host = host, .port = port};

    net_close(net);
    memset(net, 0, sizeof *net);
    CHECK_EQ(net_resolve(net, &config), 0);
    CHECK_EQ(net_connect_next(net, &config), 0);
}

static void pair(const char *host)
{
    listen_on(&listener, host);
    call(&caller, host, port_of(&listener));
}

/* The kernel cannot segment a datagram without a checksum. */
static void forbid_batches(void)
{
    int on = 1;

    setsockopt(caller.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on);
    setsockopt(caller.fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, &on, sizeof on);
    setsockopt(listener.fd, IPPROTO_UDP, UDP_NO_CHECK6_RX, &on, sizeof on);
}

static void need_batches(const struct net *net)
{
    if (!net->batches)
        SKIP("this kernel has no UDP_SEGMENT");
}

/* The batch of net that get_one() reads, or NULL. */
static struct batch *batch_of(struct net *net)
{
    return net->taken > 0 ? &net->in[net->taken - 1] : NULL;
}

static bool has_more(struct net *net)
{
    const struct batch *in = batch_of(net);

    return net_has_more(net) || (in != NULL && !batch_is_empty(in));
}

static void wait_for(struct net *net)
{
    struct pollfd ready = {.fd = net->fd, .events = POLLIN};

    if (has_more(net))
        return;
    CHECK_EQ(poll(&ready, 1, PATIENCE_MS), 1);
    net_receive(net);
}

/* ---- datagrams: all bytes are their number ---- */

static session_t unspecified;

static void send_one(struct net *net, const session_t *to, unsigned number, size_t length)
{
    uint8_t data[DTLS_MAX_BUF];

    memset(data, (int)number, length);
    net_send(net, to, data, length);
    memset(data, 0xee, length); /* net_send() must not keep a pointer to the buffer */
}

static void send_many(struct net *net, const session_t *to, unsigned count, size_t length)
{
    for (unsigned i = 0; i < count; i++)
        send_one(net, to, i, length);
}

static session_t get_one(struct net *net, unsigned number, size_t length)
{
    uint8_t expected[DTLS_MAX_BUF], *data;
    struct batch *in;

    NOTE("datagram %u", number);
    wait_for(net);
    in = batch_of(net);
    if (in == NULL || batch_is_empty(in))
        in = net_next(net);
    CHECK(in != NULL);
    CHECK_EQ(batch_next(in, &data), length);
    memset(expected, (int)number, length);
    CHECK_MEM(data, expected, length);
    memset(data, 0xdd, length); /* the receiver may change the datagram */
    return in->peer;
}

static void get_many(struct net *net, unsigned count, size_t length)
{
    for (unsigned i = 0; i < count; i++)
        get_one(net, i, length);
}

static void get_nothing(struct net *net)
{
    CHECK(!has_more(net));
    net_receive(net);
    CHECK(net_next(net) == NULL);
}

/* ---- cases ---- */

TEST(a_batch_goes_at_the_flush)
{
    pair("127.0.0.1");
    need_batches(&caller);
    send_many(&caller, &unspecified, 5, 1200);
    get_nothing(&listener);
    net_flush(&caller);
    get_one(&listener, 0, 1200);
    CHECK(has_more(&listener));
    for (unsigned i = 1; i < 5; i++)
        get_one(&listener, i, 1200);
    CHECK(!has_more(&listener));
    get_nothing(&listener);
}

TEST(one_call_receives_what_several_peers_have_sent)
{
    pair("127.0.0.1");
    call(&other, "127.0.0.1", port_of(&listener));
    for (unsigned i = 0; i < 12; i++) {
        send_one(i % 2 == 0 ? &caller : &other, &unspecified, i, 100);
        net_flush(i % 2 == 0 ? &caller : &other);
    }
    receives = 0;
    for (unsigned i = 0; i < 12; i++)
        get_one(&listener, i, 100);
    CHECK_EQ(receives, 1);
    get_nothing(&listener);
}

/* Before a flush, datagrams are sent. Each row has the number and the size of equal datagrams, and
 * how many of them arrive. */
TEST(what_does_not_fit_sends_the_batch_first)
{
    static const struct {
        unsigned first;
        size_t length;
        unsigned then;
        size_t next;
        unsigned out;
    } rows[] = {
        {3, 1200, 1, 1201, 3},  {3, 1200, 1, 1200, 0},   {3, 1200, 1, 1, 0},
        {3, 1200, 2, 800, 4},   {64, 1000, 1, 1000, 64}, {54, 1200, 1, 1200, 54},
        {2, 30000, 1, 5473, 2}, {2, 30000, 1, 5472, 0},  {1, 65507, 1, 1, 1},
        {63, 1000, 1, 1000, 0}, {63, 1000, 2, 1000, 64}, {64, 100, 1, 100, 64},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pair("127.0.0.1");
        need_batches(&caller);
        send_many(&caller, &unspecified, rows[i].first, rows[i].length);
        for (unsigned j = 0; j < rows[i].then; j++)
            send_one(&caller, &unspecified, rows[i].first + j, rows[i].next);
        for (unsigned j = 0; j < rows[i].out; j++)
            get_one(&listener, j, j < rows[i].first ? rows[i].length : rows[i].next);
        NOTE("row %zu", i);
        get_nothing(&listener);
        net_flush(&caller);
        for (unsigned j = rows[i].out; j < rows[i].first + rows[i].then; j++)
            get_one(&listener, j, j < rows[i].first ? rows[i].length : rows[i].next);
    }
}

/* Sends datagrams of which all bytes are their number, as one batch. */
static void send_batch(unsigned count, size_t segment, size_t last)
{
    static uint8_t data[DTLS_MAX_BUF];
    size_t length = (count - 1) * segment + last;

    for (unsigned i = 0; i < count; i++)
        memset(data + i * segment, (int)i, i + 1 < count ? segment : last);
    caller.message = true;
    net_send_batch(&caller, &unspecified, data, length, segment);
    caller.message = false;
    memset(data, 0xee, length);
}

/* A batch of data and the short request after it leave in one call, and arrive as one buffer. */
TEST(a_request_closes_the_batch)
{
    static const struct {
        unsigned count;
        size_t segment;
    } rows[] = {
        {44, 1472}, {53, 1232}, {63, 508}, {4, (BATCH_BYTES - BATCH_REQUEST) / 4}, {7, 8972}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned count = rows[i].count;
        pair("127.0.0.1");
        need_batches(&caller);
        sends = receives = 0;
        send_batch(count, rows[i].segment, rows[i].segment);
        send_one(&caller, &unspecified, count, 82);
        net_flush(&caller);
        NOTE("row %zu", i);
        CHECK_EQ(sends, 1);
        for (unsigned j = 0; j <= count; j++)
            get_one(&listener, j, j < count ? rows[i].segment : 82);
        CHECK_EQ(receives, 1);
        CHECK_EQ(listener.received, 1);
    }
}

TEST(a_batch_follows_what_was_sent_before)
{
    pair("127.0.0.1");
    send_one(&caller, &unspecified, 0, 100);
    send_batch(3, 1000, 999);
    send_batch(2, 1000, 1000);
    net_flush(&caller);
    get_one(&listener, 0, 100);
    for (unsigned j = 0; j < 3; j++)
        get_one(&listener, j, j < 2 ? 1000 : 999);
    for (unsigned j = 0; j < 2; j++)
        get_one(&listener, j, 1000);
}

TEST(without_batches_a_batch_is_sent_one_by_one)
{
    pair("127.0.0.1");
    caller.batches = false;
    send_batch(3, 1000, 999);
    net_flush(&caller);
    for (unsigned j = 0; j < 3; j++)
        get_one(&listener, j, j < 2 ? 1000 : 999);
}

/* The sizes are mostly equal, as in a bulk transfer. */
static size_t any_length(void)
{
    static const size_t lengths[] = {1200, 1200, 1200, 1200, 1200, 1200, 700, 37};

    return rand() % 8 == 0 ? 1 + (size_t)rand() % LARGEST : lengths[rand() % 8];
}

static void exchange_mixed(const char *host, bool batches)
{
    size_t lengths[48];
    const char *given = getenv("TEST_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);

    fprintf(stderr, "TEST_SEED=%u\n", seed);
    srand(seed);
    pair(host);
    if (!batches)
        forbid_batches();
    for (int round = 0; round < 50; round++) {
        unsigned count = 1 + (unsigned)rand() % 48;
        for (unsigned i = 0; i < count; i++) {
            lengths[i] = any_length();
            send_one(&caller, &unspecified, i, lengths[i]);
        }
        net_flush(&caller);
        for (unsigned i = 0; i < count; i++)
            get_one(&listener, i, lengths[i]);
        get_nothing(&listener);
    }
    CHECK_EQ(caller.write_failed, 0);
    CHECK_EQ(caller.refused, 0);
    if (!batches)
        CHECK(!caller.batches);
}

TEST(mixed_sizes_keep_order_and_content)
{
    exchange_mixed("127.0.0.1", true);
}

TEST(mixed_sizes_ipv6)
{
    exchange_mixed("::1", true);
}

TEST(mixed_sizes_without_batches)
{
    exchange_mixed("127.0.0.1", false);
}

TEST(mixed_sizes_without_batches_ipv6)
{
    exchange_mixed("::1", false);
}

/* The kernel refuses a batch: its datagrams are sent one by one, and later ones are not put into
 * batches. */
TEST(a_refused_batch_goes_one_by_one)
{
    pair("127.0.0.1");
    need_batches(&caller);
    forbid_batches();
    send_many(&caller, &unspecified, 7, 1200);
    net_flush(&caller);
    CHECK(!caller.batches);
    get_many(&listener, 7, 1200);
    get_nothing(&listener);
    send_one(&caller, &unspecified, 1, 1200);
    get_one(&listener, 1, 1200);
    CHECK_EQ(caller.write_failed, 0);
}

TEST(an_empty_datagram)
{
    pair("127.0.0.1");
    CHECK_EQ(send(caller.fd, "", 0, 0), 0);
    send_one(&caller, &unspecified, 7, 1);
    net_flush(&caller);
    get_one(&listener, 0, 0);
    get_one(&listener, 7, 1);
}

TEST(a_batch_to_one_peer_goes_to_no_other)
{
    session_t first, second;

    pair("127.0.0.1");
    call(&other, "127.0.0.1", port_of(&listener));
    send_one(&caller, &unspecified, 1, 1);
    send_one(&other, &unspecified, 2, 1);
    net_flush(&caller);
    net_flush(&other);
    first = get_one(&listener, 1, 1);
    second = get_one(&listener, 2, 1);
    for (unsigned i = 0; i < 30; i++)
        send_one(&listener, i % 3 == 0 ? &second : &first, i, 1200);
    net_flush(&listener);
    for (unsigned i = 0; i < 30; i++)
        get_one(i % 3 == 0 ? &other : &caller, i, 1200);
    get_nothing(&caller);
    get_nothing(&other);
}

/* ---- own addresses ---- */

static session_t address_of(const struct net *net, const char *host)
{
    session_t address;

    dtls_session_init(&address);
    if (strchr(host, ':') != NULL) {
        address.addr.sin6 =
            (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port_of(net))};
        inet_pton(AF_INET6, host, &address.addr.sin6.sin6_addr);
        address.size = sizeof address.addr.sin6;
    } else {
        address.addr.sin =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port_of(net))};
        inet_pton(AF_INET, host, &address.addr.sin.sin_addr);
        address.size = sizeof address.addr.sin;
    }
    return address;
}

/* One peer sends to two addresses of a listener on all addresses. Each response comes from the
 * address to which the peer has sent. */
static void answers_from(const char *all, const char *mine, const char *one, const char *two)
{
    session_t to[2], from[2], seen;

    listen_on(&listener, all);
    listen_on(&other, mine);
    to[0] = address_of(&listener, one);
    to[1] = address_of(&listener, two);
    for (unsigned i = 0; i < 2; i++) {
        send_one(&other, &to[i], i, 1200);
        net_flush(&other);
        from[i] = get_one(&listener, i, 1200);
    }
    for (unsigned i = 0; i < 24; i++)
        send_one(&listener, &from[i / 3 % 2], i, 1200);
    net_flush(&listener);
    for (unsigned i = 0; i < 24; i++) {
        seen = get_one(&other, i, 1200);
        CHECK(dtls_session_equals(&seen, &to[i / 3 % 2]));
    }
}

TEST(batches_leave_from_the_address_that_was_written_to)
{
    answers_from("0.0.0.0", "127.0.0.9", "127.0.0.1", "127.0.0.2");
}

TEST(batches_leave_from_the_address_that_was_written_to_mapped)
{
    answers_from("::", "127.0.0.9", "127.0.0.1", "127.0.0.2");
}

TEST(batches_leave_from_the_address_that_was_written_to_ipv6)
{
    answers_from("::", "::1", "::1", "::1");
}

/* ---- errors ---- */

TEST(a_batch_that_fails_is_counted)
{
    pair("127.0.0.1");
    need_batches(&caller);
    send_many(&caller, &unspecified, 5, 1200);
    CHECK_EQ(shutdown(caller.fd, SHUT_WR), 0);
    CHECK_EQ(caller.write_failed, 0);
    net_flush(&caller);
    CHECK_EQ(caller.write_failed, 5);
    CHECK_EQ(caller.broken, EPIPE);
    net_flush(&caller);
    CHECK_EQ(caller.write_failed, 5);
}

TEST(without_batches_an_error_comes_at_once)
{
    uint8_t byte = 0;

    pair("127.0.0.1");
    forbid_batches();
    send_many(&caller, &unspecified, 2, 1);
    net_flush(&caller);
    CHECK_EQ(shutdown(caller.fd, SHUT_WR), 0);
    net_send(&caller, &unspecified, &byte, 1);
    CHECK_EQ(caller.broken, EPIPE);
    CHECK_EQ(caller.write_failed, 1);
}

static size_t unsent; /* number of lost messages that the socket has reported */

static void count_unsent(void *hook, const session_t *to, size_t messages)
{
    CHECK(hook == &unsent);
    CHECK(to != NULL);
    unsent += messages;
}

TEST(the_messages_of_a_batch_that_fails_are_unsent)
{
    for (int batches = 0; batches < 2; batches++) {
        pair("127.0.0.1");
        caller.unsent = count_unsent;
        caller.hook = &unsent;
        caller.batches &= batches;
        unsent = 0;
        send_error = ENETUNREACH;
        send_batch(5, 1200, 7);
        net_flush(&caller);
        send_error = 0;
        CHECK_EQ(unsent, 5);
        CHECK_EQ(caller.write_failed, 5);
    }
}

static void send_messages(struct net *net, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        net->message = true;
        send_one(net, &unspecified, i, 1200);
    }
    send_one(net, &unspecified, count, 1200); /* without an application message */
    net_flush(net);
}

/* Five messages and one datagram of the library cannot be sent. Then as many are sent. */
static void fails_with(int error, bool passes)
{
    unsent = 0;
    send_error = error;
    send_messages(&caller, 5);
    send_error = 0;
    NOTE("%s", strerror(error));
    CHECK_EQ(caller.write_failed, 6);
    CHECK_EQ(unsent, 5);
    CHECK_EQ(caller.broken, passes ? 0 : error);
    CHECK_EQ(caller.refused, 0);
    CHECK_EQ(caller.failing, passes ? error : 0);
    unsent = 0;
    send_messages(&caller, 5);
    get_many(&listener, 6, 1200);
    CHECK_EQ(unsent, 0);
    CHECK_EQ(caller.write_failed, 6);
}

static void fails(bool batches)
{
    static const struct {
        int error;
        bool passes;
    } rows[] = {
        {EPERM, true},         {EACCES, true},  {ENETUNREACH, true}, {EHOSTUNREACH, true},
        {EHOSTDOWN, true},     {ENOBUFS, true}, {ENETDOWN, true},    {ENODEV, true},
        {EADDRNOTAVAIL, true}, {EAGAIN, true},  {ENOMEM, true},      {EBADF, false},
        {ENOTSOCK, false},     {EFAULT, false}, {EPIPE, false},      {EINVAL, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pair("127.0.0.1");
        if (batches)
            need_batches(&caller);
        caller.batches = batches;
        caller.unsent = count_unsent;
        caller.hook = &unsent;
        fails_with(rows[i].error, rows[i].passes);
    }
}

TEST(an_error_that_passes_costs_the_datagrams_of_its_batch)
{
    fails(true);
}

TEST(an_error_that_passes_costs_a_datagram)
{
    fails(false);
}

/* The error may be about the local address to which one of the peers has sent. */
TEST(a_listener_outlives_an_invalid_argument)
{
    session_t to;

    pair("127.0.0.1");
    send_one(&caller, &unspecified, 0, 1);
    net_flush(&caller);
    to = get_one(&listener, 0, 1);
    send_error = EINVAL;
    send_one(&listener, &to, 1, 1200);
    net_flush(&listener);
    send_error = 0;
    CHECK_EQ(listener.broken, 0);
    CHECK_EQ(listener.failing, EINVAL);
    CHECK_EQ(listener.write_failed, 1);
}

/* A pending ICMP error is reported, and no datagram is lost. */
static void survives_icmp(bool batches)
{
    session_t own, elsewhere;

    pair("127.0.0.1");
    elsewhere = address_of(&caller, "127.0.0.3");
    own = address_of(&caller, "127.0.0.1");
    if (!batches) {
        forbid_batches();
        send_many(&caller, &unspecified, 2, 1);
        net_flush(&caller);
        get_many(&listener, 2, 1);
    }
    CHECK_EQ(connect(listener.fd, &elsewhere.addr.sa, elsewhere.size), 0);
    send_many(&caller, &unspecified, 3, 1200);
    net_flush(&caller);
    struct pollfd error = {.fd = caller.fd};
    CHECK_EQ(poll(&error, 1, PATIENCE_MS), 1);
    CHECK_EQ(connect(listener.fd, &own.addr.sa, own.size), 0);
    caller.refused = 0;
    send_many(&caller, &unspecified, 3, 1200);
    net_flush(&caller);
    CHECK_EQ(caller.refused, ECONNREFUSED);
    CHECK_EQ(caller.write_failed, 0);
    get_many(&listener, 3, 1200);
}

TEST(a_batch_survives_an_icmp_error)
{
    survives_icmp(true);
}

TEST(a_datagram_survives_an_icmp_error)
{
    survives_icmp(false);
}

/* Queued datagrams are sent when the socket is closed, and not to the next peer. */
TEST(closing_sends_what_is_kept)
{
    pair("127.0.0.1");
    send_many(&caller, &unspecified, 3, 1200);
    listen_on(&other, "127.0.0.1");
    call(&caller, "127.0.0.1", port_of(&other));
    get_many(&listener, 3, 1200);
    net_flush(&caller);
    get_nothing(&other);
}
