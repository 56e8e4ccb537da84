/*
 * tickets.c - tickets of either version, and sessions resumed with them: TKT rows.
 */
#include "common_tickets.h"
#include "wire.h"

#include <string.h>

EACH_VERSION(no_ticket_unless_configured)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    server->config.tickets = false;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar.count, 0);
    net_end(net);
}

EACH_VERSION(ticket_resumes)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);
    size_t sent = client->sent;

    CHECK(jar.lifetime_s > 0 && jar.lifetime_s <= 604800);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    CHECK_EQ(jar.count, 2);                 /* the next one */
    CHECK(!info_of(server, client).cookie); /* the ticket is as good as one */
    CHECK(client->sent > sent);
    net_end(net);
}

EACH_VERSION(ticket_is_good_once)
{
    jar_t jar, first;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    first = jar;
    for (int i = 0; i < 3; i++) {
        NOTE("use %d", i + 1);
        CHECK_EQ(resume(client, server, &first, 2000), 1);
        check_connected(client, server, i == 0);
        part(client, server);
    }
    net_end(net);
}

/* From another host a cookie is asked for all the same. */
EACH_VERSION(ticket_from_elsewhere_needs_a_cookie)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    client->address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    CHECK(info_of(server, client).cookie);
    net_end(net);
}

/* Whatever is wrong with a state, there is the key. */
EACH_VERSION(useless_state_falls_back)
{
    enum { SPOILT, EMPTY, SHORT, OLD, EXPIRED, STRANGER, WAYS };
    for (int way = 0; way < WAYS; way++) {
        jar_t jar;
        node_t *client, *server;
        net_t *net = with_ticket(net_version, &client, &server, &jar);
        uint64_t age = 2000;

        NOTE("way %d", way);
        switch (way) {
        case SPOILT: jar.state[jar.length - 1] ^= 1; break;
        case EMPTY: jar.length = 0; break;
        case SHORT: jar.length--; break;
        case OLD: age = 1000 * (uint64_t)jar.lifetime_s; break;
        case EXPIRED: net_run(net, 1000 * (uint64_t)jar.lifetime_s); break;
        case STRANGER: /* a server started anew has other keys */
            dtls_free_context(server->ctx);
            CHECK(node_start(server));
            break;
        }
        CHECK_EQ(resume(client, server, &jar, age), 1);
        check_connected(client, server, false);
        net_end(net);
    }
}

static int forget_identity(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                           const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room)
{
    (void)node, (void)peer, (void)type, (void)desc, (void)desc_length, (void)result, (void)room;
    return -1;
}

EACH_VERSION(identity_that_is_gone_does_not_resume)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = with_ticket(net_version, &client, &server, &jar);

    server->on_psk = forget_identity;
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    net_run(net, 5000);
    CHECK(!node_connected(client, server) && !node_connected(server, client));
    CHECK_EQ(node_last_end(client)->info.error, DTLS_ERR_WRONG_PSK);
    net_end(net);
}

EACH_VERSION(long_identity_gets_no_ticket)
{
    static uint8_t identity[300];
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    memset(identity, 'i', sizeof(identity));
    client->identity = server->identity = identity;
    client->identity_length = server->identity_length = sizeof(identity);
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar.count, 0);
    CHECK(net_echo(client, server));
    net_end(net);
}

TEST(ticket_for_two_versions)
{
    jar_t jar;
    node_t *client, *server;
    net_t *net = ticket_pair(net_version, &client, &server, &jar);

    client->config.only_version = server->config.only_version = BOTH_VERSIONS;
    net_start(net);
    CHECK(net_connect(client, server, 5000));
    net_run(net, 1000);
    part(client, server);
    CHECK_EQ(resume(client, server, &jar, 2000), 1);
    check_connected(client, server, true);
    net_end(net);
}
