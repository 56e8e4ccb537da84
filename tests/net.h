/*
 * net.h - contexts, a network between them, and a clock, in one process.
 *
 * A node is one library context with its callbacks. What a node sends goes into a queue. net_run()
 * advances the virtual clock from one delivery or deadline to the next. All random values come from
 * one seed. The memory of each node is counted: net_end() checks that the library has wiped and
 * freed all of it, and has not written past its end.
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
    unsigned port; /* port of the peer */
    int level;
    unsigned code;
    bool info_ok;     /* dtls_get_info() succeeded inside the callback */
    dtls_info_t info; /* its result; its pointers are no longer valid */
    char identity[64];
} net_event_t;

typedef struct {
    uint64_t at;
    unsigned port;
    size_t length;
    uint8_t *data;
} net_message_t;

/* A datagram that a node has sent. The tap may change it. */
typedef struct {
    node_t *from, *to; /* to is NULL if no node has that address */
    unsigned port;     /* destination port */
    uint64_t at;
    size_t index;  /* number of the datagram in this network, from 0 */
    size_t copies; /* how often it is delivered; 0: it is lost */
    uint64_t delay;
    uint8_t *data; /* the tap may alter and shorten it */
    size_t length;
} net_packet_t;

/* A record that a node has sent, as its trace hook reported it. */
typedef struct {
    uint8_t content_type;
    uint64_t epoch, sequence;
} net_record_t;

/* The version that net_node() configures, DTLS 1.2 at first. */
enum { DTLS12 = 0xfefd, DTLS13 = 0xfefc, BOTH_VERSIONS = 0 };
extern uint16_t net_version;
/* Whether DTLS 1.2 nodes use ECDHE_PSK. If false, they use plain PSK. */
extern bool net_ecdhe;

/* Defines a case for each key exchange of DTLS 1.2: NAME_dtls12 and NAME_dtls12_ecdhe. */
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

