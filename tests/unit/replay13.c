/*
 * replay13.c - DTLS 1.3 handshakes recorded from other implementations, and ours as an independent
 * program decoded them, checked against our key schedule, transcript and record layer: one case for
 * each file in tests/vectors.
 */
#include "base/iana.h"
#include "common.h"
#include "crypto/kdf13.h"
#include "message/hello.h"
#include "message/reassembly.h"
#include "message/transcript.h"
#include "record/record.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#define VECTORS(X)                                                                                 \
    X(fixed_psk_dhe_ke_aes128_gcm_p256, "fixed13-psk_dhe_ke-aes128-gcm-p256")                      \
    X(fixed_psk_dhe_ke_aes128_gcm_x25519, "fixed13-psk_dhe_ke-aes128-gcm-x25519")                  \
    X(fixed_psk_dhe_ke_aes128_gcm_x25519_hrr_cookie,                                               \
      "fixed13-psk_dhe_ke-aes128-gcm-x25519-hrr-cookie")                                           \
    X(fixed_psk_dhe_ke_aes128_gcm_x25519_minihdr, "fixed13-psk_dhe_ke-aes128-gcm-x25519-minihdr")  \
    X(fixed_psk_dhe_ke_ccm8_p256, "fixed13-psk_dhe_ke-ccm8-p256")                                  \
    X(fixed_psk_dhe_ke_chacha20_x25519_hrr_cookie,                                                 \
      "fixed13-psk_dhe_ke-chacha20-x25519-hrr-cookie")                                             \
    X(dual_both, "dual13-wolfssl-both")                                                            \
    X(own_psk_dhe_ke_p256_hrr_group, "dtlscat13-psk_dhe_ke-p256-hrr-group")                        \
    X(own_psk_dhe_ke_x25519_hrr_cookie, "dtlscat13-psk_dhe_ke-x25519-hrr-cookie")                  \
    X(own_psk_ke_aes256_gcm, "dtlscat13-psk_ke-aes256-gcm")                                        \
    X(own_psk_ke_ccm8, "dtlscat13-psk_ke-ccm8")                                                    \
    X(own_psk_ke_chacha20, "dtlscat13-psk_ke-chacha20")                                            \
    X(own_psk_ke_cid, "dtlscat13-psk_ke-cid")                                                      \
    X(own_psk_ke_hrr_cookie, "dtlscat13-psk_ke-hrr-cookie")                                        \
    X(own_psk_ke_keyupdate, "dtlscat13-psk_ke-keyupdate")                                          \
    X(own_psk_ke_no_cookie, "dtlscat13-psk_ke-no-cookie")                                          \
    X(own_psk_ke_ticket_1full, "dtlscat13-psk_ke-ticket-1full")                                    \
    X(own_psk_ke_ticket_2resumed_0rtt, "dtlscat13-psk_ke-ticket-2resumed-0rtt")                    \
    X(psk_dhe_ke_aes128_gcm_hrr_cookie_p256, "wolfssl13-psk_dhe_ke-aes128-gcm-hrr-cookie-p256")    \
    X(psk_dhe_ke_aes128_gcm_p256, "wolfssl13-psk_dhe_ke-aes128-gcm-p256")                          \
    X(psk_dhe_ke_aes128_gcm_x25519, "wolfssl13-psk_dhe_ke-aes128-gcm-x25519")                      \
    X(psk_dhe_ke_hrr_no_share, "wolfssl13-psk_dhe_ke-hrr-no-share")                                \
    X(psk_ke_aes128_ccm, "wolfssl13-psk_ke-aes128-ccm")                                            \
    X(psk_ke_aes128_ccm8, "wolfssl13-psk_ke-aes128-ccm8")                                          \
    X(psk_ke_aes128_gcm, "wolfssl13-psk_ke-aes128-gcm")                                            \
    X(psk_ke_aes128_gcm_cid, "wolfssl13-psk_ke-aes128-gcm-cid")                                    \
    X(psk_ke_aes128_gcm_cid_keyupdate_hrr, "wolfssl13-psk_ke-aes128-gcm-cid-keyupdate-hrr")        \
    X(psk_ke_aes128_gcm_hrr_cookie, "wolfssl13-psk_ke-aes128-gcm-hrr-cookie")                      \
    X(psk_ke_aes128_gcm_keyupdate, "wolfssl13-psk_ke-aes128-gcm-keyupdate")                        \
    X(psk_ke_aes256_gcm, "wolfssl13-psk_ke-aes256-gcm")                                            \
    X(psk_ke_chacha20, "wolfssl13-psk_ke-chacha20")                                                \
    X(psk_ke_ticket, "wolfssl13-psk_ke-ticket-0rtt-1full")                                         \
    X(psk_ke_ticket_resumed_0rtt, "wolfssl13-psk_ke-ticket-0rtt-2resumed0rtt")

