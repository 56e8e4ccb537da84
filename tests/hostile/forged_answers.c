/*
 * forged_answers.c - well-formed plaintext answers to a client, which arrive before those of the server. The attacker
 * has a library of its own, to which the client's hellos are copied. What it writes in plaintext is sent to the client
 * with the address of the server.
 */
#include "wire.h"

#include <string.h>

typedef struct {
    const char *name;
    uint16_t offered;        /* only_version of the client */
    uint16_t spoken, forged; /* only_version of the server and of the attacker */
    dtls_cookie_t cookie;
    bool attacker_cookie; /* the attacker requests a cookie of its own */
    bool other_group;     /* the attacker has another group than the server */
    bool hint;            /* the server has an identity hint */
    bool psk;             /* plain PSK in DTLS 1.2 */
    bool
        no_ems; /* without extended master secret, so that the keys do not depend on all messages */
    bool split; /* each forged message arrives just before the genuine one */
    bool ticket;    /* the attacker forges a NewSessionTicket too */
    unsigned types; /* bits: the messages that the attacker forges; 0: all */
} scene_t;

typedef struct {
    const scene_t *scene;
    node_t *client, *server, *attacker;
    unsigned skip, times; /* hellos that the attacker leaves alone, then hellos that it answers */
} attack_t;

#define BIT(type) (1u << (type))

/* Returns after how many ms a record of the server arrives, from the time of its flight: in the order of message_seq. */
static uint64_t turn_of(const wire_record_t *record)
{
    wire_message_t message;
    bool plain = record->type == HANDSHAKE && record->epoch == 0 && wire_message(record, &message);

    return plain ? 2u * message.msg_seq : 20;
}

static bool is_forged(const scene_t *scene, const wire_record_t *record)
{
    wire_message_t message;

    return record->type == HANDSHAKE && record->epoch == 0 && wire_message(record, &message) &&
           (scene->types == 0 || scene->types & BIT(message.type));
}

/* Sends the plaintext handshake messages of the attacker's datagram to the client. */
static void forward(const attack_t *attack, const net_packet_t *packet)
{
    wire_t forged = {.length = 0};
    wire_record_t record;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (!is_forged(attack->scene, &record)) {
            continue;
        }
        if (attack->scene->split) {
            net_carry(attack->server, attack->client, record.raw, record.raw_length,
                      19 + turn_of(&record));
        } else {
            wire_put(&forged, record.raw, record.raw_length);
        }
    }
    if (forged.length > 0) {
        net_carry(attack->server, attack->client, forged.data, forged.length, 1);
    }
}

/* Sends each record of the server's datagram in a datagram of its own. */
static void split(const attack_t *attack, net_packet_t *packet)
{
    wire_record_t record;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        net_carry(attack->server, attack->client, record.raw, record.raw_length,
                  10 + turn_of(&record));
    }
    packet->copies = 0;
}

/* Forges a NewSessionTicket that has the place of that of the server. */
static void forge_ticket(const attack_t *attack)
{
    static const uint8_t body[] = {0, 0, 1, 0, 0, 4, 'a', 'b', 'c', 'd'};
    const wire_message_t message = {
        .type = 4, .msg_seq = 4, .total = sizeof(body), .length = sizeof(body), .body = body};
    wire_t forged = {.length = 0};

    wire_put_fragment(&forged, 77, &message);
    net_carry(attack->server, attack->client, forged.data, forged.length, 1);
}

static void observe(net_t *net, net_packet_t *packet)
{
    attack_t *attack = net->user;
    wire_record_t record;

    if (packet->from == attack->attacker) {
        packet->copies = 0;
        forward(attack, packet);
    } else if (packet->from == attack->server && attack->scene->split) {
        split(attack, packet);
    } else if (packet->from == attack->client && attack->scene->ticket) {
        if (attack->times > 0 && wire_find(packet, CLIENT_KEY_EXCHANGE, &record)) {
            attack->times--;
            forge_ticket(attack);
        }
    } else if (packet->from == attack->client && wire_find(packet, CLIENT_HELLO, &record)) {
        if (attack->skip > 0) {
            attack->skip--;
        } else if (attack->times > 0) {
            attack->times--;
            net_carry(attack->client, attack->attacker, packet->data, packet->length, 0);
        }
    }
}

static void ignore_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                          uint32_t lifetime_s)
{
    (void)hook, (void)session, (void)state, (void)length, (void)lifetime_s;
}

static bool both_connected(net_t *net)
{
    const attack_t *attack = net->user;

    return node_connected(attack->client, attack->server) &&
           node_connected(attack->server, attack->client);
}

