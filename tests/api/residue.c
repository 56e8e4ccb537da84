/*
 * residue.c - whole handshakes of each kind, on a stack that is searched for secrets. Whenever the library
 * calls libcrypto or a hook, the functions that have returned must have left no secret below.
 *
 * A first run collects the secrets: the PSK, what the key log gets, the keys of ciphers, private keys,
 * shared secrets, and random bytes that are never sent. All random values come from one seed, so a second
 * run has the same secrets.
 */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common_kinds.h"
#include "stack.h"

enum {
    PIECE = 8,
    PIECES = 4096,
    SLOTS = 8 * PIECES,
    LEAST_KEY = 32 /* fewer random bytes are connection IDs, session IDs and those of heartbeats */
};

/* ---- secrets, in pieces of 8 bytes ---- */

typedef struct {
    uint64_t bytes;
    const char *what;
} piece_t;

static piece_t pieces[PIECES];
static size_t piece_count;
static const piece_t *slots[SLOTS]; /* a hash table of the pieces, by their bytes */

static size_t slot_of(uint64_t bytes)
{
    return (size_t)((bytes * 0x9e3779b97f4a7c15U) >> 49);
}
_Static_assert(SLOTS == 1 << 15, "slot_of() has 15 bits");

static const piece_t *find_piece(uint64_t bytes)
{
    size_t at = slot_of(bytes);

    while (slots[at] && slots[at]->bytes != bytes)
        at = (at + 1) % SLOTS;
    return slots[at];
}

static void add_piece(uint64_t bytes, const char *what)
{
    size_t at = slot_of(bytes);

    if (bytes == 0 || find_piece(bytes))
        return;
    CHECK(piece_count < PIECES);
    while (slots[at])
        at = (at + 1) % SLOTS;
    pieces[piece_count] = (piece_t){bytes, what};
    slots[at] = &pieces[piece_count++];
}

/* Adds a secret, and the two forms of it that HMAC hashes. */
static void add_secret(const void *secret, size_t length, const char *what)
{
    for (size_t at = 0; at + PIECE <= length; at += PIECE) {
        uint64_t bytes;
        memcpy(&bytes, (const uint8_t *)secret + at, PIECE);
        add_piece(bytes, what);
        add_piece(bytes ^ 0x3636363636363636, what);
        add_piece(bytes ^ 0x5c5c5c5c5c5c5c5c, what);
    }
}

/* ---- the two runs ---- */

static enum { OFF, COLLECT, SEARCH } phase;
static size_t searches;
static char found[256];

static void search(const char *where)
{
    size_t length;
    const uint8_t *left = stack_left(&length);

    searches++;
    for (size_t at = 0; at + PIECE <= length && !found[0]; at++) {
        uint64_t bytes;
        memcpy(&bytes, left + at, PIECE);
        const piece_t *piece = bytes ? find_piece(bytes) : NULL;
        if (piece)
            snprintf(found, sizeof found, "%s, at %s, search %zu", piece->what, where, searches);
    }
}

static void look(const char *where)
{
    if (phase == SEARCH && !found[0])
        search(where);
}

/* What libcrypto leaves is not the library's. */
static void clean(void)
{
    if (phase == SEARCH)
        stack_clean();
}

static void collect(const void *secret, size_t length, const char *what)
{
    if (phase == COLLECT)
        add_secret(secret, length, what);
}

/* ---- libcrypto ---- */

static void find_real(const char *name, void *function, size_t size)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    CHECK(symbol && size == sizeof symbol);
    memcpy(function, &symbol, size);
}

/* Defines the libcrypto function `name`, which searches, calls the function of libcrypto, and then runs
 * the statement `after`. */
