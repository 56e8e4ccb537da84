#include "net/datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "net/address.h"
#include "net/route.h"

#define CONTROL 128 /* space for control messages, in bytes; a multiple of their alignment */

union control {
    char bytes[CONTROL];
    struct cmsghdr align;
};

static bool has_lost_own(const struct net *net)
{
    session_t own = address_of_socket(net->fd);

    return route_is_lost(&own);
}

/* Returns true if an error of the socket is permanent. Other errors depend on the current state of
 * the network. EINVAL is temporary if the local address of the socket was removed. It counts as
 * permanent only if the socket is connected and this host still has that address. */
static bool is_permanent(const struct net *net, int error)
{
    switch (error) {
    case EBADF:
    case ENOTSOCK:
    case EFAULT:
    case EPIPE:
    case EAFNOSUPPORT: return true;
    case EINVAL: return net->connected && !has_lost_own(net);
    default: return false;
    }
}

static void note_too_long(struct net *net, const session_t *to)
{
    net->too_long = true;
    net->too_long_to = *to;
}

/* Records an error of sending to a peer, or of receiving on a socket connected to a peer. */
static void note_error(struct net *net, int error, const session_t *to)
{
    if (error == ECONNREFUSED)
        net->refused = error;
    else if (error == EMSGSIZE)
        note_too_long(net, to);
    else if (is_permanent(net, error))
        net->broken = error;
    else
        net->failing = error;
}

/* Returns the position of a local address in net->locals; the first position is 1. Adds a new
 * address. Returns 0 if the table is full. */
static int local_number(struct net *net, const struct in6_addr *address)
{
    for (int i = 0; i < net->local_count; i++)
        if (IN6_ARE_ADDR_EQUAL(&net->locals[i], address))
            return i + 1;
    if (net->local_count == NET_LOCALS)
        return 0;
    net->locals[net->local_count++] = *address;
    return net->local_count;
}

/* ---- in ------------------------------------------------------------------------------------- */

static void read_control(struct net *net, struct batch *in, const struct cmsghdr *c)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    struct in6_pktinfo v6;
    struct in_pktinfo v4;
    int segment;

    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        memcpy(&v6, CMSG_DATA(c), sizeof v6);
        in->peer.ifindex = local_number(net, &v6.ipi6_addr);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        memcpy(&v4, CMSG_DATA(c), sizeof v4);
        memcpy(mapped.s6_addr + 12, &v4.ipi_spec_dst, 4);
        in->peer.ifindex = local_number(net, &mapped);
    } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
        memcpy(&segment, CMSG_DATA(c), sizeof segment);
        in->segment = (size_t)segment;
    }
}

static void take_message(struct net *net, struct batch *in, struct mmsghdr *message)
{
    struct msghdr *header = &message->msg_hdr;

    in->peer.size = header->msg_namelen;
    in->segment = in->end = message->msg_len;
    in->start = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c))
        read_control(net, in, c);
}

/* Passes what was received to the simulated network. Then fills the batches with the datagrams that
 * are due, one in each. */
static void impair_received(struct net *net, int64_t now_us)
{
    struct delayed *due;

    for (const struct batch *in = net->in; in < net->in + net->received; in++)
        sim_put(net->sim, IMPAIR_IN,
                &(struct sim_batch){&in->peer, 0, in->data, in->end, in->segment}, now_us);
    for (net->received = 0;
         net->received < NET_BATCHES && (due = sim_take(net->sim, IMPAIR_IN, now_us)) != NULL;
         net->received++) {
        struct batch *in = &net->in[net->received];
        in->peer = due->peer;
        in->start = 0;
        in->segment = in->end = due->length;
        memcpy(in->data, due->data, due->length);
        free(due);
    }
}

int64_t net_arrival_us(const struct net *net)
{
    return net->sim != NULL ? sim_next_us(net->sim, IMPAIR_IN) : CLOCK_NEVER;
}

