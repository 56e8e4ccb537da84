/*
 * net.h - contexts, a network between them and a clock, in one process.
 *
 * Nodes send through their write callback into a queue; net_run() moves the virtual clock from
 * one delivery or deadline to the next. Everything random comes from one seed. Each node's memory
 * is counted, and net_end() checks that all of it came back wiped.
 */
#ifndef TESTS_NET_H
#define TESTS_NET_H

#include "dtls.h"
#include "test.h"

enum { NET_NODES = 128, NET_FOREVER = 1 << 30 };

typedef struct net net_t;
typedef struct node node_t;

typedef struct {
    uint64_t at;
    unsigned port; /* of the peer */
    int level;
    unsigned code;
    bool info_ok;     /* dtls_get_info() answered inside the callback, */
    dtls_info_t info; /* with this; its pointers no longer point anywhere */
    char identity[64];
} net_event_t;

typedef struct {
    uint64_t at;
    unsigned port;
    size_t length;
    uint8_t *data;
} net_message_t;

/* A datagram that a node has sent. The tap may change what happens to it. */
typedef struct {
    node_t *from, *to; /* to is NULL if nobody has that address */
    unsigned port;     /* where it goes */
    uint64_t at;
    size_t index;  /* counts the datagrams of the network */
    size_t copies; /* 0: lost */
    uint64_t delay;
    uint8_t *data; /* may be altered, and cut */
    size_t length;
} net_packet_t;

/* A record that a node has sealed, by its trace. */
typedef struct {
    uint8_t content_type;
    uint64_t epoch, sequence;
} net_record_t;

/* What nodes speak unless a case says otherwise. */
enum { DTLS12 = 0xfefd, DTLS13 = 0xfefc, BOTH_VERSIONS = 0 };
extern uint16_t net_version;
/* Nodes that speak DTLS 1.2 alone exchange keys by ECDHE_PSK; else by plain PSK. */
extern bool net_ecdhe;

/* A case for each key exchange: NAME_dtls12 and NAME_dtls12_ecdhe. */
#define EACH_OF_DTLS12(name)                                                                       \
    static void each_##name(void);                                                                 \
    TEST(name##_dtls12)                                                                            \
    {                                                                                              \
        net_version = DTLS12;                                                                      \
        each_##name();                                                                             \
    }                                                                                              \
    TEST(name##_dtls12_ecdhe)                                                                      \
    {                                                                                              \
        net_version = DTLS12;                                                                      \
        net_ecdhe = true;                                                                          \
        each_##name();                                                                             \
        net_ecdhe = false;                                                                         \
    }                                                                                              \
    static void each_##name(void)

/* A case for each version, too: NAME_dtls13. */
#define EACH_VERSION(name)                                                                         \
    EACH_OF_DTLS12(name);                                                                          \
    TEST(name##_dtls13)                                                                            \
    {                                                                                              \
        net_version = DTLS13;                                                                      \
        each_##name();                                                                             \
        net_version = DTLS12;                                                                      \
    }                                                                                              \
    static void each_##name(void)

typedef void (*net_tap_t)(net_t *net, net_packet_t *packet);

struct node {
    net_t *net;
    const char *name;
    session_t address;
    dtls_context_t *ctx;
    dtls_config_t config; /* read by node_start() */

    const uint8_t *identity, *key, *hint;
    size_t identity_length, key_length, hint_length;

    unsigned loss, duplicate, reorder; /* percent of what this node sends */
    uint64_t delay, reorder_ms;

    int (*on_read)(node_t *node, session_t *peer, uint8_t *data, size_t length);
    int (*on_event)(node_t *node, session_t *peer, int level, unsigned code);
    void (*on_write)(node_t *node, session_t *peer);
    int (*on_psk)(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                  const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room);
    void (*on_parameters)(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters);
    bool refuse_writes;
    void *user;

    net_event_t *events;
    size_t event_count;
    net_message_t *messages;
    size_t message_count;
    net_record_t *records; /* sent; not if config.trace is set */
    size_t record_count;
    size_t sent, sent_bytes; /* datagrams and their octets */

    uint64_t random;
    size_t random_calls, random_fail_at; /* this call fails, and all that follow */
    size_t allocations, live, live_bytes, peak_bytes, unwiped;
    size_t fail_at; /* this allocation fails, and with fail_after all that follow */
    bool fail_after;
};

struct net {
    uint64_t seed, random, now;
    node_t *nodes[NET_NODES];
    size_t node_count;
    struct net_queued *queue; /* sorted by arrival */
    net_packet_t *packets;    /* all that were sent, data as it went out */
    size_t packet_count;
    net_tap_t tap;
    void *user;
    bool stuck; /* a node had something to do at the same instant for ever */
};

/* Everything random follows from the seed: NOTE it where it varies. */
net_t *net_new(uint64_t seed);
/* Frees all, and checks that nothing leaked, that all memory was wiped, and that dtls_get_info()
 * answered in every event. */
void net_end(net_t *net);
uint64_t net_bits(net_t *net);
size_t net_random(net_t *net, size_t below);

/* A node with defaults: 127.0.0.1, identity "Client_identity", a key of 16 bytes. */
node_t *net_node(net_t *net, const char *name);
/* Makes the context. False if the configuration is refused. */
bool node_start(node_t *node);
/* Starts what has not been started. */
void net_start(net_t *net);
/* A client (which does not accept) and a server, not yet started. */
net_t *net_pair(uint64_t seed, node_t **client, node_t **server);

void net_address(session_t *session, unsigned port);
unsigned net_port(const session_t *session);

/* Runs until the predicate holds or that many ms have passed; true if it held. */
bool net_until(net_t *net, bool (*done)(net_t *net), uint64_t ms);
void net_run(net_t *net, uint64_t ms);
/* Connects and runs until both are connected; false if that has not happened in ms. */
bool net_connect(node_t *client, node_t *server, uint64_t ms);
/* A message each way on an undisturbed network, and each arrives exactly once. */
bool net_echo(node_t *client, node_t *server);
/* No loss, duplication, reordering or tap from now on. */
void net_calm(net_t *net);

/* Puts a datagram on the way by hand, past loss and tap. */
void net_carry(node_t *from, node_t *to, const uint8_t *data, size_t length, uint64_t delay);
/* What a node's write callback does. */
int net_send(node_t *from, const session_t *to, const uint8_t *data, size_t length);
/* Hands a datagram to a node at once, as if it came from there. */
int net_inject(node_t *to, const session_t *from, const uint8_t *data, size_t length);

int node_write(node_t *node, const node_t *peer, const char *text);
bool node_connected(const node_t *node, const node_t *peer);
size_t node_events(const node_t *node, unsigned code);
size_t node_ends(const node_t *node); /* CLOSED, FAILED and TIMEOUT */
const net_event_t *node_last_end(const node_t *node);
dtls_stats_t node_stats(const node_t *node, const node_t *peer);
uint64_t node_drops(const node_t *node, const node_t *peer);

#endif