/* alone: after its first response, the server does not respond. */
static void attacked(const scene_t *scene, unsigned skip, unsigned times, bool alone)
{
    static const uint8_t secret[DTLS_SECRET] = "the attacker knows it too";
    static const uint16_t p256[] = {23}, x25519[] = {29, 23};
    node_t *client, *server, *attacker;
    net_t *net = net_pair(1, &client, &server);
    attack_t attack = {.scene = scene, .skip = skip, .times = times};

    NOTE("%s, %u hellos alone, then %u answered%s", scene->name, skip, times,
         alone ? ", then alone" : "");
    attacker = net_node(net, "attacker");
    client->delay = server->delay = 10;
    net_ecdhe = !scene->psk;
    client->config.only_version = scene->offered;
    server->config.only_version = scene->spoken;
    attacker->config.only_version = scene->forged;
    server->config.cookie = scene->cookie;
    attacker->config.cookie = scene->attacker_cookie ? DTLS_COOKIE_ON : DTLS_COOKIE_OFF;
    client->config.groups = server->config.groups = x25519;
    client->config.group_count = server->config.group_count = 2;
    attacker->config.groups = scene->other_group ? p256 : x25519;
    attacker->config.group_count = scene->other_group ? 1 : 2;
    server->config.accept = attacker->config.accept = true;
    if (scene->no_ems) {
        client->config.ems = server->config.ems = attacker->config.ems = DTLS_EMS_OFF;
    }
    server->config.tickets = scene->ticket;
    client->config.ticket = scene->ticket ? ignore_ticket : NULL;
    if (scene->hint) {
        server->hint = (const uint8_t *)"hint";
        server->hint_length = 4;
    }
    net_start(net);
    if (!scene->attacker_cookie) {
        dtls_set_secrets(server->ctx, secret, 1);
        dtls_set_secrets(attacker->ctx, secret, 1);
    }
    attack.client = client, attack.server = server, attack.attacker = attacker;
    net->tap = observe;
    net->user = &attack;
    uint64_t start = net->now;
    CHECK(dtls_connect(client->ctx, &server->address) > 0);
    if (alone) {
        net_run(net, 25);
        client->loss = server->loss = 100;
        net_run(net, 200000);
        CHECK_EQ(node_ends(client), 1);
        CHECK(node_last_end(client)->at - start <= client->config.handshake_ms);
    } else {
        CHECK(net_until(net, both_connected, 10000));
        net->tap = NULL;
        CHECK(net_echo(client, server));
        CHECK_EQ(node_ends(client), 0);
    }
    CHECK_EQ(node_events(client, DTLS_EVENT_CONNECT), 1);
    net_end(net);
}

static const scene_t scenes[] = {
    {.name = "1.3: HelloRetryRequest with a cookie",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_OFF,
     .attacker_cookie = true},
    {.name = "1.3: HelloRetryRequest with a cookie, server with one",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_ON,
     .attacker_cookie = true},
    {.name = "1.3: HelloRetryRequest with a group",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_OFF,
     .other_group = true},
    {.name = "1.3: HelloRetryRequest with a group, server with cookie",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_ON,
     .other_group = true},
    {.name = "1.3: ServerHello",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_OFF},
    {.name = "1.3: ServerHello, server with cookie",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_ON},
    {.name = "both: ServerHello of 1.2 to a server of 1.3",
     .offered = BOTH_VERSIONS,
     .spoken = DTLS13,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON},
    {.name = "both: ServerHello of 1.3 to a server of 1.2",
     .offered = BOTH_VERSIONS,
     .spoken = DTLS12,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_ON},
    {.name = "both: HelloRetryRequest to a server of 1.2",
     .offered = BOTH_VERSIONS,
     .spoken = DTLS12,
     .forged = DTLS13,
     .cookie = DTLS_COOKIE_ON,
     .attacker_cookie = true},
    {.name = "1.2: the whole flight",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON},
    {.name = "1.2: the whole flight, no cookie",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_OFF},
    {.name = "1.2: ServerHello",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .types = BIT(SERVER_HELLO)},
    {.name = "1.2: ServerKeyExchange with another group",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .other_group = true},
    {.name = "1.2: ServerHello and ServerKeyExchange",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .types = BIT(SERVER_HELLO) | BIT(SERVER_KEY_EXCHANGE)},
    {.name = "1.2: ServerHello and ServerHelloDone",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .psk = true,
     .hint = true},
    {.name = "1.2: plain PSK",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .psk = true},
    {.name = "1.2: HelloVerifyRequest",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .attacker_cookie = true},
    {.name = "1.3: ServerHello, in turn",
     .offered = DTLS13,
     .spoken = DTLS13,
     .forged = DTLS13,
     .split = true},
    {.name = "1.2: ServerHello, in turn",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .split = true,
     .types = BIT(SERVER_HELLO)},
    {.name = "1.2: ServerKeyExchange, in turn",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .split = true,
     .types = BIT(SERVER_KEY_EXCHANGE)},
    {.name = "1.2: ServerKeyExchange of another group, in turn",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .other_group = true,
     .split = true,
     .types = BIT(SERVER_KEY_EXCHANGE)},
    {.name = "1.2: ServerHelloDone instead of ServerKeyExchange, in turn",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .psk = true,
     .hint = true,
     .no_ems = true,
     .split = true,
     .types = BIT(SERVER_HELLO_DONE)},
    {.name = "1.2: all, in turn, without extended master secret",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .no_ems = true,
     .split = true},
    {.name = "1.2: NewSessionTicket",
     .offered = DTLS12,
     .spoken = DTLS12,
     .forged = DTLS12,
     .cookie = DTLS_COOKIE_ON,
     .ticket = true},
};