enum { EPOCHS = 8 };

typedef struct {
    vector_file_t file;
    crypto_t *crypto;
    const suite_t *suite;
    size_t hash;       /* bytes */
    bool from_key_log; /* the private keys are not known: the schedule starts at its secrets */
    cid_t cids[2];     /* in the records of client and server */
    transcript_t transcript;
    schedule_t schedule;
    unsigned hellos;
    uint8_t secrets[2][EPOCHS][HASH_MAX]; /* indexed by side and epoch */
    epoch_t read[2][EPOCHS], write[2][EPOCHS];
} replay_t;

static bool from_server(const vector_line_t *line, size_t field)
{
    return strcmp(line->fields[field], "s") == 0;
}

static void read_cids(replay_t *replay)
{
    const vector_line_t *line = vector_next(&replay->file, "cid", NULL);
    for (size_t side = 0; line && side < 2; side++) {
        vector_bytes_t cid = vector_bytes(line, side);
        replay->cids[side].length = (uint8_t)cid.length;
        memcpy(replay->cids[side].bytes, cid.data, cid.length);
    }
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
    replay->hash = hash_length(replay->suite->hash);
    replay->from_key_log = vector_next(&replay->file, "handshake_secret", NULL) == NULL;
    read_cids(replay);
    vector_bytes_t psk = vector_value(&replay->file, "psk");
    CHECK(schedule_start(&replay->schedule, replay->crypto, replay->suite->hash, psk.data,
                         psk.length));
    vector_check(&replay->file, "early_secret", replay->schedule.secret, replay->hash);
    CHECK(transcript_start(&replay->transcript, replay->crypto, replay->suite->hash, true));
}

/* ---- secrets ---- */

static const vector_line_t *secret_line(const replay_t *replay, unsigned epoch, bool server)
{
    const vector_line_t *line = NULL;
    while ((line = vector_next(&replay->file, "secret", line)) != NULL)
        if (vector_number(line, 0) == epoch && from_server(line, 1) == server)
            return line;
    return NULL;
}

/* Compares a secret of ours and its keys with the file, and makes the epochs that use them. */
static void check_secret(replay_t *replay, unsigned epoch, bool server, const uint8_t *found)
{
    const vector_line_t *line = secret_line(replay, epoch, server);
    traffic_keys_t keys;
    NOTE("secret of epoch %u, %s", epoch, server ? "server" : "client");
    CHECK(line != NULL && epoch < EPOCHS);
    vector_bytes_t secret = vector_bytes(line, 2), key = vector_bytes(line, 3);
    vector_bytes_t iv = vector_bytes(line, 4), sn = vector_bytes(line, 5);
    CHECK_EQ(secret.length, replay->hash);
    if (found)
        CHECK_MEM(found, secret.data, secret.length);
    memcpy(replay->secrets[server][epoch], secret.data, secret.length);
    CHECK(kdf13_traffic_keys(replay->crypto, replay->suite, secret.data, &keys));
    CHECK_MEM(keys.key, key.data, suite_key(replay->suite));
    CHECK_MEM(keys.iv, iv.data, AEAD_NONCE);
    CHECK_MEM(keys.sn, sn.data, suite_key(replay->suite));
    CHECK(epoch_dtls13(&replay->read[server][epoch], replay->crypto, replay->suite, epoch,
                       secret.data, false));
    CHECK(epoch_dtls13(&replay->write[server][epoch], replay->crypto, replay->suite, epoch,
                       secret.data, true));
    if (epoch != EPOCH_EARLY)
        replay->write[server][epoch].cid = &replay->cids[server];
}

