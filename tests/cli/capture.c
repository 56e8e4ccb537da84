/*
 * capture.c - the blocks of a capture, for datagrams of each length; comments and secrets; a pipe
 * whose reader has stopped.
 */
#include "report/capture.h"

#include "net/address.h"
#include "report/pcapng.h"

#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6, SECRETS = 10 };
enum { OPTIONS_OF_SECTION = 24, OPTIONS_OF_INTERFACE = 16, DATA = 28 };
enum { ROOM = 80000, CAPTURE_MAX = 32 << 20 };

static uint8_t block[ROOM], payload[DTLS_MAX_BUF];

/* ---- reading a capture ---- */

static uint32_t u32_at(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint16_t u16_at(const uint8_t *bytes)
{
    uint16_t value;

    memcpy(&value, bytes, sizeof value);
    return value;
}

static unsigned big_at(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* Checks the lengths of a block, and returns its length. */
static size_t check_block(const uint8_t *bytes, size_t left)
{
    CHECK(left >= 12);
    size_t length = u32_at(bytes + 4);
    CHECK_EQ(length % 4, 0);
    CHECK(length >= 12 && length <= left);
    CHECK_EQ(u32_at(bytes + length - 4), length);
    return length;
}

/* Finds the option with this code and number, from 0. Returns NULL if there is none. Checks that the
 * options end where the block ends. */
static const uint8_t *option(const uint8_t *bytes, size_t at, uint16_t code, unsigned number,
                             size_t *length)
{
    size_t end = u32_at(bytes + 4) - 4;
    const uint8_t *found = NULL;

    for (;;) {
        CHECK(at + 4 <= end);
        uint16_t own = u16_at(bytes + at), size = u16_at(bytes + at + 2);
        at += 4;
        if (own == code && found == NULL && number-- == 0) {
            found = bytes + at;
            *length = size;
        }
        if (own == 0)
            break;
        at += (size + 3U) & ~3U;
    }
    CHECK_EQ(at, end);
    return found;
}

static size_t packet_options(const uint8_t *bytes)
{
    return DATA + ((u32_at(bytes + 20) + 3U) & ~3U);
}

static const char *comment(const uint8_t *bytes, unsigned number)
{
    static char text[2048];
    size_t length = 0;
    const uint8_t *found = option(bytes, packet_options(bytes), 1, number, &length);

    CHECK(length < sizeof text);
    snprintf(text, sizeof text, "%.*s", (int)length, found != NULL ? (const char *)found : "");
    return found != NULL ? text : NULL;
}

/* The checksum of RFC 1071, by the bytes in network order. */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* ---- addresses ---- */

static session_t v4(const char *text, uint16_t port)
{
    session_t session;

    dtls_session_init(&session);
    session.size = sizeof session.addr.sin;
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_port = htons(port);
    CHECK_EQ(inet_pton(AF_INET, text, &session.addr.sin.sin_addr), 1);
    return session;
}

static session_t v6(const char *text, uint16_t port)
{
    session_t session;

    dtls_session_init(&session);
    session.size = sizeof session.addr.sin6;
    session.addr.sin6.sin6_family = AF_INET6;
    session.addr.sin6.sin6_port = htons(port);
    CHECK_EQ(inet_pton(AF_INET6, text, &session.addr.sin6.sin6_addr), 1);
    return session;
}

/* ---- blocks ---- */

TEST(start)
{
    size_t length = 0, size = pcapng_start(block, ROOM, "name 1.0");
    size_t section = check_block(block, size);
    const uint8_t *interface = block + section;

    CHECK_EQ(section + check_block(interface, size - section), size);
    CHECK_EQ(u32_at(block), SECTION);
    CHECK_EQ(u32_at(block + 8), 0x1a2b3c4d);
    CHECK_EQ(u16_at(block + 12), 1);
    CHECK_EQ(u16_at(block + 14), 0);
    CHECK_MEM(option(block, OPTIONS_OF_SECTION, 4, 0, &length), "name 1.0", 8);
    CHECK_EQ(u32_at(interface), INTERFACE);
    CHECK_EQ(u16_at(interface + 8), 101);
    CHECK_EQ(*option(interface, OPTIONS_OF_INTERFACE, 9, 0, &length), 9);
    CHECK_EQ(length, 1);
}

TEST(secrets_of_each_padding)
{
    for (size_t length = 0; length < 9; length++) {
        size_t size = pcapng_secrets(block, ROOM, "ABCDEFGHI", length);
        CHECK_EQ(check_block(block, size), size);
        CHECK_EQ(size, 20 + (length + 3) / 4 * 4);
        CHECK_EQ(u32_at(block), SECRETS);
        CHECK_EQ(u32_at(block + 8), 0x544c534b);
        CHECK_EQ(u32_at(block + 12), length);
        CHECK_MEM(block + 16, "ABCDEFGHI", length);
    }
}

/* Checks the headers of a packet: lengths, addresses, ports and checksums. */
static void check_packet(const struct pcapng_packet *packet, bool is_v6, size_t size)
{
    size_t ip = is_v6 ? 40 : 20, length = ip + 8 + packet->length, addresses = is_v6 ? 8 : 12;
    const uint8_t *data = block + DATA, *udp = data + ip;
    uint8_t pseudo[4] = {0, 17, udp[4], udp[5]};

    CHECK_EQ(check_block(block, size), size);
    CHECK_EQ(u32_at(block), PACKET);
    CHECK_EQ(u32_at(block + 20), length);
    CHECK_EQ(u32_at(block + 24), length);
    CHECK_EQ(data[0] >> 4, is_v6 ? 6 : 4);
    CHECK_EQ(big_at(data + (is_v6 ? 4 : 2)), is_v6 ? length - ip : length);
    CHECK_EQ(big_at(udp + 4), length - ip);
    CHECK_MEM(udp + 8, packet->payload, packet->length);
    if (!is_v6)
        CHECK_EQ(sum_of(0, data, ip), 0xffff);
    CHECK(big_at(udp + 6) != 0);
    uint32_t sum = sum_of(sum_of(0, pseudo, 4), data + addresses, ip - addresses);
    CHECK_EQ(sum_of(sum, udp, length - ip), 0xffff);
}

static void each_length(const session_t *own, const session_t *peer, bool is_v6)
{
    struct pcapng_packet packet = {.own = own, .peer = peer, .payload = payload};
    size_t most = is_v6 ? 65527 : 65507;

    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 7 + i / 251);
    for (packet.length = 0; packet.length <= 65535;
         packet.length += packet.length < 2000 || packet.length > 65450 ? 1 : 61) {
        NOTE("%zu bytes", packet.length);
        packet.outgoing = packet.length % 2;
        size_t size = pcapng_packet(block, ROOM, &packet);
        if (packet.length > most)
            CHECK_EQ(size, 0);
        else
            check_packet(&packet, is_v6, size);
    }
}

TEST(datagrams_over_ipv4)
{
    const session_t own = v4("192.0.2.1", 4711), peer = v4("198.51.100.200", 5684);

    each_length(&own, &peer, false);
}

TEST(datagrams_over_ipv6)
{
    const session_t own = v6("2001:db8::1", 4711), peer = v6("fe80::ffff:1", 5684);

    each_length(&own, &peer, true);
}

TEST(addresses_and_ports)
{
    static const uint8_t none[16];
    const session_t four = v4("192.0.2.1", 0x1234), mapped = v6("::ffff:198.51.100.200", 0x5678),
                    six = v6("2001:db8::1", 0x1234);
    struct pcapng_packet packet = {.own = &four, .peer = &mapped, .outgoing = true};
    const uint8_t *data = block + DATA;
    size_t length;

    CHECK(pcapng_packet(block, ROOM, &packet) > 0);
    CHECK_MEM(data + 12, "\xc0\x00\x02\x01\xc6\x33\x64\xc8\x12\x34\x56\x78", 12);
    CHECK_EQ(u32_at(option(block, packet_options(block), 2, 0, &length)), 2);
    packet.outgoing = false;
    CHECK(pcapng_packet(block, ROOM, &packet) > 0);
    CHECK_MEM(data + 12, "\xc6\x33\x64\xc8\xc0\x00\x02\x01\x56\x78\x12\x34", 12);
    CHECK_EQ(u32_at(option(block, packet_options(block), 2, 0, &length)), 1);
    packet.own = &six; /* of another family: unknown */
    CHECK(pcapng_packet(block, ROOM, &packet) > 0);
    CHECK_MEM(data + 16, "\x00\x00\x00\x00\x56\x78\x12\x34", 8);
    packet = (struct pcapng_packet){.own = &four, .peer = &six};
    CHECK(pcapng_packet(block, ROOM, &packet) > 0);
    CHECK_MEM(data + 24, none, 16);
}

/* A sum of 0xffff has the checksum 0, which would mean that there is none. */
TEST(checksum_zero_is_not_written)
{
    const session_t peer = v4("0.0.0.0", 0);
    uint8_t word[2] = {0};
    struct pcapng_packet packet = {.own = &peer, .peer = &peer, .payload = word, .length = 2};
    unsigned rest = 0xffff - 17 - 10 - 10;

    word[0] = (uint8_t)(rest >> 8), word[1] = (uint8_t)rest;
    CHECK(pcapng_packet(block, ROOM, &packet) > 0);
    CHECK_EQ(big_at(block + DATA + 26), 0xffff);
}

TEST(time_and_comments)
{
    static const char comments[] = "one\0second"; /* and a zero at the end */
    const session_t own = v6("::1", 1), peer = v6("::1", 2);
    struct pcapng_packet packet = {.own = &own,
                                   .peer = &peer,
                                   .time_ns = 1700000000123456789,
                                   .payload = payload,
                                   .length = 3,
                                   .comments = comments,
                                   .comments_length = sizeof comments};
    size_t size = pcapng_packet(block, ROOM, &packet);

    CHECK_EQ(check_block(block, size), size);
    CHECK_EQ((uint64_t)u32_at(block + 12) << 32 | u32_at(block + 16), 1700000000123456789);
    CHECK_STR(comment(block, 0), "one");
    CHECK_STR(comment(block, 1), "second");
    CHECK(comment(block, 2) == NULL);
}

TEST(nothing_is_written_outside)
{
    const session_t own = v4("127.0.0.1", 1), peer = v4("127.0.0.1", 2);
    struct pcapng_packet packet = {.own = &own,
                                   .peer = &peer,
                                   .payload = payload,
                                   .length = 77,
                                   .comments = "text",
                                   .comments_length = 5};
    size_t size = pcapng_packet(block, ROOM, &packet), start = pcapng_start(block, ROOM, "name");

    for (size_t room = 0; room < size; room++) {
        uint8_t *exact = malloc(room + 1); /* for AddressSanitizer too */
        exact[room] = 0xa5;
        CHECK_EQ(pcapng_packet(exact, room, &packet), 0);
        CHECK_EQ(pcapng_start(exact, room < start ? room : 0, "name"), 0);
        CHECK_EQ(pcapng_secrets(exact, room < 100 ? room : 0, (const char *)payload, 80), 0);
        CHECK_EQ(exact[room], 0xa5);
        free(exact);
    }
}

/* ---- captures ---- */

static struct net net;
static struct options options;
static uint8_t read_bytes[CAPTURE_MAX];
static size_t read_length;

static struct capture *open_capture(const char *path)
{
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct capture *capture = NULL;

    net.fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(bind(net.fd, (const struct sockaddr *)&any, sizeof any), 0);
    options.pcap = path;
    CHECK_EQ(capture_open(&capture, &options, &net), 0);
    CHECK(capture != NULL);
    return capture;
}

static void end_capture(struct capture *capture)
{
    capture_close(capture);
    close(net.fd);
}

/* Appends what the descriptor has now to read_bytes. */
static void read_all(int fd)
{
    ssize_t got;

    while ((got = read(fd, read_bytes + read_length, CAPTURE_MAX - read_length)) > 0)
        read_length += (size_t)got;
}

static void send_event(struct capture *capture, const session_t *peer, size_t length)
{
    const dtls_trace_t event = {.kind = DTLS_TRACE_DATAGRAM,
                                .outgoing = true,
                                .session = peer,
                                .data = payload,
                                .length = length};

    capture_event(capture, &event);
}

/* Returns the block with this number, from 0, of read_bytes, or NULL. */
static const uint8_t *read_block(unsigned number)
{
    for (size_t at = 0; at < read_length; at += check_block(read_bytes + at, read_length - at))
        if (number-- == 0)
            return read_bytes + at;
    return NULL;
}

static void read_file(const char *path)
{
    int fd = open(path, O_RDONLY);

    CHECK(fd >= 0);
    read_length = 0;
    read_all(fd);
    close(fd);
    unlink(path);
}

static const char *temporary(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/capture.XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
    CHECK_EQ(write(fd, "old content", 11), 11);
    close(fd);
    return path;
}

TEST(events_become_packets)
{
    const session_t peer = v4("127.0.0.1", 5684);
    const char *path = temporary();
    struct capture *capture = open_capture(path);
    dtls_trace_t event = {
        .kind = DTLS_TRACE_DATAGRAM, .session = &peer, .data = payload, .length = 9};

    capture_event(capture, &event);
    event = (dtls_trace_t){.kind = DTLS_TRACE_MESSAGE, .session = &peer, .msg_type = 1};
    capture_event(capture, &event); /* not repeated: no comment */
    event.duplicate = true;
    capture_event(capture, &event);
    event = (dtls_trace_t){.kind = DTLS_TRACE_DROP, .session = &peer, .drop = DTLS_DROP_BAD_MAC};
    capture_event(capture, &event);
    capture_event(capture, &event); /* the same comment is written once */
    capture_secret(capture, "SECRET 1 2\n", 11);
    send_event(capture, &peer, 10);
    event = (dtls_trace_t){.kind = DTLS_TRACE_MESSAGE,
                           .session = &peer,
                           .outgoing = true,
                           .msg_type = 20,
                           .retransmit = 2,
                           .repeat = DTLS_REPEAT_TIMER,
                           .timer_ms = 800};
    capture_event(capture, &event);
    end_capture(capture);

    read_file(path);
    CHECK_EQ(u32_at(read_block(0)), SECTION);
    CHECK_EQ(u32_at(read_block(2)), SECRETS);
    CHECK_EQ(u32_at(read_block(3)), PACKET);
    CHECK_STR(comment(read_block(3), 0), "duplicate: ClientHello");
    CHECK(strncmp(comment(read_block(3), 1), "dropped: bad-mac: ", 18) == 0);
    CHECK(comment(read_block(3), 2) == NULL);
    CHECK_STR(comment(read_block(4), 0), "retransmission 2: Finished (timer 800 ms)");
    CHECK_EQ(u32_at(read_block(4) + 20), 38);
    CHECK(read_block(5) == NULL);
}

TEST(too_many_comments)
{
    const session_t peer = v4("127.0.0.1", 5684);
    const char *path = temporary();
    struct capture *capture = open_capture(path);

    send_event(capture, &peer, sizeof payload - 100);
    for (unsigned i = 1; i < 1000; i++) {
        const dtls_trace_t event = {.kind = DTLS_TRACE_MESSAGE,
                                    .outgoing = true,
                                    .session = &peer,
                                    .msg_type = (uint8_t)i,
                                    .retransmit = i};
        capture_event(capture, &event);
    }
    end_capture(capture);
    read_file(path);
    CHECK(comment(read_block(2), 10) != NULL);
    CHECK(comment(read_block(2), 999) == NULL);
}

/* The local address is that of the socket, until the socket is bound anew. */
TEST(local_address)
{
    const session_t peer = v4("127.0.0.1", 5684);
    const char *path = temporary();
    struct capture *capture = open_capture(path);
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_addr = {htonl(0x7f000002)}};

    send_event(capture, &peer, 1);
    capture_flush(capture);
    close(net.fd);
    net.fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(bind(net.fd, (const struct sockaddr *)&other, sizeof other), 0);
    net.binding++;
    send_event(capture, &peer, 1);
    end_capture(capture);
    read_file(path);
    CHECK_MEM(read_block(2) + DATA + 12, "\x7f\0\0\1\x7f\0\0\1", 8);
    CHECK_MEM(read_block(3) + DATA + 12, "\x7f\0\0\2\x7f\0\0\1", 8);
}

