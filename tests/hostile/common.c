/*
 * common.c - the key schedule and record protection of one suite, implemented independently of the
 * library: RFC 5246 sections 5 and 6.3, RFC 5288 section 3, RFC 9146 sections 4 and 5.3.
 */
#include "common.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { NONCE = 8, TAG = 16, KEY_BLOCK = 2 * 16 + 2 * 4, CID = 25 };

static void on_keylog(void *hook, const char *label, const uint8_t *client_random,
                      const uint8_t *secret, size_t length)
{
    insider_t *insider = ((node_t *)hook)->user;

    CHECK_STR(label, "CLIENT_RANDOM");
    CHECK_EQ(length, sizeof(insider->master));
    memcpy(insider->client_random, client_random, sizeof(insider->client_random));
    memcpy(insider->master, secret, length);
    insider->known = true;
}

net_t *insider_pair(insider_t *insider, uint64_t seed)
{
    static const uint16_t suite = 0x00a8;
    net_t *net = net_pair(seed, &insider->client, &insider->server);

    insider->known = false;
    insider->client->user = insider;
    insider->client->config.keylog = on_keylog;
    insider->client->config.suites = &suite;
    insider->client->config.suite_count = 1;
    return net;
}

/* ---- keys ---- */

static void hmac(const uint8_t *key, size_t key_length, const wire_t *data, uint8_t out[32])
{
    unsigned length = 0;

    CHECK(HMAC(EVP_sha256(), key, (int)key_length, data->data, data->length, out, &length));
    CHECK_EQ(length, 32);
}

/* P_SHA256: A(i) = HMAC(secret, A(i-1)), output = HMAC(secret, A(1) seed) HMAC(...) ... */
static void prf(const insider_t *insider, const wire_t *seed, uint8_t *out, size_t length)
{
    const uint8_t *key = insider->master;
    wire_t a = *seed;

    for (size_t done = 0; done < length; done += 32) {
        wire_t input = {.length = 0};
        uint8_t block[32];

        hmac(key, sizeof(insider->master), &a, block);
        a.length = 0;
        wire_put(&a, block, sizeof(block));
        wire_put(&input, block, sizeof(block));
        wire_put(&input, seed->data, seed->length);
        hmac(key, sizeof(insider->master), &input, block);
        memcpy(out + done, block, length - done < 32 ? length - done : 32);
    }
}

void insider_learn(insider_t *insider)
{
    const net_packet_t *packet = NULL, *next;
    uint8_t block[KEY_BLOCK];
    wire_t seed = {.length = 0};
    wire_record_t record;

    for (size_t nth = 0; (next = wire_sent_message(insider->server, SERVER_HELLO, nth)); nth++) {
        packet = next;
    }
    CHECK(insider->known && packet && wire_find(packet, SERVER_HELLO, &record));
    wire_put(&seed, "key expansion", 13);
    wire_put(&seed, record.body + WIRE_MESSAGE_HEADER + 2, 32);
    wire_put(&seed, insider->client_random, 32);
    prf(insider, &seed, block, sizeof(block));
    for (size_t i = 0; i < 2; i++) {
        memcpy(insider->write[i].key, block + 16 * i, 16);
        memcpy(insider->write[i].iv, block + 32 + 4 * i, 4);
    }
}

/* ---- records ---- */

static void put_additional_data(wire_t *wire, unsigned type, uint64_t sequence, size_t length)
{
    wire_put_number(wire, 1, 2);
    wire_put_number(wire, sequence, 6);
    wire_put_number(wire, type, 1);
    wire_put_number(wire, 0xfefd, 2);
    wire_put_number(wire, length, 2);
}

/* Encrypts or decrypts. The tag is at `tag`. Returns false if it does not verify. */
static bool gcm(const insider_t *insider, const node_t *from, bool seal, const uint8_t *nonce,
                const wire_t *aad, const uint8_t *in, size_t length, uint8_t *out, uint8_t *tag)
{
    size_t side = from == insider->server;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t iv[12];
    int used = 0;
    bool good;

    memcpy(iv, insider->write[side].iv, 4);
    memcpy(iv + 4, nonce, NONCE);
    CHECK(ctx &&
          EVP_CipherInit_ex(ctx, EVP_aes_128_gcm(), NULL, insider->write[side].key, iv, seal));
    CHECK(EVP_CipherUpdate(ctx, NULL, &used, aad->data, (int)aad->length));
    CHECK(EVP_CipherUpdate(ctx, out, &used, in, (int)length));
    CHECK(seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag));
    good = EVP_CipherFinal_ex(ctx, out + used, &used) > 0;
    CHECK(!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, tag));
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