static void check_derived(replay_t *replay, unsigned epoch, bool server, secret_t which,
                          const uint8_t *hash)
{
    uint8_t secret[HASH_MAX];
    CHECK(schedule_secret(&replay->schedule, which, hash, secret));
    check_secret(replay, epoch, server, replay->from_key_log && epoch > 1 ? NULL : secret);
}

static void check_key_updates(replay_t *replay)
{
    for (int server = 0; server < 2; server++) {
        for (unsigned epoch = EPOCH_TRAFFIC + 1; secret_line(replay, epoch, server); epoch++) {
            uint8_t secret[HASH_MAX];
            memcpy(secret, replay->secrets[server][epoch - 1], replay->hash);
            CHECK(kdf13_update(replay->crypto, replay->suite->hash, secret));
            check_secret(replay, epoch, server, secret);
        }
    }
}

/* ---- the ClientHello ---- */

static void check_binder(replay_t *replay, const vector_line_t *line, const vector_bytes_t *message,
                         const client_hello_t *hello)
{
    uint8_t key[HASH_MAX], hash[HASH_MAX], found[HASH_MAX];
    secret_t which = strcmp(line->fields[1], "res") == 0 ? SECRET_RES_BINDER : SECRET_EXT_BINDER;
    vector_bytes_t expected_key = vector_bytes(line, 3), expected_hash = vector_bytes(line, 4);
    vector_bytes_t expected = vector_bytes(line, 5);
    reader_t binders = hello->extensions.binders, binder = binders;
    NOTE("binder of ClientHello %u", replay->hellos);
    CHECK(schedule_secret(&replay->schedule, which, NULL, key));
    CHECK_MEM(key, expected_key.data, replay->hash);
    size_t truncated = (size_t)(hello->extensions.truncated_at - message->data);
    CHECK(transcript_hash_with(&replay->transcript, message->data, truncated, hash));
    CHECK_MEM(hash, expected_hash.data, replay->hash);
    CHECK(kdf13_verify_data(replay->crypto, replay->suite->hash, key, hash, found));
    CHECK_MEM(found, expected.data, replay->hash);
    for (unsigned long i = 0; i <= vector_number(line, 2); i++)
        binder = take_block(&binders, 1);
    CHECK_EQ(reader_left(&binder), replay->hash);
    CHECK_MEM(binder.at, found, replay->hash);
}

static void check_client_hello(replay_t *replay, const vector_bytes_t *message)
{
    client_hello_t hello;
    reader_t body = reader(message->data + MESSAGE_HEADER, message->length - MESSAGE_HEADER);
    const vector_line_t *line = NULL;
    replay->hellos++;
    NOTE("ClientHello %u", replay->hellos);
    CHECK_EQ(client_hello_parse(&body, &hello), DTLS_ERR_NONE);
    CHECK(list_contains_u16(hello.suites, replay->suite->id));
    CHECK(list_contains_u16(hello.extensions.versions, VERSION_DTLS13));
    vector_check(&replay->file, "client_random", hello.random, RANDOM_LENGTH);
    while ((line = vector_next(&replay->file, "binder", line)) != NULL)
        if (vector_number(line, 0) == replay->hellos)
            check_binder(replay, line, message, &hello);
    CHECK(transcript_add(&replay->transcript, message->data, message->length));
    if (secret_line(replay, 1, false)) {
        uint8_t hash[HASH_MAX];
        CHECK(transcript_hash(&replay->transcript, hash));
        check_derived(replay, 1, false, SECRET_CLIENT_EARLY, hash);
    }
}

/* ---- the ServerHello ---- */

static void check_retry(replay_t *replay, const vector_bytes_t *message)
{
    uint8_t hash[HASH_MAX];
    CHECK(transcript_hash(&replay->transcript, hash));
    CHECK(transcript_restart(&replay->transcript, replay->crypto, hash));
    CHECK(transcript_add(&replay->transcript, message->data, message->length));
}

