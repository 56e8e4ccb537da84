/*
 * replay.c - handshakes recorded from other implementations, checked against our key schedule and
 * record layer: one case for each file in tests/vectors.
 */
#include "base/iana.h"
#include "common.h"
#include "crypto/group.h"
#include "message/hello.h"
#include "message/reassembly.h"
#include "record/record.h"
#include "replay_vectors.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    vector_file_t file;
    crypto_t *crypto;
    const suite_t *suite;
    bool ems, complete; /* complete: both Finished messages are present */
    bool resumed;       /* resumed, with the master secret of the previous session */
    randoms_t randoms;
    uint8_t shared[DH_MAX_PUBLIC]; /* the ECDHE secret */
    size_t shared_length;
    uint8_t master[MASTER_LENGTH];
    key_block_t keys;
    epoch_t read[2], write[2]; /* epoch 1 of client and server */
    epoch_t wrong[2];          /* epoch 1, under the keys of another PSK */
} replay_t;

static bool from_server(const vector_line_t *line)
{
    return strcmp(line->fields[0], "s") == 0;
}

/* ---- negotiation ---- */

static unsigned long flag(const replay_t *replay, const char *name)
{
    const vector_line_t *line = vector_next(&replay->file, name, NULL);
    CHECK(line != NULL);
    return vector_number(line, 0);
}

static void open_file(replay_t *replay, const char *name)
{
    memset(replay, 0, sizeof *replay);
    vector_open(&replay->file, name);
    replay->crypto = crypto_new();
    const vector_line_t *line = vector_next(&replay->file, "suite", NULL);
    CHECK(line != NULL);
    replay->suite = suite_by_id((uint16_t)strtoul(line->fields[0], NULL, 16));
    CHECK(replay->suite != NULL);
    replay->ems = flag(replay, "ems");
    replay->resumed = vector_next(&replay->file, "resumed", NULL) != NULL;
    replay->complete = vector_next(&replay->file, "finished_server", NULL) != NULL;
    vector_bytes_t client = vector_value(&replay->file, "client_random");
    vector_bytes_t server = vector_value(&replay->file, "server_random");
    CHECK(client.length == RANDOM_LENGTH && server.length == RANDOM_LENGTH);
    memcpy(replay->randoms.client, client.data, RANDOM_LENGTH);
    memcpy(replay->randoms.server, server.data, RANDOM_LENGTH);
}

static reader_t body_of(const vector_bytes_t *message)
{
    CHECK(message->length >= MESSAGE_HEADER);
    return reader(message->data + MESSAGE_HEADER, message->length - MESSAGE_HEADER);
}

static void check_client_hello(const replay_t *replay, const vector_bytes_t *message)
{
    client_hello_t hello;
    reader_t body = body_of(message);
    NOTE("ClientHello");
    CHECK_EQ(client_hello_parse(&body, &hello), DTLS_ERR_NONE);
    CHECK_EQ(hello.version, VERSION_DTLS12);
    CHECK_MEM(hello.random, replay->randoms.client, RANDOM_LENGTH);
    CHECK(list_contains_u16(hello.suites, replay->suite->id));
    CHECK(hello.extensions.seen & EXT_EXTENDED_MASTER_SECRET || !replay->ems);
}

/* Parses the counted string that ServerKeyExchange and ClientKeyExchange begin with. */
static void check_string(const replay_t *replay, const char *name, reader_t *body)
{
    reader_t string = take_block(body, 2);
    CHECK(!string.failed);
    vector_check(&replay->file, name, string.at, reader_left(&string));
}

/* Returns field n of the key_share line: GROUP PRIVATE SERVER SHARED. */
static vector_bytes_t key_share(const replay_t *replay, size_t n)
{
    const vector_line_t *line = vector_next(&replay->file, "key_share", NULL);
    CHECK(line != NULL);
    return vector_bytes(line, n);
}

static void check_point(reader_t *body, const uint8_t *expected, size_t length)
{
    reader_t point = take_block(body, 1);
    NOTE("point");
    CHECK_EQ(reader_left(&point), length);
    CHECK_MEM(point.at, expected, length);
}