/* Defines the cases of EACH_OF_DTLS12, and NAME_dtls13. */
#define EACH_VERSION(name)                                                                         \
    EACH_OF_DTLS12(name);                                                                          \
    TEST(name##_dtls13)                                                                            \
    {                                                                                              \
        net_version = DTLS13;                                                                      \
        each_##name();                                                                             \
        net_version = DTLS12;                                                                      \
    }                                                                                              \
    static void each_##name(void)

/* Called for each datagram that a node sends, before it is queued. */
typedef void (*net_tap_t)(net_t *net, net_packet_t *packet);

struct node {
    net_t *net;
    const char *name;
    session_t address;
    dtls_context_t *ctx;
    dtls_config_t config; /* node_start() reads it */

    const uint8_t *identity, *key, *hint;
    size_t identity_length, key_length, hint_length;

    unsigned loss, duplicate, reorder; /* percent of the datagrams that this node sends */
    uint64_t delay, reorder_ms;

    int (*on_read)(node_t *node, session_t *peer, uint8_t *data, size_t length);
    int (*on_event)(node_t *node, session_t *peer, int level, unsigned code);
    void (*on_write)(node_t *node, session_t *peer);
    int (*on_psk)(node_t *node, const session_t *peer, dtls_credentials_type_t type,
                  const uint8_t *desc, size_t desc_length, uint8_t *result, size_t room);
    void (*on_parameters)(node_t *node, const session_t *peer, dtls_user_parameters_t *parameters);
    bool refuse_writes;
    bool crowded; /* node_check_timers() is off, because it visits each of many peers */
    void *user;

    net_event_t *events;
    size_t event_count;
    net_message_t *messages;
    size_t message_count;
    net_record_t *records; /* records sent; empty if the test sets config.trace */
    size_t record_count;
    size_t sent, sent_bytes; /* datagrams sent, and their bytes */

    uint64_t random;
    size_t random_calls, random_fail_at; /* config.random fails from this call on */
    size_t allocations, live, live_bytes, peak_bytes, unwiped, overrun;
    size_t fail_at; /* this allocation fails; with fail_after also all later ones */
    bool fail_after;
};

struct net {
    uint64_t seed, random, now;
    node_t *nodes[NET_NODES];
    size_t node_count;
    struct net_queued *queue; /* in order of arrival */
    net_packet_t *packets;    /* all datagrams sent, as the nodes sent them */
    size_t packet_count;
    net_tap_t tap;
    void *user;
    bool stuck; /* a timer of a node was due again and again without the clock advancing */
};

/* Makes a network. All random values follow from the seed. A case that varies the seed calls
 * NOTE. */
net_t *net_new(uint64_t seed);
/* Frees the network. Checks that no memory leaked, that all memory was wiped, that nothing was
 * written past its end, and that dtls_get_info() succeeded in every event. */
void net_end(net_t *net);
/* Returns 64 random bits. */
uint64_t net_bits(net_t *net);
/* Returns a random number from 0 to below - 1. */
size_t net_random(net_t *net, size_t below);

/* Makes a node with an address on 127.0.0.1, the identity "Client_identity" and a key of 16 bytes.
 * It has no context yet. */
node_t *net_node(net_t *net, const char *name);
/* Makes the node's context. Returns false if the library refuses the configuration. */
bool node_start(node_t *node);
/* Frees the node's context and sends nothing, as if its program had been killed. */
void node_crash(node_t *node);
/* Makes the contexts of all nodes that have none. */
void net_start(net_t *net);
/* Makes a client, whose context does not accept, and a server. They have no contexts yet. */
net_t *net_pair(uint64_t seed, node_t **client, node_t **server);

/* Sets *session to this port of 127.0.0.1. */
void net_address(session_t *session, unsigned port);
unsigned net_port(const session_t *session);

/* Runs until done() returns true, at most ms. Returns whether it returned true. */
bool net_until(net_t *net, bool (*done)(net_t *net), uint64_t ms);
/* Advances the clock by ms: delivers datagrams, and runs the timers of the nodes. */
void net_run(net_t *net, uint64_t ms);
/* Connects the client and runs until both nodes are connected. Returns false if they are not within
 * ms. */
bool net_connect(node_t *client, node_t *server, uint64_t ms);
/* Sends a message each way without loss. Returns true if each arrives exactly once. */
bool net_echo(node_t *client, node_t *server);
/* Discards what the network and its nodes have recorded: datagrams, records, events and messages. A
 * long run needs the memory. */
void net_forget(net_t *net);
/* From now on there is no loss, duplication or reordering, and no tap. */
void net_calm(net_t *net);

/* Queues a datagram, which arrives after delay ms. Loss and tap do not apply. */
void net_carry(node_t *from, node_t *to, const uint8_t *data, size_t length, uint64_t delay);
/* Sends a datagram as the node's write callback does. Returns what the callback returns. */
int net_send(node_t *from, const session_t *to, const uint8_t *data, size_t length);
/* Passes a datagram to dtls_handle_message() at once, with this source address. Returns the
 * result. */
int net_inject(node_t *to, const session_t *from, const uint8_t *data, size_t length);

/* Writes text to the peer. Returns the result of dtls_write(). */
int node_write(node_t *node, const node_t *peer, const char *text);
bool node_connected(const node_t *node, const node_t *peer);
/* Returns how many events with this code the node has had. */
size_t node_events(const node_t *node, unsigned code);
size_t node_ends(const node_t *node); /* how many CLOSED, FAILED and TIMEOUT */
const net_event_t *node_last_end(const node_t *node);
dtls_stats_t node_stats(const node_t *node, const node_t *peer);
/* Returns what dtls_get_info() returns about the association with the peer, which must exist. */
dtls_info_t info_of(const node_t *node, const node_t *peer);
/* Returns the library's state of that association, for tests that include lib/conn/state.h. */
struct conn *conn_of(const node_t *node, const node_t *peer);
uint64_t node_drops(const node_t *node, const node_t *peer);
/* Checks, outside of callbacks, that dtls_next_timeout() returns the earliest deadline of all peers.
 * net_run() calls it for each node at each step. */
void node_check_timers(const node_t *node);

#endif