/* Continues with the secret of the key shares, if there are any. */
static bool advance(replay_t *replay)
{
    const vector_line_t *line = vector_next(&replay->file, "key_share", NULL);
    if (!line)
        return schedule_advance(&replay->schedule, NULL, 0);
    bool is_p256 = strtoul(line->fields[0], NULL, 16) == GROUP_SECP256R1;
    vector_bytes_t private_key = vector_bytes(line, 1), peer = vector_bytes(line, 2);
    vector_bytes_t expected = vector_bytes(line, 3);
    NOTE("key share");
    dh_t *dh = dh_new(is_p256 ? DH_P256 : DH_X25519, private_key.data);
    CHECK(dh != NULL && dh_derive(dh, peer.data, peer.length));
    bytes_t secret = dh_secret(dh);
    CHECK_EQ(expected.length, secret.length);
    CHECK_MEM(secret.bytes, expected.data, secret.length);
    bool ok = schedule_advance(&replay->schedule, secret.bytes, secret.length);
    dh_free(dh);
    return ok;
}

static void check_server_hello(replay_t *replay, const vector_bytes_t *message)
{
    server_hello_t hello;
    reader_t body = reader(message->data + MESSAGE_HEADER, message->length - MESSAGE_HEADER);
    uint8_t hash[HASH_MAX];
    if (is_hello_retry_random(message->data + MESSAGE_HEADER + 2)) {
        CHECK_EQ(server_hello_parse(&body, true, &hello), DTLS_ERR_NONE);
        check_retry(replay, message);
        return;
    }
    NOTE("ServerHello");
    CHECK_EQ(server_hello_parse(&body, true, &hello), DTLS_ERR_NONE);
    CHECK(transcript_add(&replay->transcript, message->data, message->length));
    CHECK(transcript_hash(&replay->transcript, hash));
    vector_check(&replay->file, "hash_to_server_hello", hash, replay->hash);
    CHECK(advance(replay));
    if (!replay->from_key_log)
        vector_check(&replay->file, "handshake_secret", replay->schedule.secret, replay->hash);
    check_derived(replay, EPOCH_HANDSHAKE, false, SECRET_CLIENT_HANDSHAKE, hash);
    check_derived(replay, EPOCH_HANDSHAKE, true, SECRET_SERVER_HANDSHAKE, hash);
}

/* ---- Finished ---- */

static void after_server_finished(replay_t *replay, const uint8_t *hash)
{
    uint8_t exporter[HASH_MAX];
    vector_check(&replay->file, "hash_to_server_finished", hash, replay->hash);
    CHECK(schedule_advance(&replay->schedule, NULL, 0));
    check_derived(replay, EPOCH_TRAFFIC, false, SECRET_CLIENT_TRAFFIC, hash);
    check_derived(replay, EPOCH_TRAFFIC, true, SECRET_SERVER_TRAFFIC, hash);
    if (replay->from_key_log)
        return;
    vector_check(&replay->file, "master_secret", replay->schedule.secret, replay->hash);
    CHECK(schedule_secret(&replay->schedule, SECRET_EXPORTER, hash, exporter));
    vector_check(&replay->file, "exporter", exporter, replay->hash);
}

static void after_client_finished(replay_t *replay, const uint8_t *hash)
{
    uint8_t resumption[HASH_MAX], psk[HASH_MAX];
    const vector_line_t *line = NULL;
    if (replay->from_key_log)
        return;
    vector_check(&replay->file, "hash_to_client_finished", hash, replay->hash);
    CHECK(schedule_secret(&replay->schedule, SECRET_RESUMPTION, hash, resumption));
    vector_check(&replay->file, "resumption", resumption, replay->hash);
    while ((line = vector_next(&replay->file, "ticket", line)) != NULL) {
        vector_bytes_t nonce = vector_bytes(line, 0), expected = vector_bytes(line, 1);
        NOTE("ticket");
        CHECK(kdf13_ticket_psk(replay->crypto, replay->suite->hash, resumption, nonce.data,
                               nonce.length, psk));
        CHECK_EQ(expected.length, replay->hash);
        CHECK_MEM(psk, expected.data, expected.length);
    }
}

