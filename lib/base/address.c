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

int dtls_session_equals(const session_t *a, const session_t *b)
{
    if (!a || !b)
        return 0;
    uint8_t first[ADDRESS_MAX], second[ADDRESS_MAX];
    writer_t one = writer(first, sizeof first), other = writer(second, sizeof second);
    put_address(&one, a);
    put_address(&other, b);
    return writer_length(&one) == writer_length(&other) &&
           memcmp(first, second, writer_length(&one)) == 0;
}