static void check_server_key_exchange(const replay_t *replay, const vector_bytes_t *message)
{
    reader_t body = body_of(message);
    check_string(replay, "hint", &body);
    if (replay->suite->kx == KX_ECDHE_PSK) {
        vector_bytes_t group = key_share(replay, 0), point = key_share(replay, 2);
        CHECK_EQ(take_u8(&body), CURVE_TYPE_NAMED);
        CHECK_MEM(take_bytes(&body, 2), group.data, 2);
        check_point(&body, point.data, point.length);
    }
    CHECK(reader_done(&body));
}

/* Computes the secret with the client's private key, which the file has. */
static void check_client_key_exchange(replay_t *replay, const vector_bytes_t *message)
{
    reader_t body = body_of(message);
    check_string(replay, "identity", &body);
    if (replay->suite->kx == KX_ECDHE_PSK) {
        vector_bytes_t id = key_share(replay, 0), private_key = key_share(replay, 1);
        vector_bytes_t point = key_share(replay, 2), shared = key_share(replay, 3);
        const group_t *group = group_by_id((uint16_t)(id.data[0] << 8 | id.data[1]));
        dh_t *dh = dh_new(group->alg, private_key.data);
        check_point(&body, dh_public(dh).bytes, dh_public(dh).length);
        CHECK(dh_derive(dh, point.data, point.length));
        replay->shared_length = dh_secret(dh).length;
        CHECK_EQ(shared.length, replay->shared_length);
        memcpy(replay->shared, dh_secret(dh).bytes, replay->shared_length);
        CHECK_MEM(replay->shared, shared.data, shared.length);
        dh_free(dh);
    }
    CHECK(reader_done(&body));
}

static bool make_master(const replay_t *replay, const vector_bytes_t *psk,
                        const uint8_t *session_hash, uint8_t master[MASTER_LENGTH])
{
    const bytes_t shared = {replay->shared, replay->shared_length};
    return kdf12_master(replay->crypto, replay->suite->hash, shared, psk->data, psk->length,
                        &replay->randoms, session_hash, master);
}

static void check_outside(const replay_t *replay)
{
    size_t requests = 0;
    for (const vector_line_t *line = NULL; (line = vector_next(&replay->file, "outside", line));) {
        vector_bytes_t message = vector_bytes(line, 2);
        reader_t body = body_of(&message), cookie;
        bool request = vector_number(line, 1) == HANDSHAKE_HELLO_VERIFY_REQUEST;
        if (request)
            CHECK_EQ(hello_verify_request_parse(&body, &cookie), DTLS_ERR_NONE);
        else
            check_client_hello(replay, &message);
        requests += request;
    }
    CHECK_EQ(requests > 0, flag(replay, "cookie"));
}

/* ---- key schedule ---- */

static void check_keys(replay_t *replay, const uint8_t *session_hash)
{
    const suite_t *suite = replay->suite;
    vector_bytes_t psk = vector_value(&replay->file, "psk");
    vector_bytes_t known = vector_value(&replay->file, "master_secret");
    size_t mac = suite_mac_key(suite), key = suite_key(suite), iv = suite->fixed_iv;
    if (replay->resumed)
        memcpy(replay->master, known.data, MASTER_LENGTH);
    else
        CHECK(make_master(replay, &psk, session_hash, replay->master));
    vector_check(&replay->file, "master_secret", replay->master, MASTER_LENGTH);
    CHECK(kdf12_keys(replay->crypto, suite, replay->master, &replay->randoms, &replay->keys));
    vector_check(&replay->file, "key_block", replay->keys.block, 2 * (mac + key + iv));
    vector_check(&replay->file, "c_mac", replay->keys.client.mac, mac);
    vector_check(&replay->file, "s_mac", replay->keys.server.mac, mac);
    vector_check(&replay->file, "c_key", replay->keys.client.key, key);
    vector_check(&replay->file, "s_key", replay->keys.server.key, key);
    vector_check(&replay->file, "c_iv", replay->keys.client.iv, iv);
    vector_check(&replay->file, "s_iv", replay->keys.server.iv, iv);
}

static void start_epochs(replay_t *replay, const key_block_t *keys, epoch_t epochs[2], bool seal)
{
    CHECK(epoch_dtls12(&epochs[0], replay->crypto, replay->suite, &keys->client, false, seal));
    CHECK(epoch_dtls12(&epochs[1], replay->crypto, replay->suite, &keys->server, false, seal));
}

