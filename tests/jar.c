#include "jar.h"

#include "wire.h"

#include <string.h>

static void keep(void *hook, const session_t *session, const uint8_t *state, size_t length,
                 uint32_t lifetime_s)
{
    jar_t *jar = ((node_t *)hook)->user;
    (void)session;

    CHECK(length <= sizeof(jar->state));
    memcpy(jar->state, state, length);
    jar->length = length;
    jar->lifetime_s = lifetime_s;
    jar->count++;
}

void jar_use(node_t *client, jar_t *jar)
{
    memset(jar, 0, sizeof(*jar));
    client->user = jar;
    client->config.ticket = keep;
}

int resume(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms)
{
    return dtls_resume(client->ctx, &server->address, jar->state, jar->length, age_ms);
}

/* ---- pairs ---- */

net_t *ticket_pair(uint16_t version, node_t **client, node_t **server, jar_t *jar)
{
    net_t *net = net_pair(1, client, server);

    jar_use(*client, jar);
    (*server)->config.tickets = true;
    (*client)->config.only_version = (*server)->config.only_version = version;
    (*client)->config.early_data = (*server)->config.early_data = EARLY;
    (*client)->delay = (*server)->delay = 5;
    return net;
}

void part(node_t *client, node_t *server)
{
    CHECK_EQ(dtls_close(client->ctx, &server->address), 0);
    net_run(client->net, 10000);
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK(dtls_get_peer(server->ctx, &client->address) == NULL);
}

net_t *with_ticket(uint16_t version, node_t **client, node_t **server, jar_t *jar)
{
    net_t *net = ticket_pair(version, client, server, jar);

    net_start(net);
    CHECK(net_connect(*client, *server, 5000));
    net_run(net, 1000);
    CHECK_EQ(jar->count, 1);
    part(*client, *server);
    return net;
}

void check_connected(node_t *client, node_t *server, bool resumed)
{
    net_run(client->net, 5000);
    CHECK(node_connected(client, server) && node_connected(server, client));
    CHECK_EQ(info_of(client, server).resumed, resumed);
    CHECK_EQ(info_of(server, client).resumed, resumed);
    CHECK_EQ(info_of(server, client).identity_length, strlen("Client_identity"));
    CHECK_MEM(info_of(server, client).identity, "Client_identity", strlen("Client_identity"));
    CHECK(net_echo(client, server));
}

/* ---- loss of Finished ---- */

void drop_finished(net_t *net, net_packet_t *packet)
{
    attacker_t *attacker = net->user;

    if (packet->from == attacker->from && wire_has(packet, HANDSHAKE, 1) && attacker->left > 0) {
        attacker->left--;
        packet->copies = 0;
    }
}
