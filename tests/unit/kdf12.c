#include "crypto/kdf12.h"
#include "common.h"
#include "vectors.h"

#include <string.h>

static hash_alg_t hash_named(const char *name)
{
    if (strcmp(name, "sha256") == 0)
        return HASH_SHA256;
    return strcmp(name, "sha384") == 0 ? HASH_SHA384 : HASH_COUNT;
}

TEST(known_prf_outputs)
{
    crypto_t *crypto = crypto_new();
    vector_file_t file;
    size_t count = 0;
    vector_open(&file, "prf");
    for (const vector_line_t *line = NULL; (line = vector_next(&file, "prf", line)) != NULL;) {
        hash_alg_t alg = hash_named(line->fields[0]);
        vector_bytes_t secret = vector_bytes(line, 1), label = vector_bytes(line, 2);
        vector_bytes_t seed = vector_bytes(line, 3), output = vector_bytes(line, 4);
        if (alg == HASH_COUNT)
            continue; /* no suite has a PRF with SHA-512 */
        label.data[label.length] = '\0';
        for (size_t length = 0; length <= output.length; length++) {
            for (size_t cut = 0; cut <= seed.length; cut += 8) {
                uint8_t found[VECTOR_BYTES];
                memset(found, 0xee, sizeof found);
                NOTE("%s, %zu bytes, seed cut at %zu", line->fields[0], length, cut);
                CHECK(prf12(crypto, alg, secret.data, secret.length, (const char *)label.data,
                            seed.data, cut, seed.data + cut, seed.length - cut, found, length));
                CHECK_MEM(found, output.data, length);
                CHECK_EQ(found[length], 0xee);
            }
        }
        count++;
    }
    CHECK(count >= 2);
    vector_close(&file);
    crypto_free(crypto);
}

static const bytes_t none; /* plain PSK: no (EC)DHE secret */
static const randoms_t randoms = {.client = {0xc1, 0xc2}, .server = {0x51, 0x52}};

TEST(premaster_is_zeros_and_key_with_their_lengths)
{
    crypto_t *crypto = crypto_new();
    vector_file_t file;
    size_t count = 0;
    vector_open(&file, "prf");
    for (const vector_line_t *line = NULL; (line = vector_next(&file, "premaster", line));) {
        vector_bytes_t psk = vector_bytes(line, 0), premaster = vector_bytes(line, 1);
        uint8_t found[MASTER_LENGTH], expected[MASTER_LENGTH];
        CHECK(kdf12_master(crypto, HASH_SHA256, none, psk.data, psk.length, &randoms, NULL, found));
        CHECK(prf12(crypto, HASH_SHA256, premaster.data, premaster.length, "master secret",
                    randoms.client, RANDOM_LENGTH, randoms.server, RANDOM_LENGTH, expected,
                    MASTER_LENGTH));
        CHECK_MEM(found, expected, MASTER_LENGTH);
        count++;
    }
    CHECK(count >= 2);
    vector_close(&file);
    crypto_free(crypto);
}

/* RFC 5489 section 2. Leading zeros of the secret are kept: RFC 8422 section 5.10. */
TEST(premaster_of_ecdhe_is_secret_and_key_with_their_lengths)
{
    crypto_t *crypto = crypto_new();
    const uint8_t secret[32] = {0, 0, 7}, psk[3] = {1, 2, 3};
    const uint8_t premaster[2 + 32 + 2 + 3] = {0, 32, 0, 0, 7, [35] = 3, 1, 2, 3};
    uint8_t found[MASTER_LENGTH], expected[MASTER_LENGTH];
    const bytes_t shared = {secret, sizeof secret};
    CHECK(kdf12_master(crypto, HASH_SHA256, shared, psk, sizeof psk, &randoms, NULL, found));
    CHECK(prf12(crypto, HASH_SHA256, premaster, sizeof premaster, "master secret", randoms.client,
                RANDOM_LENGTH, randoms.server, RANDOM_LENGTH, expected, MASTER_LENGTH));
    CHECK_MEM(found, expected, MASTER_LENGTH);
    crypto_free(crypto);
}

TEST(every_length_of_key)
{
    crypto_t *crypto = crypto_new();
    uint8_t psk[DTLS_MAX_PSK + 1] = {0}, last[MASTER_LENGTH] = {0}, master[MASTER_LENGTH];
    for (size_t length = 1; length <= DTLS_MAX_PSK; length++) {
        NOTE("%zu bytes", length);
        CHECK(kdf12_master(crypto, HASH_SHA256, none, psk, length, &randoms, NULL, master));
        CHECK(memcmp(master, last, sizeof master) != 0);
        memcpy(last, master, sizeof last);
    }
    CHECK(!kdf12_master(crypto, HASH_SHA256, none, psk, DTLS_MAX_PSK + 1, &randoms, NULL, master));
    CHECK(!kdf12_master(crypto, HASH_SHA256, none, psk, SIZE_MAX, &randoms, NULL, master));
    crypto_free(crypto);
}