/* Makes the epochs of an end that has another PSK. */
static void start_wrong_epochs(replay_t *replay, const uint8_t *session_hash)
{
    vector_bytes_t psk = vector_value(&replay->file, "psk");
    uint8_t master[MASTER_LENGTH];
    key_block_t keys;
    psk.data[psk.length - 1] ^= 1;
    memcpy(master, replay->master, MASTER_LENGTH);
    master[0] ^= 1;
    if (!replay->resumed)
        CHECK(make_master(replay, &psk, session_hash, master));
    CHECK(kdf12_keys(replay->crypto, replay->suite, master, &replay->randoms, &keys));
    start_epochs(replay, &keys, replay->wrong, false);
}

static void check_exporter(const replay_t *replay)
{
    for (const vector_line_t *line = NULL; (line = vector_next(&replay->file, "exporter", line));) {
        vector_bytes_t label = vector_bytes(line, 0), expected = vector_bytes(line, 1);
        uint8_t found[VECTOR_BYTES];
        label.data[label.length] = '\0';
        NOTE("exporter");
        CHECK(prf12(replay->crypto, replay->suite->hash, replay->master, MASTER_LENGTH,
                    (const char *)label.data, replay->randoms.client, RANDOM_LENGTH,
                    replay->randoms.server, RANDOM_LENGTH, found, expected.length));
        CHECK_MEM(found, expected.data, expected.length);
    }
}

/* ---- transcript ---- */

static void check_finished(const replay_t *replay, const hash_t *transcript,
                           const vector_line_t *line, const vector_bytes_t *message)
{
    const char *name = from_server(line) ? "finished_server" : "finished_client";
    const vector_line_t *expected = vector_next(&replay->file, name, NULL);
    uint8_t hash[HASH_MAX], verify[VERIFY_LENGTH];
    NOTE("%s", name);
    CHECK(expected != NULL);
    vector_bytes_t expected_hash = vector_bytes(expected, 0);
    vector_bytes_t expected_verify = vector_bytes(expected, 1);
    CHECK(hash_snapshot(transcript, NULL, 0, hash));
    CHECK_EQ(expected_hash.length, hash_length(replay->suite->hash));
    CHECK_MEM(hash, expected_hash.data, expected_hash.length);
    CHECK(kdf12_verify_data(replay->crypto, replay->suite->hash, replay->master, !from_server(line),
                            hash, verify));
    CHECK_EQ(expected_verify.length, VERIFY_LENGTH);
    CHECK_MEM(verify, expected_verify.data, VERIFY_LENGTH);
    CHECK_EQ(message->length, MESSAGE_HEADER + VERIFY_LENGTH);
    CHECK_MEM(message->data + MESSAGE_HEADER, verify, VERIFY_LENGTH);
}

static void key_exchanged(replay_t *replay, const hash_t *transcript)
{
    uint8_t hash[HASH_MAX];
    CHECK(hash_snapshot(transcript, NULL, 0, hash));
    if (replay->ems && !replay->resumed)
        vector_check(&replay->file, "session_hash", hash, hash_length(replay->suite->hash));
    const uint8_t *session_hash = replay->ems ? hash : NULL;
    check_keys(replay, session_hash);
    start_epochs(replay, &replay->keys, replay->read, false);
    start_epochs(replay, &replay->keys, replay->write, true);
    start_wrong_epochs(replay, session_hash);
}

static void check_transcript(replay_t *replay)
{
    hash_t *transcript = hash_new(replay->crypto, replay->suite->hash);
    unsigned finished = 0;
    const unsigned long last =
        replay->resumed ? HANDSHAKE_SERVER_HELLO : HANDSHAKE_CLIENT_KEY_EXCHANGE;
    for (const vector_line_t *line = NULL; (line = vector_next(&replay->file, "message", line));) {
        vector_bytes_t message = vector_bytes(line, 2);
        unsigned long type = vector_number(line, 1);
        CHECK_EQ(message.data[0], type);
        if (type == HANDSHAKE_CLIENT_HELLO)
            check_client_hello(replay, &message);
        if (type == HANDSHAKE_SERVER_KEY_EXCHANGE)
            check_server_key_exchange(replay, &message);
        if (type == HANDSHAKE_CLIENT_KEY_EXCHANGE)
            check_client_key_exchange(replay, &message);
        if (type == HANDSHAKE_FINISHED)
            check_finished(replay, transcript, line, &message);
        finished += type == HANDSHAKE_FINISHED;
        CHECK(hash_add(transcript, message.data, message.length));
        if (type == last)
            key_exchanged(replay, transcript);
    }
    CHECK_EQ(finished, replay->complete ? 2 : 1);
    hash_free(transcript);
}