#define INTERCEPT(type, name, parameters, arguments, after)                                        \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
                                                                                                   \
        if (!real)                                                                                 \
            find_real(#name, &real, sizeof real);                                                  \
        look(#name "()");                                                                          \
        type result = real arguments;                                                              \
        after;                                                                                     \
        clean();                                                                                   \
        return result;                                                                             \
    }

INTERCEPT(int, EVP_CipherInit_ex2,
          (EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
           const unsigned char *iv, int seal, const OSSL_PARAM parameters[]),
          (ctx, cipher, key, iv, seal, parameters), {
              if (key)
                  collect(key, (size_t)EVP_CIPHER_CTX_get_key_length(ctx), "a key of a cipher");
          })
INTERCEPT(int, EVP_EncryptInit_ex2,
          (EVP_CIPHER_CTX * ctx, const EVP_CIPHER *cipher, const unsigned char *key,
           const unsigned char *iv, const OSSL_PARAM parameters[]),
          (ctx, cipher, key, iv, parameters), {
              if (key)
                  collect(key, (size_t)EVP_CIPHER_CTX_get_key_length(ctx), "a key of a mask");
          })
INTERCEPT(int, EVP_Cipher,
          (EVP_CIPHER_CTX * ctx, unsigned char *out, const unsigned char *in, unsigned size),
          (ctx, out, in, size), {})
INTERCEPT(int, EVP_CipherUpdate,
          (EVP_CIPHER_CTX * ctx, unsigned char *out, int *length, const unsigned char *in,
           int size),
          (ctx, out, length, in, size), {})
INTERCEPT(int, EVP_DigestInit_ex2,
          (EVP_MD_CTX * ctx, const EVP_MD *type, const OSSL_PARAM parameters[]),
          (ctx, type, parameters), {})
INTERCEPT(int, EVP_DigestUpdate, (EVP_MD_CTX * ctx, const void *data, size_t length),
          (ctx, data, length), {})
INTERCEPT(int, EVP_DigestFinal_ex, (EVP_MD_CTX * ctx, unsigned char *out, unsigned *length),
          (ctx, out, length), {})
INTERCEPT(int, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * out, const EVP_MD_CTX *in), (out, in), {})
INTERCEPT(EVP_PKEY *, EVP_PKEY_new_raw_private_key,
          (int type, ENGINE *engine, const unsigned char *key, size_t length),
          (type, engine, key, length), collect(key, length, "a private key"))
INTERCEPT(int, EVP_PKEY_derive, (EVP_PKEY_CTX * ctx, unsigned char *out, size_t *length),
          (ctx, out, length), {
              if (out)
                  collect(out, *length, "a shared secret");
          })

/* ---- hooks ---- */

static dtls_config_t hooks; /* those of a node, which are the same for all */

static dtls_tick_t clock_hook(void *hook)
{
    look("clock()");
    return hooks.clock(hook);
}

static int random_hook(void *hook, uint8_t *out, size_t length)
{
    look("random()");
    int result = hooks.random(hook, out, length);
    if (length >= LEAST_KEY)
        collect(out, length, "random bytes");
    return result;
}

static void *allocate_hook(void *hook, size_t size)
{
    look("allocate()");
    return hooks.allocate(hook, size);
}

static void release_hook(void *hook, void *memory)
{
    look("release()");
    hooks.release(hook, memory);
}

static void keylog_hook(void *hook, const char *label, const uint8_t *client_random,
                        const uint8_t *secret, size_t length)
{
    (void)hook, (void)client_random;
    look("keylog()");
    collect(secret, length, label);
}

static void on_write(node_t *node, session_t *peer)
{
    (void)node, (void)peer;
    look("write()");
}

static void use_hooks(node_t *node)
{
    hooks = node->config;
    node->config.clock = clock_hook;
    node->config.random = random_hook;
    node->config.allocate = allocate_hook;
    node->config.release = release_hook;
    node->config.keylog = keylog_hook;
    node->on_write = on_write;
}

/* ---- lives ---- */

typedef struct {
    const kind_t *kind;
    node_t *client, *server;
    jar_t jar;
    bool good;
} life_t;

static void live(void *argument)
{
    life_t *life = argument;

    life->good = kind_live(life->kind, &life->jar, life->client, life->server);
}

/* Bytes that are sent without protection are no secret. */
static void forget_sent(const net_t *net)
{
    for (size_t i = 0; i < net->packet_count; i++) {
        const net_packet_t *packet = &net->packets[i];
        for (size_t at = 0; at + PIECE <= packet->length; at++) {
            uint64_t bytes;
            memcpy(&bytes, packet->data + at, PIECE);
            const piece_t *piece = find_piece(bytes);
            if (piece)
                pieces[piece - pieces].bytes = 0;
        }
    }
}

static void run(const kind_t *kind)
{
    static const uint8_t psk[] = "the key of both ends of 32 bytes";
    life_t life = {.kind = kind};
    net_t *net = kind_pair(kind, &life.jar, &life.client, &life.server);

    life.client->key = life.server->key = psk;
    life.client->key_length = life.server->key_length = 32;
    use_hooks(life.client);
    use_hooks(life.server);
    collect(psk, 32, "the PSK");
    stack_run(live, &life);
    CHECK(life.good);
    if (phase == COLLECT)
        forget_sent(net);
    phase = OFF;
    net_end(net);
}

static void check_kind(const kind_t *kind)
{
    memset(slots, 0, sizeof slots);
    piece_count = searches = 0;
    phase = COLLECT;
    run(kind);
    NOTE("%s: %zu pieces", kind->name, piece_count);
    phase = SEARCH;
    run(kind);
    CHECK(searches > 100);
    CHECK_STR(found, "");
}

TEST(no_handshake_leaves_a_secret_on_the_stack)
{
    stack_need();
    for (size_t i = 0; i < KINDS; i++)
        check_kind(&kinds[i]);
}
