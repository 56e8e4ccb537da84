#include "report/pcapng.h"

#include <arpa/inet.h>
#include <string.h>

#define SECTION_HEADER 0x0a0d0d0a
#define INTERFACE 1
#define SECRETS 10
#define ENHANCED_PACKET 6

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINKTYPE_RAW 101 /* a packet begins with an IPv4 or IPv6 header */
#define TLS_KEY_LOG 0x544c534b

/* Options of blocks. Numbers from 2 up have another meaning in each type of block. */
#define OPTION_END 0
#define OPTION_COMMENT 1
#define PACKET_FLAGS 2
#define INTERFACE_NAME 2
#define SECTION_APPLICATION 4
#define INTERFACE_RESOLUTION 9

#define INBOUND 1 /* values of PACKET_FLAGS */
#define OUTBOUND 2

#define IPV4_HEADER 20U
#define IPV6_HEADER 40U
#define UDP_HEADER 8U
#define TTL 64
#define DO_NOT_FRAGMENT 0x4000

/* ---- blocks --------------------------------------------------------------------------------- */

/* A block that is being written, in the byte order of this host. */
struct block {
    uint8_t *bytes;
    size_t used, room;
    bool full; /* something did not fit */
};

static void put(struct block *block, const void *bytes, size_t length)
{
    if (length > block->room - block->used)
        block->full = true;
    if (block->full || length == 0)
        return;
    memcpy(block->bytes + block->used, bytes, length);
    block->used += length;
}

static void put_u16(struct block *block, uint16_t value)
{
    put(block, &value, sizeof value);
}

static void put_u32(struct block *block, uint32_t value)
{
    put(block, &value, sizeof value);
}

/* Fields are padded to 32 bits. */
static void pad(struct block *block)
{
    static const uint8_t zeros[3];

    put(block, zeros, -block->used & 3);
}

static void put_option(struct block *block, uint16_t code, const void *value, size_t length)
{
    put_u16(block, code);
    put_u16(block, (uint16_t)length);
    put(block, value, length);
    pad(block);
}

static struct block begin(uint8_t *out, size_t room, uint32_t type)
{
    struct block block = {.bytes = out, .room = room};

    put_u32(&block, type);
    put_u32(&block, 0); /* the length: see end() */
    return block;
}

/* The length of a block is at its begin and at its end. Returns it. */
static size_t end(struct block *block)
{
    uint32_t length = (uint32_t)block->used + sizeof length;

    put_u32(block, length);
    if (block->full)
        return 0;
    memcpy(block->bytes + sizeof length, &length, sizeof length);
    return length;
}

/* ---- start and secrets ---------------------------------------------------------------------- */

static size_t put_section(uint8_t *out, size_t room, const char *application)
{
    struct block block = begin(out, room, SECTION_HEADER);

    put_u32(&block, BYTE_ORDER_MAGIC);
    put_u16(&block, 1); /* version 1.0 */
    put_u16(&block, 0);
    put_u32(&block, UINT32_MAX); /* the length of the section is not known */
    put_u32(&block, UINT32_MAX);
    put_option(&block, SECTION_APPLICATION, application, strlen(application));
    put_option(&block, OPTION_END, NULL, 0);
    return end(&block);
}

static size_t put_interface(uint8_t *out, size_t room)
{
    static const char name[] = "dtlscat";
    static const uint8_t nanoseconds = 9;
    struct block block = begin(out, room, INTERFACE);

    put_u16(&block, LINKTYPE_RAW);
    put_u16(&block, 0);
    put_u32(&block, 0); /* no limit for the length of packets */
    put_option(&block, INTERFACE_NAME, name, sizeof name - 1);
    put_option(&block, INTERFACE_RESOLUTION, &nanoseconds, sizeof nanoseconds);
    put_option(&block, OPTION_END, NULL, 0);
    return end(&block);
}

size_t pcapng_start(uint8_t *out, size_t room, const char *application)
{
    size_t section = put_section(out, room, application);
    size_t interface = section > 0 ? put_interface(out + section, room - section) : 0;

    return interface > 0 ? section + interface : 0;
}

size_t pcapng_secrets(uint8_t *out, size_t room, const char *lines, size_t length)
{
    struct block block = begin(out, room, SECRETS);

    put_u32(&block, TLS_KEY_LOG);
    put_u32(&block, (uint32_t)length);
    put(&block, lines, length);
    pad(&block);
    return end(&block);
}

/* ---- IP and UDP ----------------------------------------------------------------------------- */

/* An end of a packet, in network byte order. */
struct host {
    uint8_t address[16];
    uint16_t port;
};

static bool is_v6(const session_t *session)
{
    return session->addr.sa.sa_family == AF_INET6 &&
           !IN6_IS_ADDR_V4MAPPED(&session->addr.sin6.sin6_addr);
}

static struct host host_of(const session_t *session, bool v6)
{
    bool long_form = session->addr.sa.sa_family == AF_INET6;
    const uint8_t *bytes = session->addr.sin6.sin6_addr.s6_addr;
    struct host host = {.port =
                            long_form ? session->addr.sin6.sin6_port : session->addr.sin.sin_port};