static void check_finished(replay_t *replay, bool server, const vector_bytes_t *message)
{
    const char *name = server ? "finished_server" : "finished_client";
    const vector_line_t *line = vector_next(&replay->file, name, NULL);
    uint8_t hash[HASH_MAX], verify[HASH_MAX];
    NOTE("%s", name);
    CHECK(line != NULL);
    vector_bytes_t expected_hash = vector_bytes(line, 0), expected = vector_bytes(line, 1);
    CHECK(transcript_hash(&replay->transcript, hash));
    CHECK_MEM(hash, expected_hash.data, replay->hash);
    CHECK(kdf13_verify_data(replay->crypto, replay->suite->hash,
                            replay->secrets[server][EPOCH_HANDSHAKE], hash, verify));
    CHECK_MEM(verify, expected.data, replay->hash);
    CHECK_EQ(message->length, MESSAGE_HEADER + replay->hash);
    CHECK_MEM(message->data + MESSAGE_HEADER, verify, replay->hash);
    CHECK(transcript_add(&replay->transcript, message->data, message->length));
    CHECK(transcript_hash(&replay->transcript, hash));
    (server ? after_server_finished : after_client_finished)(replay, hash);
}

static void check_messages(replay_t *replay)
{
    const vector_line_t *line = NULL;
    while ((line = vector_next(&replay->file, "message", line)) != NULL) {
        vector_bytes_t message = vector_bytes(line, 3);
        switch (vector_number(line, 1)) {
        case HANDSHAKE_CLIENT_HELLO: check_client_hello(replay, &message); break;
        case HANDSHAKE_SERVER_HELLO: check_server_hello(replay, &message); break;
        case HANDSHAKE_ENCRYPTED_EXTENSIONS:
            CHECK(transcript_add(&replay->transcript, message.data, message.length));
            break;
        case HANDSHAKE_FINISHED: check_finished(replay, from_server(line, 0), &message); break;
        default: break; /* after the handshake: not in the transcript */
        }
    }
}

/* ---- records ---- */

typedef struct {
    bool server;
    unsigned epoch;
    uint64_t sequence;
    unsigned type;
    vector_bytes_t header, mask, aad, nonce, ciphertext, inner;
} expected_t;

static expected_t expect(const vector_line_t *line)
{
    return (expected_t){.server = from_server(line, 0),
                        .epoch = (unsigned)vector_number(line, 1),
                        .sequence = vector_number(line, 2),
                        .type = (unsigned)vector_number(line, 3),
                        .header = vector_bytes(line, 4),
                        .mask = vector_bytes(line, 5),
                        .aad = vector_bytes(line, 6),
                        .nonce = vector_bytes(line, 7),
                        .ciphertext = vector_bytes(line, 8),
                        .inner = vector_bytes(line, 9)};
}

static void check_primitives(const replay_t *replay, const expected_t *e)
{
    const vector_line_t *line = secret_line(replay, e->epoch, e->server);
    vector_bytes_t key = vector_bytes(line, 3), sn = vector_bytes(line, 5), text = e->ciphertext;
    uint8_t found[MASK_SAMPLE];
    mask_t *mask = mask_new(replay->crypto, replay->suite->aead, sn.data);
    CHECK(mask != NULL && mask_make(mask, text.data, found));
    CHECK_MEM(found, e->mask.data, 2);
    mask_free(mask);
    aead_t *aead = aead_new(replay->crypto, replay->suite->aead, key.data, false);
    CHECK(aead_open(aead, e->nonce.data, e->aad.data, e->aad.length, text.data, text.length));
    CHECK_EQ(text.length - suite_tag(replay->suite), e->inner.length);
    CHECK_MEM(text.data, e->inner.data, e->inner.length);
    aead_free(aead);
}

/* Returns the length of the content, without the type and the padding that follow it. */
static size_t content_of(const expected_t *e)
{
    size_t length = e->inner.length;
    while (length > 0 && e->inner.data[length - 1] == 0)
        length--;
    return length - 1;
}

