#include "common_kinds.h"

#include <string.h>

enum { P256 = 23, FFDHE2048 = 256, OTHER_PORT = 50000 };

const kind_t kinds[KINDS] = {
    {"1.2, PSK", DTLS12, 0x00a8, .exchange = DTLS_KE_PSK_ONLY, .is_basic = true},
    {"1.2, PSK, cookie, fragments", DTLS12, 0xc0a8, .cookie = true, .mtu = 256},
    {"1.2, ECDHE_PSK", DTLS12, 0xd001, .cookie = true, .heartbeat = true, .is_basic = true},
    {"1.2, DHE_PSK", DTLS12, 0x00aa, FFDHE2048, .cid = true, .is_basic = true},
    {"1.2, CBC", DTLS12, 0x00ae, .cid = true, .heartbeat = true},
    {"1.2, resumed by a ticket", DTLS12, 0x00a8, .tickets = true},
    {"1.2, resumed by a session ID", DTLS12, 0xd001, .sessions = true, .cookie = true},
    {"1.3, psk_ke", DTLS13, .exchange = DTLS_KE_PSK_ONLY},
    {"1.3, psk_dhe_ke", DTLS13, .heartbeat = true, .is_basic = true},
    {"1.3, cookie, fragments", DTLS13, .cookie = true, .mtu = 256, .is_basic = true},
    {"1.3, another group", DTLS13, .other_group = true, .is_basic = true},
    {"1.3, another group and cookie", DTLS13, .other_group = true, .cookie = true},
    {"1.3, resumed", DTLS13, .tickets = true, .is_basic = true},
    {"1.3, resumed with early data", DTLS13, .tickets = true, .early = true},
    {"1.3, connection IDs", DTLS13, .cid = true, .cookie = true},
    {"1.3, imported key, new keys", DTLS13, .import = true, .rekey_after = 1, .heartbeat = true},
};

static void configure(const kind_t *kind, dtls_config_t *config)
{
    config->only_version = kind->version;
    config->suites = kind->suite ? &kind->suite : NULL;
    config->suite_count = kind->suite != 0;
    config->groups = kind->group ? &kind->group : NULL;
    config->group_count = kind->group != 0;
    config->key_exchange = kind->exchange;
    config->cookie = kind->cookie ? DTLS_COOKIE_ON : DTLS_COOKIE_OFF;
    config->tickets = kind->tickets;
    config->sessions = kind->sessions ? 4 : 0;
    config->early_data = kind->early ? EARLY : 0;
    config->use_cid = kind->cid;
    config->cid_length = kind->cid ? 8 : 0;
    config->heartbeat = kind->heartbeat;
    config->import_psk = kind->import;
    config->rekey_after = kind->rekey_after;
    config->mtu = kind->mtu ? kind->mtu : config->mtu;
}

net_t *kind_pair(const kind_t *kind, jar_t *jar, node_t **client, node_t **server)
{
    static const uint16_t p256 = P256;
    net_t *net = net_pair(1, client, server);

    configure(kind, &(*client)->config);
    configure(kind, &(*server)->config);
    if (kind->other_group) {
        (*server)->config.groups = &p256;
        (*server)->config.group_count = 1;
    }
    jar_use(*client, jar);
    (*client)->delay = (*server)->delay = 1;
    return net;
}

static bool say(node_t *from, const node_t *to, const session_t *name, const char *text)
{
    size_t before = to->message_count, length = strlen(text);
    session_t session = *name;
    uint8_t data[16];

    memcpy(data, text, length);
    int result = dtls_write(from->ctx, &session, data, length);
    net_run(from->net, 5);
    bool arrived = to->message_count == before + 1;
    CHECK(to->message_count <= before + 1);
    CHECK(!arrived ||
          (result == (int)length && strcmp((const char *)to->messages[before].data, text) == 0));
    return arrived;
}

/* Uses what the kind has. Only what the application waits for decides about success. */
static bool use(const kind_t *kind, node_t *client, node_t *server, session_t *name)
{
    bool good = true;

    if (kind->heartbeat)
        dtls_heartbeat(client->ctx, &server->address, (const uint8_t *)"beat", 4);
    net_run(client->net, 1000);
    if (kind->version == DTLS13)
        dtls_update_keys(server->ctx, name, true);
    net_run(client->net, 1000);
    if (kind->cid) {
        dtls_request_cids(client->ctx, &server->address, 2);
        dtls_new_cid(server->ctx, name);
        net_run(client->net, 1000);
        net_address(&client->address, net_port(&client->address) + 1000);
        good = say(client, server, &server->address, "moved");
        net_run(client->net, 1000);
        if (dtls_get_peer(server->ctx, &client->address))
            *name = client->address;
    }
    return good;
}

static bool live_once(const kind_t *kind, const jar_t *jar, node_t *client, node_t *server)
{
    session_t name = client->address;
    uint8_t early[] = "early";
    bool good;

    if (jar)
        resume(client, server, jar, 0);
    else
        dtls_connect(client->ctx, &server->address);
    if (jar && kind->early)
        dtls_write_early(client->ctx, &server->address, early, 5);
    net_run(client->net, 3000);
    good = say(client, server, &server->address, "up");
    good = say(server, client, &name, "down") && good;
    good = use(kind, client, server, &name) && good;
    good = say(server, client, &name, "again") && good;
    dtls_close(client->ctx, &server->address);
    net_run(client->net, 10);
    dtls_close(server->ctx, &name);
    net_run(client->net, 300000);
    CHECK_EQ(node_ends(client), node_events(client, DTLS_EVENT_CONNECT));
    CHECK_EQ(node_ends(server), node_events(server, DTLS_EVENT_CONNECT));
    CHECK(dtls_get_peer(client->ctx, &server->address) == NULL);
    CHECK(dtls_get_peer(server->ctx, &name) == NULL);
    return good;
}

bool kind_live(const kind_t *kind, jar_t *jar, node_t *client, node_t *server)
{
    client->config.idle_ms = server->config.idle_ms = 100000;
    if (!node_start(client) || !node_start(server))
        return false;
    bool good = live_once(kind, NULL, client, server);
    if (!kind->tickets && !kind->sessions)
        return good;
    if (jar->length == 0)
        return false;
    jar_t latest = *jar;
    size_t resumed = client->event_count;
    good = live_once(kind, &latest, client, server) && good;
    for (size_t i = resumed; i < client->event_count; i++) {
        if (client->events[i].level == 0 && client->events[i].code == DTLS_EVENT_CONNECTED)
            return good && client->events[i].info.resumed;
    }
    return false;
}