TEST(extended_master_secret_takes_the_session_hash_instead_of_the_randoms)
{
    crypto_t *crypto = crypto_new();
    static const randoms_t others = {.client = {1}, .server = {2}};
    uint8_t psk[16] = {7}, session[HASH_MAX] = {9};
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        uint8_t a[MASTER_LENGTH], b[MASTER_LENGTH];
        NOTE("hash %d", (int)alg);
        CHECK(kdf12_master(crypto, alg, none, psk, sizeof psk, &randoms, session, a));
        CHECK(kdf12_master(crypto, alg, none, psk, sizeof psk, &others, session, b));
        CHECK_MEM(a, b, sizeof a);
        session[hash_length(alg) - 1] ^= 1;
        CHECK(kdf12_master(crypto, alg, none, psk, sizeof psk, &randoms, session, b));
        CHECK(memcmp(a, b, sizeof a) != 0);
    }
    crypto_free(crypto);
}

/* RFC 5246 section 6.3: MAC keys, keys, IVs, each with the client's first. The server random
 * comes first. */
TEST(the_key_block_is_cut_in_order)
{
    crypto_t *crypto = crypto_new();
    const uint8_t master[MASTER_LENGTH] = {1, 2, 3};
    for (size_t n = 0; suite_at(n); n++) {
        const suite_t *suite = suite_at(n);
        size_t mac = suite_mac_key(suite), key = suite_key(suite), iv = suite->fixed_iv;
        size_t length = 2 * (mac + key + iv);
        uint8_t expected[KEY_BLOCK_MAX];
        key_block_t keys;
        NOTE("%s", suite->name);
        CHECK(kdf12_keys(crypto, suite, master, &randoms, &keys));
        CHECK(prf12(crypto, suite->hash, master, MASTER_LENGTH, "key expansion", randoms.server,
                    RANDOM_LENGTH, randoms.client, RANDOM_LENGTH, expected, length));
        CHECK_MEM(keys.block, expected, length);
        CHECK(keys.client.mac == keys.block);
        CHECK(keys.server.mac == keys.block + mac);
        CHECK(keys.client.key == keys.block + 2 * mac);
        CHECK(keys.server.key == keys.block + 2 * mac + key);
        CHECK(keys.client.iv == keys.block + 2 * mac + 2 * key);
        CHECK(keys.server.iv == keys.block + 2 * mac + 2 * key + iv);
    }
    crypto_free(crypto);
}

/* RFC 5705 section 4: the client random comes first. A context is preceded by its length. */
TEST(exported_from_both_randoms_and_the_context)
{
    crypto_t *crypto = crypto_new();
    const uint8_t master[MASTER_LENGTH] = {1, 2, 3}, context[3] = {7, 8, 9};
    const uint8_t counted[] = {0, 3, 7, 8, 9};
    /* No context, an empty one, and one of three bytes. */
    static const size_t lengths[] = {0, 2, sizeof counted};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        uint8_t seed[2 * RANDOM_LENGTH + sizeof counted] = {0}, found[50], expected[50];
        memcpy(seed, randoms.client, RANDOM_LENGTH);
        memcpy(seed + RANDOM_LENGTH, randoms.server, RANDOM_LENGTH);
        if (lengths[i] == sizeof counted)
            memcpy(seed + sizeof seed - sizeof counted, counted, sizeof counted);
        NOTE("%zu bytes of context", lengths[i]);
        CHECK(kdf12_export(crypto, HASH_SHA256, master, &randoms, "EXPERIMENTAL",
                           lengths[i] ? context : NULL, lengths[i] > 2 ? sizeof context : 0, found,
                           sizeof found));
        CHECK(prf12(crypto, HASH_SHA256, master, sizeof master, "EXPERIMENTAL", seed,
                    2 * RANDOM_LENGTH + lengths[i], NULL, 0, expected, sizeof expected));
        CHECK_MEM(found, expected, sizeof found);
    }
    crypto_free(crypto);
}

TEST(verify_data_of_client_and_server)
{
    crypto_t *crypto = crypto_new();
    const uint8_t master[MASTER_LENGTH] = {1}, hash[HASH_MAX] = {2};
    static const char *const labels[] = {"server finished", "client finished"};
    for (size_t client = 0; client < 2; client++) {
        for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
            uint8_t found[VERIFY_LENGTH], expected[VERIFY_LENGTH];
            NOTE("%s, hash %d", labels[client], (int)alg);
            CHECK(kdf12_verify_data(crypto, alg, master, client, hash, found));
            CHECK(prf12(crypto, alg, master, sizeof master, labels[client], hash, hash_length(alg),
                        NULL, 0, expected, sizeof expected));
            CHECK_MEM(found, expected, sizeof found);
        }
    }
    crypto_free(crypto);
}
