#include "crypto/kdf13.h"
#include "common.h"
#include "crypto/import.h"
#include "vectors.h"

#include <string.h>

static hash_alg_t hash_named(const char *name)
{
    return strcmp(name, "sha384") == 0 ? HASH_SHA384 : HASH_SHA256;
}

/* Returns a suite with this hash and this key length, or NULL. */
static const suite_t *suite_with(hash_alg_t hash, size_t key)
{
    for (size_t n = 0; suite_at(n); n++)
        if (suite_at(n)->version == 0xfefc && suite_at(n)->hash == hash &&
            suite_key(suite_at(n)) == key)
            return suite_at(n);
    return NULL;
}

static void check_traffic_keys(crypto_t *crypto, hash_alg_t hash, const char *label,
                               const vector_bytes_t *secret, const vector_bytes_t *output)
{
    bool is_iv = strcmp(label, "iv") == 0, is_sn = strcmp(label, "sn") == 0;
    const suite_t *suite =
        suite_with(hash, is_iv ? (hash == HASH_SHA256 ? 16 : 32) : output->length);
    traffic_keys_t keys;
    if (!suite)
        return; /* no suite has this hash with keys of this length */
    CHECK(kdf13_traffic_keys(crypto, suite, secret->data, &keys));
    CHECK_MEM(is_iv ? keys.iv : is_sn ? keys.sn : keys.key, output->data, output->length);
}

/* The finished key is not visible, so compare the verify_data that it produces. */
static void check_finished_key(crypto_t *crypto, hash_alg_t hash, const vector_bytes_t *secret,
                               const vector_bytes_t *output)
{
    uint8_t transcript[HASH_MAX], found[HASH_MAX], expected[HASH_MAX];
    memset(transcript, 0x5a, sizeof transcript);
    mac_t *mac = mac_new(crypto, hash);
    CHECK(mac_key(mac, output->data, output->length));
    CHECK(mac_add(mac, transcript, hash_length(hash)) && mac_finish(mac, expected));
    mac_free(mac);
    CHECK(kdf13_verify_data(crypto, hash, secret->data, transcript, found));
    CHECK_MEM(found, expected, hash_length(hash));
}

static void check_secret(crypto_t *crypto, hash_alg_t hash, secret_t which,
                         const vector_bytes_t *secret, const uint8_t *transcript,
                         const vector_bytes_t *output)
{
    schedule_t schedule = {.crypto = crypto, .hash = hash};
    uint8_t found[HASH_MAX];
    memcpy(schedule.secret, secret->data, secret->length);
    CHECK(schedule_secret(&schedule, which, transcript, found));
    CHECK_MEM(found, output->data, output->length);
}

static void check_label(crypto_t *crypto, const vector_line_t *line)
{
    hash_alg_t hash = hash_named(line->fields[0]);
    vector_bytes_t secret = vector_bytes(line, 1), label = vector_bytes(line, 2);
    vector_bytes_t context = vector_bytes(line, 3), output = vector_bytes(line, 4);
    const char *name = (const char *)label.data;
    label.data[label.length] = '\0';
    NOTE("%s, \"%s\"", line->fields[0], name);
    if (strcmp(name, "key") == 0 || strcmp(name, "iv") == 0 || strcmp(name, "sn") == 0)
        check_traffic_keys(crypto, hash, name, &secret, &output);
    else if (strcmp(name, "finished") == 0)
        check_finished_key(crypto, hash, &secret, &output);
    else if (strcmp(name, "c hs traffic") == 0)
        check_secret(crypto, hash, SECRET_CLIENT_HANDSHAKE, &secret, context.data, &output);
    else if (strcmp(name, "ext binder") == 0)
        check_secret(crypto, hash, SECRET_EXT_BINDER, &secret, NULL, &output);
    else if (strcmp(name, "traffic upd") == 0) {
        CHECK(kdf13_update(crypto, hash, secret.data));
        CHECK_MEM(secret.data, output.data, output.length);
    }
}

TEST(known_labels)
{
    crypto_t *crypto = crypto_new();
    vector_file_t file;
    size_t count = 0;
    vector_open(&file, "dtls13");
    for (const vector_line_t *line = NULL;
         (line = vector_next(&file, "expand_label", line)) != NULL; count++)
        check_label(crypto, line);
    CHECK_EQ(count, 22);
    vector_close(&file);
    crypto_free(crypto);
}

TEST(early_and_handshake_secret_of_an_external_psk)
{
    crypto_t *crypto = crypto_new();
    vector_file_t file;
    size_t count = 0;
    vector_open(&file, "dtls13");
    for (const vector_line_t *line = NULL; (line = vector_next(&file, "early", line)) != NULL;
         count++) {
        hash_alg_t hash = hash_named(line->fields[0]);
        vector_bytes_t psk = vector_bytes(line, 1), early = vector_bytes(line, 2);
        vector_bytes_t ext = vector_bytes(line, 3), res = vector_bytes(line, 4);
        vector_bytes_t handshake = vector_bytes(line, 5);
        schedule_t schedule;
        NOTE("%s", line->fields[0]);
        CHECK(schedule_start(&schedule, crypto, hash, psk.data, psk.length));
        CHECK_MEM(schedule.secret, early.data, hash_length(hash));
        check_secret(crypto, hash, SECRET_EXT_BINDER, &early, NULL, &ext);
        check_secret(crypto, hash, SECRET_RES_BINDER, &early, NULL, &res);
        CHECK(schedule_advance(&schedule, NULL, 0));
        CHECK_MEM(schedule.secret, handshake.data, hash_length(hash));
    }
    CHECK_EQ(count, 2);
    vector_close(&file);
    crypto_free(crypto);
}