static void check_open(replay_t *replay, const expected_t *e, record_t record)
{
    uint8_t bytes[RECORD_HEADER + VECTOR_BYTES];
    epoch_t *epoch = &replay->read[e->server][e->epoch];
    CHECK(epoch->form != NULL && record.unified && record.size <= sizeof bytes);
    CHECK_EQ(record.epoch, e->epoch & 3);
    memcpy(bytes, record.bytes, record.size);
    record.payload = bytes + (record.payload - record.bytes);
    record.bytes = bytes;
    CHECK_EQ(record_open(epoch, &record), DTLS_DROP_COUNT);
    CHECK_EQ(record.type, e->type);
    CHECK_EQ(record.epoch, e->epoch);
    CHECK_EQ(record.sequence, e->sequence);
    CHECK_EQ(record.length, content_of(e));
    CHECK_MEM(record.payload, e->inner.data, record.length);
}

/* Sealing must give the same bytes, if that sender uses the same header form as we do. */
static void check_seal(replay_t *replay, const expected_t *e)
{
    epoch_t *write = &replay->write[e->server][e->epoch];
    uint8_t bytes[VECTOR_BYTES + 64];
    size_t length = content_of(e);
    if ((e->header.data[0] & 0xec) != 0x2c)
        return;
    write->sequence = e->sequence;
    memcpy(bytes + write->form->prefix(write), e->inner.data, length);
    CHECK_EQ(record_seal(write, (uint8_t)e->type, bytes, length),
             e->header.length + e->ciphertext.length);
    CHECK_MEM(bytes, e->header.data, e->header.length);
    CHECK_MEM(bytes + e->header.length, e->ciphertext.data, e->ciphertext.length);
}

static void check_record(replay_t *replay, const expected_t *e, const record_t *record)
{
    NOTE("record %u of epoch %u, %s", (unsigned)e->sequence, e->epoch,
         e->server ? "server" : "client");
    CHECK_EQ(record_check(record), DTLS_DROP_COUNT);
    if (e->epoch == 0) {
        CHECK_EQ(record->sequence, e->sequence);
        CHECK_EQ(record->type, e->type);
        CHECK_EQ(record->length, e->inner.length);
        CHECK_MEM(record->payload, e->inner.data, e->inner.length);
        return;
    }
    check_open(replay, e, *record);
    check_seal(replay, e);
}

static void check_datagram(replay_t *replay, bool server, vector_bytes_t *datagram,
                           const vector_line_t **expected)
{
    size_t cid = replay->cids[server].length;
    record_t record;
    for (size_t at = 0; at < datagram->length; at += record.size) {
        CHECK_EQ(record_split(datagram->data + at, datagram->length - at, cid, &record),
                 DTLS_DROP_COUNT);
        *expected = vector_next(&replay->file, "record", *expected);
        CHECK(*expected != NULL);
        const expected_t e = expect(*expected);
        check_record(replay, &e, &record);
    }
}

static void check_records(replay_t *replay)
{
    const vector_line_t *line = NULL, *expected = NULL;
    while ((line = vector_next(&replay->file, "record", line)) != NULL) {
        const expected_t e = expect(line);
        if (e.epoch > 0)
            check_primitives(replay, &e);
    }
    while ((line = vector_next(&replay->file, "datagram", line)) != NULL) {
        vector_bytes_t datagram = vector_bytes(line, 1);
        check_datagram(replay, from_server(line, 0), &datagram, &expected);
    }
    CHECK(vector_next(&replay->file, "record", expected) == NULL);
}

/* ---- a file ---- */

static void close_file(replay_t *replay)
{
    for (size_t side = 0; side < 2; side++) {
        for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
            epoch_end(&replay->read[side][epoch]);
            epoch_end(&replay->write[side][epoch]);
        }
    }
    transcript_end(&replay->transcript);
    crypto_free(replay->crypto);
    vector_close(&replay->file);
}

static void replay(const char *name)
{
    static replay_t state;
    open_file(&state, name);
    check_messages(&state);
    check_key_updates(&state);
    check_records(&state);
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
    static const char *const prefixes[] = {"dtlscat13-", "fixed13-", "dual13-", "wolfssl13-"};
    size_t files = 0;
    for (size_t i = 0; i < COUNT(prefixes); i++)
        files += vector_each(prefixes[i], count);
    CHECK_EQ(files, COUNT(names));
    CHECK_EQ(found, COUNT(names));
}