TEST(client_connects_in_spite_of_forged_answers)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
        for (unsigned skip = 0; skip < 3; skip++) {
            for (unsigned times = 1; times <= 3; times++) {
                attacked(&scenes[i], skip, times, false);
            }
        }
    }
    net_ecdhe = false;
}

/* A client that starts over has the time limit of its first attempt. */
TEST(forged_answers_do_not_prolong_a_handshake)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
        if (!scenes[i].split && !scenes[i].ticket)
            attacked(&scenes[i], 0, 3, true);
    }
    net_ecdhe = false;
}

/* ---- a forged ServerHello again and again ---- */

enum { FORGERS = 2 };

typedef struct {
    node_t *client, *server, *forgers[FORGERS];
    wire_t forged[FORGERS]; /* the ServerHellos that they made for the first ClientHello */
    bool begun;
} replayer_t;

static void keep_forged(replayer_t *replayer, net_packet_t *packet)
{
    wire_record_t record;

    for (size_t i = 0; i < FORGERS; i++) {
        if (packet->from != replayer->forgers[i])
            continue;
        packet->copies = 0;
        if (replayer->forged[i].length == 0 && wire_find(packet, SERVER_HELLO, &record))
            wire_put(&replayer->forged[i], record.raw, record.raw_length);
    }
}

static void send_forged(const replayer_t *replayer, size_t which)
{
    const wire_t *forged = &replayer->forged[which];

    net_carry(replayer->server, replayer->client, forged->data, forged->length, 1 + which);
}

/* The first ClientHello is answered by both, a later one by the one that came second. */
static void replay(net_t *net, net_packet_t *packet)
{
    replayer_t *replayer = net->user;
    wire_record_t record;

    keep_forged(replayer, packet);
    if (packet->from != replayer->client || !wire_find(packet, CLIENT_HELLO, &record))
        return;
    if (!replayer->begun) {
        replayer->begun = true;
        for (size_t i = 0; i < FORGERS; i++)
            net_inject(replayer->forgers[i], &replayer->client->address, packet->data,
                       packet->length);
        send_forged(replayer, 0);
    }
    send_forged(replayer, 1);
}

/* A client that starts over ignores the ServerHellos that it has received before, so a replay of one does not win
 * against the server again. */
EACH_VERSION(forged_server_hellos_are_followed_once)
{
    replayer_t replayer = {.begun = false};
    net_t *net = net_pair(1, &replayer.client, &replayer.server);

    replayer.client->delay = replayer.server->delay = 10;
    replayer.server->config.cookie = DTLS_COOKIE_OFF;
    for (size_t i = 0; i < FORGERS; i++) {
        replayer.forgers[i] = net_node(net, i ? "second forger" : "first forger");
        replayer.forgers[i]->config.cookie = DTLS_COOKIE_OFF;
    }
    net_start(net);
    net->tap = replay;
    net->user = &replayer;
    CHECK(dtls_connect(replayer.client->ctx, &replayer.server->address) > 0);
    net_run(net, 20000);
    CHECK(replayer.forged[0].length > 0 && replayer.forged[1].length > 0);
    CHECK(node_connected(replayer.client, replayer.server));
    CHECK(net_echo(replayer.client, replayer.server));
    CHECK_EQ(node_ends(replayer.client), 0);
    net_end(net);
}
