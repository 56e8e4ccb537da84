#include "peer/named.h"

#include <netdb.h>
#include <string.h>

#include "common/numbers.h"
#include "net/address.h"
#include "net/route.h"
#include "peer/peer.h"

/* Removes the network interface from an address such as fe80::1%eth0. Returns its index, or 0. */
static uint32_t cut_scope(char *host)
{
    char *name = strchr(host, '%');
    unsigned long number;

    if (name == NULL)
        return 0;
    *name++ = '\0';
    uint32_t index = route_interface_index(name);
    return index == 0 && parse_number(name, 1, UINT32_MAX, &number) ? (uint32_t)number : index;
}

/* Parses "127.0.0.1:5684" or "[::1]:5684". */
static bool parse(session_t *session, const char *name)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_DGRAM};
    const char *colon = strrchr(name, ':');
    bool bracket = name[0] == '[';
    size_t length = colon != NULL ? (size_t)(colon - name) : 0, around = bracket ? 2 : 0;
    struct addrinfo *found;
    char host[NET_NAME_MAX];

    if (length <= around || length >= sizeof host || (bracket && colon[-1] != ']'))
        return false;
    memcpy(host, name + bracket, length - around);
    host[length - around] = '\0';
    uint32_t scope = cut_scope(host);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return false;
    dtls_session_init(session);
    session->size = found->ai_addrlen;
    memcpy(&session->addr, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (session->addr.sa.sa_family == AF_INET6)
        session->addr.sin6.sin6_scope_id = scope;
    return true;
}

/* Returns the address as ::ffff:a.b.c.d, as a socket for both families stores an IPv4 address. */
static session_t map_to_v6(const session_t *v4)
{
    session_t mapped;
    struct sockaddr_in6 *address = &mapped.addr.sin6;

    dtls_session_init(&mapped);
    mapped.size = sizeof *address;
    *address = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = v4->addr.sin.sin_port};
    address->sin6_addr.s6_addr[10] = address->sin6_addr.s6_addr[11] = 0xff;
    memcpy(address->sin6_addr.s6_addr + 12, &v4->addr.sin.sin_addr, 4);
    return mapped;
}

struct peer *peer_named(struct app *app, const char *name)
{
    session_t session, mapped;
    char text[NET_NAME_MAX];

    if (!parse(&session, name))
        return NULL;
    struct peer *peer = peer_find(app, &session);
    if (peer == NULL && session.addr.sa.sa_family == AF_INET) {
        mapped = map_to_v6(&session);
        peer = peer_find(app, &mapped);
    }
    return peer != NULL && strcmp(net_name(text, &peer->session), name) == 0 ? peer : NULL;
}