    if (v6 != is_v6(session))
        return host;
    if (v6)
        memcpy(host.address, bytes, 16);
    else
        memcpy(host.address, long_form ? bytes + 12 : (const uint8_t *)&session->addr.sin.sin_addr,
               4);
    return host;
}

/* Adds 16-bit words to the sum of a checksum (RFC 1071). The sum is folded only at its end, so
 * longer words can be added. Two sums take half the time of one. */
static uint64_t add_words(uint64_t sum, const void *data, size_t length)
{
    const uint8_t *at = data;
    uint64_t word, high = 0;

    for (; length >= sizeof word; at += sizeof word, length -= sizeof word) {
        memcpy(&word, at, sizeof word);
        sum += (uint32_t)word;
        high += word >> 32;
    }
    word = 0;
    if (length > 0)
        memcpy(&word, at, length);
    return sum + high + (uint32_t)word + (word >> 32);
}

static uint16_t checksum(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_ipv4(struct block *block, const struct host *from, const struct host *to,
                     size_t payload)
{
    size_t start = block->used;
    uint16_t length = htons((uint16_t)(IPV4_HEADER + UDP_HEADER + payload)), sum = 0;
    const uint8_t protocol[] = {TTL, IPPROTO_UDP};
    uint8_t *header = block->bytes + start;

    put_u16(block, htons(0x4500)); /* version 4, header of 5 words */
    put_u16(block, length);
    put_u16(block, 0);
    put_u16(block, htons(DO_NOT_FRAGMENT));
    put(block, protocol, sizeof protocol);
    put_u16(block, 0);
    put(block, from->address, 4);
    put(block, to->address, 4);
    if (block->full)
        return;
    sum = checksum(add_words(0, header, IPV4_HEADER));
    memcpy(header + 10, &sum, sizeof sum);
}

static void put_ipv6(struct block *block, const struct host *from, const struct host *to,
                     size_t payload)
{
    const uint8_t protocol[] = {IPPROTO_UDP, TTL};

    put_u32(block, htonl(6U << 28));
    put_u16(block, htons((uint16_t)(UDP_HEADER + payload)));
    put(block, protocol, sizeof protocol);
    put(block, from->address, 16);
    put(block, to->address, 16);
}

/* Writes the UDP header. Its checksum covers a pseudo-header too: the addresses, the protocol and
 * the length (RFC 768, RFC 8200 section 8.1). A checksum of 0 would mean: none. */
static void put_udp(struct block *block, const struct host *from, const struct host *to,
                    const struct pcapng_packet *packet)
{
    uint16_t length = htons((uint16_t)(UDP_HEADER + packet->length));
    const uint16_t header[] = {from->port, to->port, length, htons(IPPROTO_UDP), length};
    uint64_t sum = add_words(0, header, sizeof header);

    sum = add_words(sum, from->address, sizeof from->address);
    sum = add_words(sum, to->address, sizeof to->address);
    uint16_t check = checksum(add_words(sum, packet->payload, packet->length));
    put(block, header, 3 * sizeof header[0]);
    put_u16(block, check != 0 ? check : UINT16_MAX);
}

static void put_data(struct block *block, const struct pcapng_packet *packet, bool v6)
{
    struct host own = host_of(packet->own, v6), peer = host_of(packet->peer, v6);
    const struct host *from = packet->outgoing ? &own : &peer,
                      *to = packet->outgoing ? &peer : &own;

    if (v6)
        put_ipv6(block, from, to, packet->length);
    else
        put_ipv4(block, from, to, packet->length);
    put_udp(block, from, to, packet);
    put(block, packet->payload, packet->length);
    pad(block);
}

static void put_comments(struct block *block, const struct pcapng_packet *packet)
{
    const char *end_of_texts = packet->comments + packet->comments_length;

    for (const char *text = packet->comments; text < end_of_texts; text += strlen(text) + 1)
        put_option(block, OPTION_COMMENT, text, strlen(text));
}

size_t pcapng_packet(uint8_t *out, size_t room, const struct pcapng_packet *packet)
{
    struct block block = begin(out, room, ENHANCED_PACKET);
    bool v6 = is_v6(packet->peer);
    size_t length = (v6 ? IPV6_HEADER : IPV4_HEADER) + UDP_HEADER + packet->length;
    uint32_t flags = packet->outgoing ? OUTBOUND : INBOUND;

    if (packet->length > PCAPNG_PAYLOAD_MAX - (v6 ? 0 : IPV4_HEADER))
        return 0;
    put_u32(&block, 0); /* the number of the interface */
    put_u32(&block, (uint32_t)(packet->time_ns >> 32));
    put_u32(&block, (uint32_t)packet->time_ns);
    put_u32(&block, (uint32_t)length);
    put_u32(&block, (uint32_t)length);
    put_data(&block, packet, v6);
    put_option(&block, PACKET_FLAGS, &flags, sizeof flags);
    put_comments(&block, packet);
    put_option(&block, OPTION_END, NULL, 0);
    return end(&block);
}
