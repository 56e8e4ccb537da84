#include "base/address.h"
#include "common.h"

#include <arpa/inet.h>
#include <string.h>

static session_t ip4(const char *address, uint16_t port)
{
    session_t session;
    dtls_session_init(&session);
    session.addr.sin.sin_family = AF_INET;
    session.addr.sin.sin_port = htons(port);
    CHECK_EQ(inet_pton(AF_INET, address, &session.addr.sin.sin_addr), 1);
    return session;
}

static session_t ip6(const char *address, uint16_t port, uint32_t scope)
{
    session_t session;
    dtls_session_init(&session);
    session.addr.sin6.sin6_family = AF_INET6;
    session.addr.sin6.sin6_port = htons(port);
    session.addr.sin6.sin6_scope_id = scope;
    CHECK_EQ(inet_pton(AF_INET6, address, &session.addr.sin6.sin6_addr), 1);
    return session;
}

TEST(a_new_session_is_empty)
{
    session_t session;
    memset(&session, 0xee, sizeof session);
    dtls_session_init(&session);
    CHECK_EQ(session.size, sizeof session.addr);
    CHECK_EQ(session.ifindex, 0);
    CHECK_EQ(session.addr.sa.sa_family, AF_UNSPEC);
    CHECK(dtls_session_equals(&session, &session));
}

TEST(two_addresses_are_one_peer_only_if_address_and_port_are)
{
    const session_t all[] = {
        ip4("127.0.0.1", 5684),      ip4("127.0.0.1", 5685),  ip4("127.0.0.2", 5684),
        ip6("::1", 5684, 0),         ip6("::1", 5685, 0),     ip6("::2", 5684, 0),
        ip6("fe80::1", 5684, 1),     ip6("fe80::1", 5684, 2), ip6("::ffff:127.0.0.1", 5684, 0),
        ip6("2001:db8::1", 5684, 0),
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        for (size_t j = 0; j < COUNT(all); j++) {
            NOTE("%zu and %zu", i, j);
            CHECK_EQ(dtls_session_equals(&all[i], &all[j]) != 0, i == j);
        }
    }
}

TEST(nothing_else_tells_peers_apart)
{
    session_t a = ip4("127.0.0.1", 5684), b = a;
    memset(b.addr.sin.sin_zero, 0xee, sizeof b.addr.sin.sin_zero);
    b.ifindex = 7;
    b.size = sizeof b.addr.sin;
    CHECK(dtls_session_equals(&a, &b));
    memset((uint8_t *)&b.addr + sizeof b.addr.sin, 0xee, sizeof b.addr - sizeof b.addr.sin);
    CHECK(dtls_session_equals(&a, &b));
    a = ip6("2001:db8::1", 5684, 0);
    b = ip6("2001:db8::1", 5684, 9); /* only a link-local address needs a scope */
    b.addr.sin6.sin6_flowinfo = 0x12345;
    CHECK(dtls_session_equals(&a, &b));
}

TEST(other_families_differ_by_their_bytes)
{
    session_t a, b;
    dtls_session_init(&a);
    a.addr.sa.sa_family = AF_UNIX;
    b = a;
    CHECK(dtls_session_equals(&a, &b));
    b.addr.sa.sa_data[13] = 1;
    CHECK(!dtls_session_equals(&a, &b));
    b = a;
    b.addr.sa.sa_family = AF_APPLETALK;
    CHECK(!dtls_session_equals(&a, &b));
}

TEST(every_address_fits)
{
    const session_t all[] = {ip4("127.0.0.1", 1), ip6("fe80::1", 1, 1), {.ifindex = 0}};
    for (size_t i = 0; i < COUNT(all); i++) {
        uint8_t bytes[ADDRESS_MAX];
        writer_t w = writer(bytes, sizeof bytes);
        put_address(&w, &all[i]);
        CHECK(!w.failed);
    }
}