/* On a socket for all addresses: the address to which the peer has sent, or if that is not known, the
 * one that the kernel selects. */
TEST(local_address_of_a_wildcard)
{
    session_t peer = v4("127.0.0.1", 5684);
    const char *path = temporary();
    struct capture *capture = open_capture(path);
    const struct sockaddr_in any = {.sin_family = AF_INET};
    session_t own;

    close(net.fd);
    net.fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(bind(net.fd, (const struct sockaddr *)&any, sizeof any), 0);
    own = address_of_socket(net.fd);
    net.wildcard = true;
    send_event(capture, &peer, 1);
    CHECK_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.7", &net.locals[0]), 1);
    net.local_count = peer.ifindex = 1;
    send_event(capture, &peer, 1);
    end_capture(capture);
    net = (struct net){.fd = -1};
    read_file(path);
    CHECK_MEM(read_block(2) + DATA + 12, "\x7f\0\0\1\x7f\0\0\1", 8);
    CHECK_MEM(read_block(3) + DATA + 12, "\xc0\0\2\7\x7f\0\0\1", 8);
    CHECK_MEM(read_block(2) + DATA + 20, &own.addr.sin.sin_port, 2);
    CHECK_MEM(read_block(3) + DATA + 20, &own.addr.sin.sin_port, 2);
}