/* Finds the connection ID in the records of this side, which the other side has configured. */
static size_t cid_of(const insider_t *insider, const node_t *from, const uint8_t **cid)
{
    const node_t *to = from == insider->client ? insider->server : insider->client;
    bool both = from->config.use_cid && to->config.use_cid;

    *cid = to->config.cid;
    CHECK(!both || *cid || to->config.cid_length == 0);
    return both ? to->config.cid_length : 0;
}

static void put_cid_additional_data(wire_t *wire, uint64_t sequence, const uint8_t *cid,
                                    size_t cid_length, size_t length)
{
    wire_put_number(wire, UINT64_MAX, 8);
    wire_put_number(wire, CID, 1);
    wire_put_number(wire, cid_length, 1);
    wire_put_number(wire, CID, 1);
    wire_put_number(wire, 0xfefd, 2);
    wire_put_number(wire, 1, 2);
    wire_put_number(wire, sequence, 6);
    wire_put(wire, cid, cid_length);
    wire_put_number(wire, length, 2);
}

static void put_record(wire_t *wire, unsigned type, uint64_t sequence, const uint8_t *cid,
                       size_t cid_length, const wire_t *body)
{
    wire_put_number(wire, type, 1);
    wire_put_number(wire, 0xfefd, 2);
    wire_put_number(wire, 1, 2);
    wire_put_number(wire, sequence, 6);
    wire_put(wire, cid, cid_length);
    wire_put_number(wire, body->length, 2);
    wire_put(wire, body->data, body->length);
}

void insider_put(const insider_t *insider, wire_t *wire, const node_t *from, unsigned type,
                 uint64_t sequence, const void *data, size_t length)
{
    /* The explicit nonce is unrelated to the record number, as in records of OpenSSL. */
    const uint8_t nonce[NONCE] = {0xaa,
                                  (uint8_t)(sequence >> 32),
                                  (uint8_t)(sequence >> 24),
                                  (uint8_t)(sequence >> 16),
                                  (uint8_t)(sequence >> 8),
                                  (uint8_t)sequence,
                                  (uint8_t)type,
                                  (uint8_t)(sequence >> 40)};
    wire_t aad = {.length = 0}, inner = {.length = 0}, body = {.length = 0};
    const uint8_t *cid;
    size_t cid_length = cid_of(insider, from, &cid);

    wire_put(&inner, data, length);
    if (cid_length > 0) {
        wire_put_number(&inner, type, 1);
        put_cid_additional_data(&aad, sequence, cid, cid_length, inner.length);
    } else {
        put_additional_data(&aad, type, sequence, inner.length);
    }
    wire_put(&body, nonce, NONCE);
    CHECK(NONCE + inner.length + TAG <= WIRE_ROOM);
    CHECK(gcm(insider, from, true, nonce, &aad, inner.data, inner.length, body.data + NONCE,
              body.data + NONCE + inner.length));
    body.length += inner.length + TAG;
    put_record(wire, cid_length > 0 ? CID : type, sequence, cid, cid_length, &body);
}

int insider_inject(const insider_t *insider, const node_t *from, unsigned type, uint64_t sequence,
                   const void *data, size_t length)
{
    node_t *to = from == insider->client ? insider->server : insider->client;
    wire_t wire = {.length = 0};

    insider_put(insider, &wire, from, type, sequence, data, length);
    return net_inject(to, &from->address, wire.data, wire.length);
}

size_t insider_open(const insider_t *insider, const node_t *from, const wire_record_t *record,
                    uint8_t *out)
{
    uint8_t tag[TAG];
    wire_t aad = {.length = 0};
    size_t length = record->length - NONCE - TAG;

    CHECK(record->epoch == 1 && record->length >= NONCE + TAG);
    put_additional_data(&aad, record->type, record->sequence, length);
    memcpy(tag, record->body + NONCE + length, TAG);
    CHECK(gcm(insider, from, false, record->body, &aad, record->body + NONCE, length, out, tag));
    return length;
}

size_t insider_last(const insider_t *insider, const node_t *from, unsigned *type, uint8_t *out)
{
    for (size_t i = from->net->packet_count; i-- > 0;) {
        const net_packet_t *packet = &from->net->packets[i];
        wire_record_t record;
        size_t at = 0;

        if (packet->from == from && wire_next(packet->data, packet->length, &at, &record)) {
            *type = record.type;
            return insider_open(insider, from, &record, out);
        }
    }
    return 0;
}