/* ---- records ---- */

/* the fields of a line: DIR EPOCH SEQ TYPE HEADER FRAGMENT NONCE AAD PLAINTEXT */
typedef struct {
    size_t side;
    vector_bytes_t header, fragment, nonce, aad, plaintext;
} expected_t;

static expected_t expect(const vector_line_t *line)
{
    return (expected_t){from_server(line),     vector_bytes(line, 4), vector_bytes(line, 5),
                        vector_bytes(line, 6), vector_bytes(line, 7), vector_bytes(line, 8)};
}

static aead_t *new_aead(const replay_t *replay, size_t side, bool seal)
{
    const write_keys_t *keys = side == 0 ? &replay->keys.client : &replay->keys.server;
    aead_t *aead = aead_new(replay->crypto, replay->suite->aead, keys->key, seal);
    CHECK(aead != NULL);
    if (suite_mac_key(replay->suite) > 0)
        CHECK(aead_set_mac_key(aead, replay->crypto, keys->mac));
    return aead;
}

/* Uses the nonce and additional data of the file, in case two mistakes of ours cancel each other
 * out. */
static void check_aead(replay_t *replay, const expected_t *e)
{
    const suite_t *suite = replay->suite;
    size_t text = e->plaintext.length, explicit = suite->explicit_nonce;
    size_t padding = suite_mac_key(suite) > 0 ? CBC_BLOCK - text % CBC_BLOCK : 0;
    uint8_t bytes[VECTOR_BYTES + CBC_BLOCK + CBC_MAX_MAC];
    NOTE("AEAD");
    CHECK_EQ(e->nonce.length, padding > 0 ? CBC_BLOCK : AEAD_NONCE);
    CHECK_EQ(e->fragment.length, explicit + text + padding + suite_tag(suite));
    memcpy(bytes, e->plaintext.data, text);
    memset(bytes + text, (int)padding - 1, padding);
    text += padding;
    aead_t *seal = new_aead(replay, e->side, true), *open = new_aead(replay, e->side, false);
    CHECK(aead_seal(seal, e->nonce.data, e->aad.data, e->aad.length, bytes, text));
    CHECK_MEM(bytes, e->fragment.data + explicit, text + suite_tag(suite));
    CHECK(
        aead_open(open, e->nonce.data, e->aad.data, e->aad.length, bytes, text + suite_tag(suite)));
    CHECK_MEM(bytes, e->plaintext.data, e->plaintext.length);
    aead_free(seal);
    aead_free(open);
}

/* Sealing must give the same bytes, if that sender counts its explicit nonces as we do. */
static bool check_seal(replay_t *replay, const expected_t *e, const record_t *record)
{
    epoch_t *write = &replay->write[e->side];
    size_t explicit = replay->suite->explicit_nonce, prefix = write->form->prefix(write);
    uint8_t bytes[RECORD_HEADER + VECTOR_BYTES];
    if (explicit > 0 && memcmp(e->fragment.data, e->header.data + 3, explicit) != 0)
        return false;
    NOTE("seal");
    write->sequence = record->sequence;
    memcpy(bytes + prefix, e->plaintext.data, e->plaintext.length);
    CHECK_EQ(record_seal(write, record->type, bytes, e->plaintext.length),
             RECORD_HEADER + e->fragment.length);
    CHECK_MEM(bytes, e->header.data, RECORD_HEADER);
    CHECK_MEM(bytes + RECORD_HEADER, e->fragment.data, e->fragment.length);
    return true;
}

/* Opens a copy, so that the bytes of the file stay unchanged. */
static dtls_drop_t open_copy(epoch_t *epoch, record_t *record, uint8_t *bytes)
{
    NOTE("epoch %u, record %u", record->epoch, (unsigned)record->sequence);
    memcpy(bytes, record->bytes, record->size);
    record->bytes = bytes;
    record->payload = bytes + RECORD_HEADER;
    return record_open(epoch, record);
}