void net_receive(struct net *net)
{
    _Alignas(struct cmsghdr) char controls[NET_BATCHES][CONTROL];
    struct iovec parts[NET_BATCHES];
    struct mmsghdr messages[NET_BATCHES];

    for (int i = 0; i < NET_BATCHES; i++) {
        struct batch *in = &net->in[i];
        dtls_session_init(&in->peer);
        parts[i] = (struct iovec){in->data, sizeof in->data};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &in->peer.addr,
                                              .msg_namelen = sizeof in->peer.addr,
                                              .msg_iov = &parts[i],
                                              .msg_iovlen = 1,
                                              .msg_control = controls[i],
                                              .msg_controllen = sizeof controls[i]};
    }
    int count = recvmmsg(net->fd, messages, NET_BATCHES, MSG_DONTWAIT, NULL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        note_error(net, errno, &net->peer);
    net->received = count > 0 ? count : 0;
    net->taken = 0;
    for (int i = 0; i < net->received; i++)
        take_message(net, &net->in[i], &messages[i]);
    if (net->sim != NULL)
        impair_received(net, clock_us());
}

bool net_has_more(const struct net *net)
{
    return net->taken < net->received;
}

size_t net_senders(const struct net *net, const session_t *senders[NET_BATCHES])
{
    size_t count = 0;

    for (int i = net->taken; i < net->received; i++)
        senders[count++] = &net->in[i].peer;
    return count;
}

struct batch *net_next(struct net *net)
{
    return net_has_more(net) ? &net->in[net->taken++] : NULL;
}

/* ---- out ------------------------------------------------------------------------------------ */

static void add_control(struct msghdr *message, int level, int type, const void *data, size_t size)
{
    struct cmsghdr *c = (void *)((char *)message->msg_control + message->msg_controllen);

    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), data, size);
    message->msg_controllen += CMSG_SPACE(size);
}

