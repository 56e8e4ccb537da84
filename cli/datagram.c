/* Datagrams in and out of the socket of netio.c, and from which own address they leave. */
#include "netio.h"

#include <errno.h>
#include <string.h>

#define CONTROL_BYTES 128

static bool is_icmp(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

/* Number of an own address, from 1; 0 if there is no room to tell it apart. */
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

static int read_local_address(struct net *net, struct msghdr *message)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    struct in6_pktinfo v6;
    struct in_pktinfo v4;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&v6, CMSG_DATA(c), sizeof v6);
            return local_number(net, &v6.ipi6_addr);
        }
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&v4, CMSG_DATA(c), sizeof v4);
            memcpy(mapped.s6_addr + 12, &v4.ipi_spec_dst, 4);
            return local_number(net, &mapped);
        }
    }
    return 0;
}

ssize_t net_receive(struct net *net, session_t *from, uint8_t *data, size_t size)
{
    union {
        char bytes[CONTROL_BYTES];
        struct cmsghdr align;
    } control;
    struct iovec part = {data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    dtls_session_init(from);
    message.msg_name = &from->addr;
    message.msg_namelen = sizeof from->addr;
    message.msg_control = net->wildcard ? control.bytes : NULL;
    message.msg_controllen = net->wildcard ? sizeof control : 0;
    ssize_t length = recvmsg(net->fd, &message, MSG_DONTWAIT);
    if (length < 0) {
        if (is_icmp(errno))
            net->refused = errno;
        return -1;
    }
    from->size = message.msg_namelen;
    from->ifindex = net->wildcard ? read_local_address(net, &message) : 0;
    return length;
}

/* Adds the own address to a message: the data of one control message, IPv4 or IPv6. */
static void write_local_address(struct msghdr *message, int family, const struct in6_addr *own,
                                unsigned scope)
{
    struct in6_pktinfo v6 = {*own, IN6_IS_ADDR_LINKLOCAL(own) ? scope : 0};
    struct in_pktinfo v4 = {0};
    bool is_v6 = family == AF_INET6;
    size_t size = is_v6 ? sizeof v6 : sizeof v4;

    memcpy(&v4.ipi_spec_dst, own->s6_addr + 12, 4);
    message->msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    c->cmsg_type = is_v6 ? IPV6_PKTINFO : IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), is_v6 ? (const void *)&v6 : (const void *)&v4, size);
}

int net_send(struct net *net, const session_t *to, uint8_t *data, size_t length)
{
    union {
        char bytes[CONTROL_BYTES];
        struct cmsghdr align;
    } control = {{0}};
    session_t address = *to;
    struct iovec part = {data, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (!net->connected) {
        message.msg_name = &address.addr;
        message.msg_namelen = address.size;
    }
    if (to->ifindex > 0 && to->ifindex <= net->local_count) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control;
        write_local_address(&message, to->addr.sa.sa_family, &net->locals[to->ifindex - 1],
                            to->addr.sin6.sin6_scope_id);
    }
    /* An ICMP error that waited for this call took its place: nothing was sent, so try again. */
    for (int tries = 0; (sent = sendmsg(net->fd, &message, 0)) < 0 && tries < 2; tries++) {
        if (is_icmp(errno))
            net->refused = errno;
        else if (errno != EINTR)
            break;
    }
    return (int)sent;
}
