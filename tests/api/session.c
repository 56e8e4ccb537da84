/*
 * session.c - which addresses denote the same peer.
 */
#include <arpa/inet.h>
#include <string.h>

#include "net.h"

static session_t with_noise(int noise)
{
    session_t session;

    memset(&session, noise, sizeof(session));
    return session;
}

static session_t v4(const char *host, unsigned port, int noise)
{
    session_t session = with_noise(noise);

    session.size = sizeof(session.addr.sin);
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_port = htons((uint16_t)port);
    CHECK_EQ(inet_pton(AF_INET, host, &session.addr.sin.sin_addr), 1);
    return session;
}

static session_t v6(const char *host, unsigned port, unsigned scope, int noise)
{
    session_t session = with_noise(noise);

    session.size = sizeof(session.addr.sin6);
    session.addr.sin6.sin6_family = AF_INET6;
    session.addr.sin6.sin6_port = htons((uint16_t)port);
    session.addr.sin6.sin6_scope_id = scope;
    CHECK_EQ(inet_pton(AF_INET6, host, &session.addr.sin6.sin6_addr), 1);
    return session;
}

static bool same(session_t a, session_t b)
{
    int there = dtls_session_equals(&a, &b), back = dtls_session_equals(&b, &a);

    CHECK_EQ(there != 0, back != 0);
    return there != 0;
}

EACH_VERSION(family_address_and_port_are_compared)
{
    CHECK(same(v4("10.0.0.1", 5684, 0), v4("10.0.0.1", 5684, 0)));
    CHECK(!same(v4("10.0.0.1", 5684, 0), v4("10.0.0.1", 5685, 0)));
    CHECK(!same(v4("10.0.0.1", 5684, 0), v4("10.0.0.2", 5684, 0)));
    CHECK(same(v6("2001:db8::1", 5684, 0, 0), v6("2001:db8::1", 5684, 0, 0)));
    CHECK(!same(v6("2001:db8::1", 5684, 0, 0), v6("2001:db8::1", 5685, 0, 0)));
    CHECK(!same(v6("2001:db8::1", 5684, 0, 0), v6("2001:db8::2", 5684, 0, 0)));
    CHECK(!same(v4("0.0.0.1", 5684, 0), v6("::1", 5684, 0, 0)));
}

EACH_VERSION(padding_flow_label_and_ifindex_are_not)
{
    CHECK(same(v4("10.0.0.1", 5684, 0), v4("10.0.0.1", 5684, 0xff)));
    CHECK(same(v6("2001:db8::1", 5684, 0, 0), v6("2001:db8::1", 5684, 0, 0xff)));
}

/* A program may set size to that of the buffer that it passed to recvfrom(). */
EACH_VERSION(size_is_not_compared)
{
    session_t a = v4("10.0.0.1", 5684, 0), b = v4("10.0.0.1", 5684, 0);

    b.size = sizeof(b.addr);
    CHECK(same(a, b));
}

EACH_VERSION(scope_counts_for_link_local_addresses_only)
{
    CHECK(same(v6("fe80::1", 5684, 2, 0), v6("fe80::1", 5684, 2, 0xff)));
    CHECK(!same(v6("fe80::1", 5684, 2, 0), v6("fe80::1", 5684, 3, 0)));
    CHECK(same(v6("2001:db8::1", 5684, 2, 0), v6("2001:db8::1", 5684, 3, 0)));
}

EACH_VERSION(init_makes_sessions_equal)
{
    session_t a = with_noise(1), b = with_noise(2);

    dtls_session_init(&a);
    dtls_session_init(&b);
    CHECK(same(a, b));
    CHECK_EQ(a.size, sizeof(a.addr));
}

/* A context compares addresses as dtls_session_equals() does. */
EACH_VERSION(peers_differ_like_sessions)
{
    node_t *client, *server;
    net_t *net = net_pair(1, &client, &server);
    session_t plain = v6("fe80::7", 40001, 1, 0), noisy = v6("fe80::7", 40001, 1, 0xee);
    session_t elsewhere = v6("fe80::7", 40001, 2, 0), mapped = v4("10.0.0.7", 40001, 0);

    net_start(net);
    CHECK(dtls_connect(client->ctx, &plain) > 0);
    CHECK_EQ(dtls_connect(client->ctx, &noisy), 0);
    CHECK(dtls_get_peer(client->ctx, &noisy) == dtls_get_peer(client->ctx, &plain));
    CHECK(dtls_connect(client->ctx, &elsewhere) > 0);
    CHECK(dtls_connect(client->ctx, &mapped) > 0);
    CHECK(dtls_get_peer(client->ctx, &elsewhere) != dtls_get_peer(client->ctx, &plain));
    net_end(net);
}