static void check_open(epoch_t *epoch, record_t record, const expected_t *e)
{
    uint8_t bytes[RECORD_HEADER + VECTOR_BYTES];
    CHECK_EQ(open_copy(epoch, &record, bytes), DTLS_DROP_COUNT);
    CHECK_EQ(record.length, e->plaintext.length);
    CHECK_MEM(record.payload, e->plaintext.data, record.length);
}

static void check_undecryptable(epoch_t *epoch, record_t record)
{
    uint8_t bytes[RECORD_HEADER + VECTOR_BYTES];
    CHECK_EQ(open_copy(epoch, &record, bytes), DTLS_DROP_BAD_MAC);
    CHECK_EQ(epoch->window.next, 0);
}

/* Returns whether the record was sealed again. */
static bool check_record(replay_t *replay, const vector_line_t *line, const record_t *record)
{
    epoch_t plaintext = {.form = NULL};
    const expected_t e = expect(line);
    NOTE("header");
    CHECK_EQ(record_check(record), DTLS_DROP_COUNT);
    CHECK_MEM(record->bytes, e.header.data, RECORD_HEADER);
    CHECK_EQ(record->epoch, vector_number(line, 1));
    CHECK_EQ(record->sequence, vector_number(line, 2));
    CHECK_EQ(record->type, vector_number(line, 3));
    CHECK_EQ(record->length, e.fragment.length);
    CHECK_MEM(record->payload, e.fragment.data, e.fragment.length);
    if (record->epoch == 0) {
        epoch_plaintext(&plaintext);
        check_open(&plaintext, *record, &e);
        return false;
    }
    check_undecryptable(&replay->wrong[e.side], *record);
    check_open(&replay->read[e.side], *record, &e);
    check_aead(replay, &e);
    return check_seal(replay, &e, record);
}

static void check_datagrams(replay_t *replay)
{
    const vector_line_t *line = NULL, *expected = NULL;
    size_t protected = 0, sealed = 0;
    while ((line = vector_next(&replay->file, "datagram", line)) != NULL) {
        vector_bytes_t datagram = vector_bytes(line, 1);
        record_t record;
        for (size_t at = 0; at < datagram.length; at += record.size) {
            CHECK_EQ(record_split(datagram.data + at, datagram.length - at, 0, &record),
                     DTLS_DROP_COUNT);
            expected = vector_next(&replay->file, "record", expected);
            CHECK(expected != NULL);
            CHECK_STR(expected->fields[0], line->fields[0]);
            protected += record.epoch > 0;
            sealed += check_record(replay, expected, &record);
        }
    }
    NOTE("records");
    CHECK(vector_next(&replay->file, "record", expected) == NULL);
    CHECK(protected >= 3);
    CHECK(replay->suite->explicit_nonce > 0 || sealed == protected);
}

static void close_file(replay_t *replay)
{
    for (size_t side = 0; side < 2; side++) {
        epoch_end(&replay->read[side]);
        epoch_end(&replay->write[side]);
        epoch_end(&replay->wrong[side]);
    }
    crypto_free(replay->crypto);
    vector_close(&replay->file);
}

static void replay(const char *name)
{
    static replay_t state;
    open_file(&state, name);
    CHECK_EQ(state.complete, strstr(name, "-fail-") == NULL);
    check_outside(&state);
    check_transcript(&state);
    check_exporter(&state);
    check_datagrams(&state);
    close_file(&state);
}

#define CASE(name, file)                                                                           \
    TEST(name)                                                                                     \
    {                                                                                              \
        replay(file);                                                                              \
    }
VECTORS(CASE)

/* ---- every file has a case ---- */

#define FILE_NAME(name, file) file,
static const char *const names[] = {VECTORS(FILE_NAME)};
static size_t found;

static void count(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            found++;
}

TEST(every_file_is_replayed)
{
    size_t files = vector_each("openssl-", count) + vector_each("gnutls-", count) +
                   vector_each("dual12-", count) + vector_each("fixed12-", count);
    CHECK_EQ(files, COUNT(names));
    CHECK_EQ(found, COUNT(names));
}
