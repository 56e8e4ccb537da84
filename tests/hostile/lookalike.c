/*
 * lookalike.c - an observer cannot distinguish the response to an unknown identity from that to a
 * wrong key.
 */
#include "net.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <string.h>

enum { MOST = 64 };

/* The hashes that both sides compute, and how many bytes they hash. */
static size_t hashes, hashed_bytes;

static void find_real(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    CHECK(symbol != NULL);
    memcpy(function, &symbol, sizeof(symbol));
}

int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *length)
{
    static int (*real)(EVP_MD_CTX *, unsigned char *, unsigned *);

    if (!real)
        find_real("EVP_DigestFinal_ex", &real);
    hashes++;
    return real(ctx, out, length);
}

int EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t length)
{
    static int (*real)(EVP_MD_CTX *, const void *, size_t);

    if (!real)
        find_real("EVP_DigestUpdate", &real);
    hashed_bytes += length;
    return real(ctx, data, length);
}

/* What an observer sees of the server's datagrams: times, lengths, first bytes and plaintext
 * alerts. The number of hashes shows how long a response takes. */
typedef struct {
    size_t hashes, hashed_bytes, count;
    uint64_t at[MOST];
    size_t length[MOST];
    uint8_t head[MOST][16]; /* the first bytes of the datagram, before random bytes begin */
} view_t;

static void watch(view_t *view, const net_t *net, const node_t *server, uint64_t from)
{
    view->count = 0;
    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];

        if (packet->from != server) {
            continue;
        }
        CHECK(view->count < MOST);
        view->at[view->count] = packet->at - from;
        view->length[view->count] = packet->length;
        memset(view->head[view->count], 0, sizeof(view->head[0]));
        memcpy(view->head[view->count++], packet->data, packet->length < 15 ? packet->length : 15);
    }
}

typedef struct {
    const char *hint;
    size_t mtu;
    bool import; /* DTLS 1.3: both sides import the key (RFC 9258) */
} scene_t;

static void see(view_t *view, bool unknown, const scene_t *scene)
{
    static const uint8_t other[16] = "some other key";
    node_t *client, *server;
    net_t *net = net_pair(77, &client, &server);
    uint64_t from = net->now;

    server->hint = (const uint8_t *)scene->hint;
    server->hint_length = strlen(scene->hint);
    client->config.mtu = server->config.mtu = scene->mtu;
    client->config.import_psk = server->config.import_psk = scene->import;
    client->delay = server->delay = 3;
    if (unknown) {
        client->identity = (const uint8_t *)"Client_identitz";
    } else {
        client->key = other;
    }
    net_start(net);
    hashes = hashed_bytes = 0;
    CHECK(!net_connect(client, server, 60000));
    net_run(net, 100000);
    view->hashes = hashes;
    view->hashed_bytes = hashed_bytes;
    watch(view, net, server, from);
    net_end(net);
}

static void check_alike(const scene_t *scene)
{
    view_t wrong_key, unknown;

    see(&wrong_key, false, scene);
    see(&unknown, true, scene);
    NOTE("hint \"%s\", MTU %zu%s", scene->hint, scene->mtu, scene->import ? ", imported key" : "");
    CHECK_EQ(unknown.count, wrong_key.count);
    CHECK_EQ(unknown.hashes, wrong_key.hashes);
    CHECK_EQ(unknown.hashed_bytes, wrong_key.hashed_bytes);
    for (size_t i = 0; i < wrong_key.count; i++) {
        NOTE("datagram %zu of the server", i);
        CHECK_EQ(unknown.at[i], wrong_key.at[i]);
        CHECK_EQ(unknown.length[i], wrong_key.length[i]);
        CHECK_MEM(unknown.head[i], wrong_key.head[i], sizeof(unknown.head[i]));
    }
}

EACH_VERSION(unknown_identity_looks_like_a_wrong_key)
{
    check_alike(&(scene_t){"", 1232, .import = false});
    check_alike(&(scene_t){"hint", 1232, .import = false});
    check_alike(&(scene_t){"hint", 256, .import = false});
    if (net_version == DTLS13)
        check_alike(&(scene_t){"", 1232, .import = true});
}
