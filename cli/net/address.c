#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void address_show(char *host, size_t size, const session_t *session)
{
    session_t plain = *session;
    const struct in6_addr *v6 = &session->addr.sin6.sin6_addr;

    if (session->addr.sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6)) {
        plain.addr.sin = (struct sockaddr_in){.sin_family = AF_INET};
        memcpy(&plain.addr.sin.sin_addr, v6->s6_addr + 12, 4);
        plain.size = sizeof plain.addr.sin;
    }
    if (getnameinfo(&plain.addr.sa, plain.size, host, (socklen_t)size, NULL, 0, NI_NUMERICHOST) !=
        0)
        snprintf(host, size, "?");
}

uint16_t address_port(const session_t *session)
{
    return ntohs(session->addr.sa.sa_family == AF_INET6 ? session->addr.sin6.sin6_port
                                                        : session->addr.sin.sin_port);
}

bool address_is_loopback(const session_t *session)
{
    const struct in6_addr *v6 = &session->addr.sin6.sin6_addr;

    if (session->addr.sa.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    return ntohl(session->addr.sin.sin_addr.s_addr) >> 24 == 127;
}

const char *net_name(char *text, const session_t *session)
{
    char host[NET_NAME_MAX - 8];

    address_show(host, sizeof host, session);
    snprintf(text, NET_NAME_MAX, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
             address_port(session));
    return text;
}

session_t address_of_socket(int fd)
{
    session_t own;

    dtls_session_init(&own);
    own.size = sizeof own.addr;
    if (getsockname(fd, &own.addr.sa, &own.size) != 0)
        own.addr.sa.sa_family = AF_UNSPEC;
    return own;
}

bool address_is_same_host(const session_t *a, const session_t *b)
{
    if (a->addr.sa.sa_family == AF_INET6)
        return IN6_ARE_ADDR_EQUAL(&a->addr.sin6.sin6_addr, &b->addr.sin6.sin6_addr);
    return a->addr.sin.sin_addr.s_addr == b->addr.sin.sin_addr.s_addr;
}

bool address_is_lost(const session_t *own)
{
    session_t any_port = *own;
    int fd = socket(own->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (own->addr.sa.sa_family == AF_INET6)
        any_port.addr.sin6.sin6_port = 0;
    else
        any_port.addr.sin.sin_port = 0;
    bool lost =
        fd >= 0 && bind(fd, &any_port.addr.sa, any_port.size) != 0 && errno == EADDRNOTAVAIL;
    if (fd >= 0)
        close(fd);
    return lost;
}