/* ---- a pipe ---- */

TEST(a_reader_that_stops)
{
    const session_t peer = v4("127.0.0.1", 5684);
    int ends[2];
    char path[32];
    size_t missing = 0, packets = 0, secrets = 0;

    CHECK_EQ(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    struct capture *capture = open_capture(path);
    alarm(60); /* what blocks for ever ends the program */
    for (unsigned i = 0; i < 10000; i++) {
        send_event(capture, &peer, 1000);
        capture_flush(capture);
    }
    CHECK_EQ(capture_fd(capture), ends[1]);
    capture_secret(capture, "SECRET 1 2\n", 11); /* secrets have room of their own */
    read_length = 0;
    for (unsigned i = 0; i < 1000; i++) {
        read_all(ends[0]);
        capture_flush(capture);
    }
    CHECK_EQ(capture_fd(capture), -1);
    send_event(capture, &peer, 1000);
    end_capture(capture);
    alarm(0);
    read_all(ends[0]);
    close(ends[0]);

    const uint8_t *last = NULL;
    for (size_t at = 0; at < read_length; at += check_block(read_bytes + at, read_length - at)) {
        last = read_bytes + at;
        packets += u32_at(last) == PACKET;
        secrets += u32_at(last) == SECRETS;
    }
    CHECK_EQ(secrets, 1);
    CHECK(packets > 3000 && packets < 10000);
    CHECK_EQ(sscanf(comment(last, 0), "%zu datagrams are missing", &missing), 1);
    CHECK_EQ(packets + missing, 10001);
}

/* A reader that is always behind, but but by less than half of the queue, gets all. */
TEST(a_reader_that_is_behind)
{
    const session_t peer = v4("127.0.0.1", 5684);
    enum { BEHIND = 1000, COUNT = 20000 };
    int ends[2];
    char path[32];
    size_t packets = 0;

    CHECK_EQ(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    struct capture *capture = open_capture(path);
    read_length = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        send_event(capture, &peer, 1000);
        capture_flush(capture);
        if (i < BEHIND)
            continue;
        ssize_t got = read(ends[0], read_bytes + read_length, 1072); /* one block */
        CHECK(got > 0);
        read_length += (size_t)got;
    }
    for (unsigned i = 0; i < 1000; i++) {
        read_all(ends[0]);
        capture_flush(capture);
    }
    end_capture(capture);
    read_all(ends[0]);
    close(ends[0]);
    for (size_t at = 0; at < read_length; at += check_block(read_bytes + at, read_length - at))
        packets += u32_at(read_bytes + at) == PACKET;
    CHECK_EQ(packets, COUNT);
}

TEST(a_reader_that_closes)
{
    const session_t peer = v4("127.0.0.1", 5684);
    int ends[2];
    char path[32];

    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    struct capture *capture = open_capture(path);
    close(ends[0]);
    send_event(capture, &peer, 1000);
    capture_flush(capture);
    CHECK_EQ(capture_fd(capture), -1);
    send_event(capture, &peer, 1000);
    capture_secret(capture, "SECRET 1 2\n", 11);
    CHECK(!capture_has_failed(capture));
    end_capture(capture);
}
