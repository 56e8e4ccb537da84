#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "net/route.h"

/* Appends the network interface of a link-local address. */
static void show_scope(char *host, size_t size, uint32_t scope)
{
    char name[ROUTE_INTERFACE_MAX];
    size_t used = strlen(host);

    if (route_interface_name(name, scope))
        snprintf(host + used, size - used, "%%%s", name);
    else
        snprintf(host + used, size - used, "%%%u", (unsigned)scope);
}

void address_show(char *host, size_t size, const session_t *session)
{
    const struct sockaddr_in6 *v6 = &session->addr.sin6;
    const void *bytes = &session->addr.sin.sin_addr;
    int family = session->addr.sa.sa_family;

    if (family == AF_INET6)
        bytes = &v6->sin6_addr;
    if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        family = AF_INET;
        bytes = v6->sin6_addr.s6_addr + 12;
    }
    if (inet_ntop(family, bytes, host, (socklen_t)size) == NULL)
        snprintf(host, size, "?");
    else if (family == AF_INET6 && v6->sin6_scope_id != 0)
        show_scope(host, size, v6->sin6_scope_id);
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