TEST(known_masks_of_record_numbers)
{
    static const struct {
        const char *name;
        aead_alg_t alg;
    } rows[] = {{"aes128", AEAD_AES_128_GCM},
                {"aes128", AEAD_AES_128_CCM},
                {"aes128", AEAD_AES_128_CCM_8},
                {"aes256", AEAD_AES_256_GCM},
                {"chacha", AEAD_CHACHA20_POLY1305}};
    crypto_t *crypto = crypto_new();
    vector_file_t file;
    vector_open(&file, "dtls13");
    for (const vector_line_t *line = NULL; (line = vector_next(&file, "mask", line)) != NULL;) {
        vector_bytes_t sample = vector_bytes(line, 1), key = vector_bytes(line, 2);
        vector_bytes_t expected = vector_bytes(line, 3);
        for (size_t i = 0; i < COUNT(rows); i++) {
            uint8_t found[MASK_SAMPLE];
            if (strcmp(rows[i].name, line->fields[0]) != 0)
                continue;
            NOTE("%s, row %zu", line->fields[0], i);
            mask_t *mask = mask_new(crypto, rows[i].alg, key.data);
            for (int again = 0; again < 2; again++) {
                CHECK(mask != NULL && mask_make(mask, sample.data, found));
                CHECK_MEM(found, expected.data, MASK_SAMPLE);
            }
            mask_free(mask);
        }
    }
    vector_close(&file);
    crypto_free(crypto);
}

/* RFC 8446 section 7.5: output of any length. Each input changes it. */
TEST(exporters_differ_by_label_and_context)
{
    crypto_t *crypto = crypto_new();
    const uint8_t exporter[HASH_MAX] = {1, 2, 3}, context[] = {0};
    uint8_t a[200], b[200];
    CHECK(kdf13_export(crypto, HASH_SHA256, exporter, "EXPERIMENTAL-a", NULL, 0, a, 200));
    CHECK(kdf13_export(crypto, HASH_SHA256, exporter, "EXPERIMENTAL-a", NULL, 0, b, 200));
    CHECK_MEM(a, b, 200);
    CHECK(kdf13_export(crypto, HASH_SHA256, exporter, "EXPERIMENTAL-b", NULL, 0, b, 200));
    CHECK(memcmp(a, b, 200) != 0);
    CHECK(kdf13_export(crypto, HASH_SHA256, exporter, "EXPERIMENTAL-a", context, 1, b, 200));
    CHECK(memcmp(a, b, 200) != 0);
    CHECK(kdf13_export(crypto, HASH_SHA256, exporter, "EXPERIMENTAL-a", NULL, 0, b, 32));
    CHECK(memcmp(a, b, 32) != 0); /* the length is one of the inputs */
    crypto_free(crypto);
}

TEST(imported_identity_without_an_external_one)
{
    uint8_t identity[64];
    writer_t w = writer(identity, sizeof identity);
    reader_t back;

    put_imported_identity(&w, HASH_SHA256, NULL, 0, NULL, 0);
    CHECK(
        !take_imported_identity(reader(identity, writer_length(&w)), HASH_SHA256, NULL, 0, &back));
}

TEST(imported_psk)
{
    static const struct {
        hash_alg_t hash;
        const char *identity, *psk;
    } rows[] = {
        {HASH_SHA256, "000f436c69656e745f6964656e746974790000fefc0001",
         "a1dbdf44d89e1ffbee72cc2c34576d0cd489ea99b6b6e927ac82f3e51b76dd36"},
        {HASH_SHA384, "000f436c69656e745f6964656e746974790000fefc0002",
         "32d7b3085a4639708a2f12a2e11aacc118d9ada763cb76a1fe1d32ee87ca7033"
         "c9390d229353dfd4cb55e319f0668866"},
    };
    static const uint8_t name[] = "Client_identity";
    crypto_t *crypto = crypto_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t identity[64], found[64], psk[HASH_MAX], expected[HASH_MAX];
        size_t length = UNHEX(rows[i].identity, identity);
        writer_t w = writer(found, sizeof found);
        reader_t back;
        put_imported_identity(&w, rows[i].hash, name, sizeof name - 1, NULL, 0);
        CHECK_EQ(writer_length(&w), length);
        CHECK_MEM(found, identity, length);
        UNHEX(rows[i].psk, expected);
        UNHEX("0102030405060708090a0b0c0d0e0f10", psk);
        CHECK(import_psk(crypto, rows[i].hash, reader(identity, length), psk, 16));
        CHECK_MEM(psk, expected, hash_length(rows[i].hash));
        CHECK(take_imported_identity(reader(identity, length), rows[i].hash, NULL, 0, &back));
        CHECK_EQ(reader_left(&back), sizeof name - 1);
        CHECK(!take_imported_identity(reader(identity, length - 1), rows[i].hash, NULL, 0, &back));
        CHECK(!take_imported_identity(reader(identity, length), !rows[i].hash, NULL, 0, &back));
        CHECK(!take_imported_identity(reader(identity, length), rows[i].hash, name, 1, &back));
    }
    crypto_free(crypto);
}
