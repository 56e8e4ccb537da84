#include "base/address.h"

#include <string.h>

void put_host(writer_t *w, const session_t *session)
{
    const struct sockaddr_in6 *in6 = &session->addr.sin6;
    put_u16(w, session->addr.sa.sa_family);
    switch (session->addr.sa.sa_family) {
    case AF_INET:
        put_bytes(w, &session->addr.sin.sin_addr, sizeof session->addr.sin.sin_addr);
        break;
    case AF_INET6:
        put_bytes(w, &in6->sin6_addr, sizeof in6->sin6_addr);
        if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
            put_uint(w, in6->sin6_scope_id, 4);
        break;
    default: put_bytes(w, session->addr.sa.sa_data, sizeof session->addr.sa.sa_data);
    }
}

void put_network(writer_t *w, const session_t *session)
{
    const struct in6_addr *in6 = &session->addr.sin6.sin6_addr;
    if (session->addr.sa.sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(in6)) {
        put_u16(w, AF_INET6);
        put_bytes(w, in6, 8);
    } else {
        put_host(w, session);
    }
}

void put_address(writer_t *w, const session_t *session)
{
    put_host(w, session);
    if (session->addr.sa.sa_family == AF_INET)
        put_bytes(w, &session->addr.sin.sin_port, sizeof session->addr.sin.sin_port);
    if (session->addr.sa.sa_family == AF_INET6)
        put_bytes(w, &session->addr.sin6.sin6_port, sizeof session->addr.sin6.sin6_port);
}

void dtls_session_init(session_t *session)
{
    if (!session)
        return;
    memset(session, 0, sizeof *session);
    session->size = sizeof session->addr;
}

static bool same_in6(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
    return a->sin6_port == b->sin6_port &&
           memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
           (!IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr) || a->sin6_scope_id == b->sin6_scope_id);
}

int dtls_session_equals(const session_t *a, const session_t *b)
{
    if (!a || !b || a->addr.sa.sa_family != b->addr.sa.sa_family)
        return 0;
    switch (a->addr.sa.sa_family) {
    case AF_INET:
        return a->addr.sin.sin_port == b->addr.sin.sin_port &&
               a->addr.sin.sin_addr.s_addr == b->addr.sin.sin_addr.s_addr;
    case AF_INET6: return same_in6(&a->addr.sin6, &b->addr.sin6);
    default: return memcmp(a->addr.sa.sa_data, b->addr.sa.sa_data, sizeof a->addr.sa.sa_data) == 0;
    }
}