static void add_local_address(struct msghdr *message, const session_t *to,
                              const struct in6_addr *own)
{
    unsigned scope = IN6_IS_ADDR_LINKLOCAL(own) ? to->addr.sin6.sin6_scope_id : 0;
    struct in6_pktinfo v6 = {*own, scope};
    struct in_pktinfo v4 = {0};

    memcpy(&v4.ipi_spec_dst, own->s6_addr + 12, 4);
    if (to->addr.sa.sa_family == AF_INET6)
        add_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
    else
        add_control(message, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
}

/* Sends data as datagrams of segment bytes each. The last datagram may be shorter. */
static bool transmit(struct net *net, const session_t *to, uint8_t *data, size_t length,
                     uint16_t segment)
{
    union control control = {{0}};
    session_t address = *to;
    struct iovec part = {data, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes};
    ssize_t sent;

    if (!net->connected) {
        message.msg_name = &address.addr;
        message.msg_namelen = address.size;
    }
    if (to->ifindex > 0 && to->ifindex <= net->local_count)
        add_local_address(&message, to, &net->locals[to->ifindex - 1]);
    if (length > segment)
        add_control(&message, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
    /* A pending ICMP error makes sendmsg(2) fail without sending: call it again. */
    for (int tries = 0; (sent = sendmsg(net->fd, &message, 0)) < 0 && tries < 2; tries++)
        if (errno == ECONNREFUSED || errno == EMSGSIZE)
            note_error(net, errno, to);
    return sent >= 0;
}

/* Counts datagrams that were not sent, and reports how many application messages they had. */
static void count_failed(struct net *net, const session_t *to, size_t datagrams, size_t messages)
{
    net->write_failed += datagrams;
    note_error(net, errno, to);
    if (messages > 0 && net->unsent != NULL)
        net->unsent(net->hook, to, messages);
}

/* Sets IP_MTU_DISCOVER to mode. IPV6_MTU_DISCOVER has the same values. */
static void set_discovery(const struct net *net, int mode)
{
    session_t own = address_of_socket(net->fd);

    setsockopt(net->fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode);
    if (own.addr.sa.sa_family == AF_INET6)
        setsockopt(net->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &mode, sizeof mode);
}

void net_forbid_fragments(struct net *net)
{
    if (net->unfragmented)
        return;
    net_flush(net);
    set_discovery(net, IP_PMTUDISC_DO);
    net->unfragmented = true;
}

static bool transmit_in_fragments(struct net *net, const session_t *to, uint8_t *data,
                                  size_t length)
{
    set_discovery(net, IP_PMTUDISC_WANT);
    bool sent = transmit(net, to, data, length, (uint16_t)length);
    int error = errno;
    set_discovery(net, IP_PMTUDISC_DO);
    errno = error;
    return sent;
}

/* Sends one datagram. If it is too long for the path, sends it in fragments, but only if it has an
 * application message: a probe of the MTU must not be fragmented. */
static void send_alone(struct net *net, const session_t *to, uint8_t *data, size_t length,
                       bool message)
{
    if (transmit(net, to, data, length, (uint16_t)length))
        return;
    if (errno != EMSGSIZE || !message || !net->unfragmented)
        count_failed(net, to, 1, message);
    else if (transmit_in_fragments(net, to, data, length))
        note_too_long(net, to);
    else
        count_failed(net, to, 1, message);
}

static void send_one_by_one(struct net *net)
{
    struct batch *out = &net->out;
    uint64_t messages = out->messages;
    uint8_t *data;
    size_t length;

    for (; (length = batch_next(out, &data)) > 0; messages >>= 1)
        send_alone(net, &out->peer, data, length, messages & 1);
}

void net_flush(struct net *net)
{
    struct batch *out = &net->out;

    if (batch_is_empty(out))
        return;
    if (!transmit(net, &out->peer, out->data, out->end, (uint16_t)out->segment)) {
        if (batch_count(out) > 1 && batch_is_refused(errno)) {
            send_one_by_one(net);
            net->batches = net->too_long; /* if only the length was refused, batches still work */
        } else {
            count_failed(net, &out->peer, batch_count(out), batch_messages(out));
        }
    }
    batch_clear(out);
}

static bool add_to_batch(struct net *net, const session_t *to, const uint8_t *data, size_t length,
                         bool message)
{
    return net->batches && batch_add(&net->out, to, data, length, message);
}

/* Sends one datagram, or queues it for a batch. */
static void send_or_queue(struct net *net, const session_t *to, uint8_t *data, size_t length,
                          bool message)
{
    bool batched = add_to_batch(net, to, data, length, message);

    if (!batched) {
        net_flush(net); /* sets net->batches to false if the kernel refuses batches */
        batched = add_to_batch(net, to, data, length, message);
    }
    if (!batched)
        send_alone(net, to, data, length, message);
}

int64_t net_departure_us(const struct net *net)
{
    return net->sim != NULL ? sim_next_us(net->sim, IMPAIR_OUT) : CLOCK_NEVER;
}

void net_release(struct net *net, int64_t now_us)
{
    struct delayed *due;

    while (net->sim != NULL && (due = sim_take(net->sim, IMPAIR_OUT, now_us)) != NULL) {
        send_or_queue(net, &due->peer, due->data, due->length, due->mark);
        free(due);
    }
}

void net_discard(struct net *net)
{
    if (net->sim != NULL)
        sim_discard(net->sim);
}

/* Passes datagrams to the simulated network, and sends those that are not delayed. */
static void impair(struct net *net, const struct sim_batch *batch)
{
    int64_t now_us = clock_us();

    sim_put(net->sim, IMPAIR_OUT, batch, now_us);
    net_release(net, now_us);
}

void net_send_batch(struct net *net, const session_t *to, uint8_t *data, size_t length,
                    size_t segment)
{
    bool message = net->message;

    if (net->sim != NULL) {
        impair(net, &(struct sim_batch){to, message, data, length, segment});
        return;
    }
    net_flush(net);
    if (net->batches && length <= BATCH_BYTES) {
        batch_fill(&net->out, to, data, length, segment, message);
        return;
    }
    for (; length > 0; length -= segment, data += segment) {
        segment = length < segment ? length : segment;
        send_alone(net, to, data, segment, message);
    }
}

void net_send(struct net *net, const session_t *to, uint8_t *data, size_t length)
{
    if (net->sim != NULL)
        impair(net, &(struct sim_batch){to, net->message, data, length, length});
    else
        send_or_queue(net, to, data, length, net->message);
    net->message = false;
}
