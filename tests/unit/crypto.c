#define OPENSSL_SUPPRESS_DEPRECATED /* the functions of sha.h show the state of a hash */

#include "crypto/crypto.h"
#include "base/wipe.h"
#include "common.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <string.h>

/* ---- hashes ---- */

static const struct {
    hash_alg_t alg;
    const char *text, *hash;
} hashes[] = {
    {HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA384, "",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b"
     "9"
     "5b"},
    {HASH_SHA384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5"
     "a7"},
};

TEST(known_hashes)
{
    crypto_t *crypto = crypto_new();
    for (size_t i = 0; i < COUNT(hashes); i++) {
        uint8_t expected[HASH_MAX], found[HASH_MAX];
        hash_t *hash = hash_new(crypto, hashes[i].alg);
        NOTE("row %zu", i);
        CHECK_EQ(UNHEX(hashes[i].hash, expected), hash_length(hashes[i].alg));
        CHECK(hash_add(hash, (const uint8_t *)hashes[i].text, strlen(hashes[i].text)));
        CHECK(hash_snapshot(hash, NULL, 0, found));
        CHECK_MEM(found, expected, hash_length(hashes[i].alg));
        hash_free(hash);
    }
    crypto_free(crypto);
}

TEST(a_snapshot_may_see_more_than_the_hash)
{
    crypto_t *crypto = crypto_new();
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        static const bytes_t more[] = {
            {(const uint8_t *)"b", 1}, {NULL, 0}, {(const uint8_t *)"c", 1}};
        uint8_t abc[HASH_MAX], found[HASH_MAX];
        hash_t *hash = hash_new(crypto, alg);
        NOTE("hash %d", (int)alg);
        UNHEX(hashes[2 * alg + 1].hash, abc);
        CHECK(hash_add(hash, (const uint8_t *)"a", 1));
        CHECK(hash_snapshot(hash, more, COUNT(more), found));
        CHECK_MEM(found, abc, hash_length(alg));
        CHECK(hash_add(hash, (const uint8_t *)"bc", 2));
        CHECK(hash_snapshot(hash, NULL, 0, found));
        CHECK_MEM(found, abc, hash_length(alg));
        hash_free(hash);
    }
    crypto_free(crypto);
}

TEST(a_snapshot_lets_the_hash_run_on)
{
    crypto_t *crypto = crypto_new();
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        uint8_t empty[HASH_MAX], abc[HASH_MAX], found[HASH_MAX];
        hash_t *hash = hash_new(crypto, alg);
        NOTE("hash %d", (int)alg);
        UNHEX(hashes[2 * alg].hash, empty);
        UNHEX(hashes[2 * alg + 1].hash, abc);
        CHECK(hash_snapshot(hash, NULL, 0, found));
        CHECK_MEM(found, empty, hash_length(alg));
        CHECK(hash_add(hash, (const uint8_t *)"ab", 2));
        CHECK(hash_snapshot(hash, NULL, 0, found));
        CHECK(hash_add(hash, (const uint8_t *)"c", 1));
        CHECK(hash_snapshot(hash, NULL, 0, found));
        CHECK_MEM(found, abc, hash_length(alg));
        hash_free(hash);
    }
    crypto_free(crypto);
}

/* ---- HMAC ---- */

static const struct {
    hash_alg_t alg;
    uint8_t key_byte; /* the key is this byte, repeated */
    size_t key_length;
    const char *text, *mac;
} macs[] = {
    /* RFC 4231 test cases 1 and 6 */
    {HASH_SHA256, 0x0b, 20, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {HASH_SHA256, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {HASH_SHA384, 0x0b, 20, "Hi There",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9"
     "c"
     "b6"},
    {HASH_SHA384, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44"
     "9"
     "52"},
    {HASH_SHA256, 0, 0, "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    {HASH_SHA256, 0, 0, "abc", "fd7adb152c05ef80dccf50a1fa4c05d5a3ec6da95575fc312ae7c5d091836351"},
    {HASH_SHA384, 0, 0, "abc",
     "948f7c5caa500c31d7d4a0f52f3e3da7e33c8a9fe6ef528b8a9ac3e4adc4e24d908e6f40b737510e82354759dc5e9"
     "f"
     "06"},
};

/* All rows of a hash share one context, so that a key must not outlive its row. */
TEST(known_macs)
{
    crypto_t *crypto = crypto_new();
    mac_t *mac[HASH_COUNT] = {mac_new(crypto, HASH_SHA256), mac_new(crypto, HASH_SHA384)};
    for (size_t i = 0; i < COUNT(macs); i++) {
        uint8_t key[131], expected[HASH_MAX], found[HASH_MAX];
        size_t length = strlen(macs[i].text), half = length / 2;
        const uint8_t *text = (const uint8_t *)macs[i].text;
        mac_t *m = mac[macs[i].alg];
        NOTE("row %zu", i);
        memset(key, macs[i].key_byte, sizeof key);
        UNHEX(macs[i].mac, expected);
        CHECK(mac_key(m, macs[i].key_length ? key : NULL, macs[i].key_length));
        CHECK(mac_add(m, text, length) && mac_finish(m, found));
        CHECK_MEM(found, expected, hash_length(macs[i].alg));
        memset(found, 0, sizeof found);
        CHECK(mac_restart(m) && mac_add(m, text, half) && mac_add(m, text + half, length - half));
        CHECK(mac_finish(m, found));
        CHECK_MEM(found, expected, hash_length(macs[i].alg));
    }
    mac_free(mac[0]);
    mac_free(mac[1]);
    crypto_free(crypto);
}

/* Returns the state of a hash that has hashed the padded key, with which an attacker can compute HMACs. */
static size_t keyed_state(hash_alg_t alg, const uint8_t *key, size_t length, uint8_t pad,
                          uint8_t out[64])
{
    uint8_t block[128];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = pad ^ (i < length ? key[i] : 0);
    if (alg == HASH_SHA256) {
        SHA256_CTX sha;
        CHECK(SHA256_Init(&sha) && SHA256_Update(&sha, block, 64));
        memcpy(out, sha.h, sizeof sha.h);
        return sizeof sha.h;
    }
    SHA512_CTX sha;
    CHECK(SHA384_Init(&sha) && SHA384_Update(&sha, block, 128));
    memcpy(out, sha.h, sizeof sha.h);
    return sizeof sha.h;
}

/* The key, the states of the hashes that depend on it, and a message that has not ended, are in the memory of libcrypto
 * until they are wiped. */
TEST(wiped_keys_are_nowhere)
{
    static const char message[] = "the beginning of a secret message";
    crypto_t *crypto = crypto_new();
    for (hash_alg_t alg = 0; alg < HASH_COUNT; alg++) {
        uint8_t key[48], inner[64], outer[64];
        mac_t *mac = crypto_mac(crypto, alg);
        memset(key, 0xa7, sizeof key);
        size_t length = keyed_state(alg, key, sizeof key, 0x36, inner);
        keyed_state(alg, key, sizeof key, 0x5c, outer);
        NOTE("hash %d", (int)alg);
        CHECK(mac_key(mac, key, sizeof key));
        CHECK(mac_add(mac, (const uint8_t *)message, sizeof message));
        CHECK(libcrypto_holds(key, sizeof key) && libcrypto_holds(message, sizeof message));
        CHECK(libcrypto_holds(inner, length) && libcrypto_holds(outer, length));
        crypto_wipe_keys(crypto);
        CHECK(!libcrypto_holds(key, 8) && !libcrypto_holds(message, 8));
        CHECK(!libcrypto_holds(inner, length) && !libcrypto_holds(outer, length));
    }
    crypto_free(crypto);
}

/* ---- AEAD ---- */

enum { TEXT = 45, AAD = 13 };

/* Key 00 01 .., nonce 10 11 .., additional data a0 a1 .., text 40 41 .. of 0, 1 and 45 bytes. */
static const struct {
    aead_alg_t alg;
    size_t key, tag;
    const char *sealed[3];
} aeads[] = {
    {AEAD_AES_128_GCM,
     16,
     16,
     {"646cfae705573935af86d616f78e60ae", "8423391b8a0e946c0dd62a1cc50d048c57",
      "846f41ec4b0af0a85f9417be8b6aa5716aed26d462a13de8dd92734a3b584ff2b2b8435ce5c39d7b8bc9bfa3b6"
      "3a8a077e60e32e651524b36b2bed5023"}},
    {AEAD_AES_256_GCM,
     32,
     16,
     {"0ab5bc9f342ad9bfc3b515f9343c715a", "3d4b407d1e855298d1ff8e86587ab269a0",
      "3dbfda550d8c7cf4823c42564334271c87011c5d4f9701e6bfa0b83c02090a843088356091c30888165ff83ae6"
      "0e145e9413176e4191d49143327a8ca0"}},
    {AEAD_AES_128_CCM,
     16,
     16,
     {"4c66b9ffe3b3642fe249093d01ece772", "63b27b53e49e100fac71ed3b771d2d55c5",
      "63f4fbe306b16bf542e5358b382995c92be680e461125c7caeb1fd0b8f7833db3d72ce0987f959d4728d289593"
      "e17329d67427285aa1bcbc846845a2b4"}},
    {AEAD_AES_256_CCM,
     32,
     16,
     {"87394fafc982bd1f7828901bc36e86c5", "31524868f41a3fe6bab6f5bf4b7ce1b1f9",
      "31f1b340220e262724bad7257012fe7e66a5f57eb151635e210c6c237c973153c57443adf9da6095ed560e8720"
      "2107cf4ff19cad44ed4e0d0feaecdf8e"}},
    {AEAD_AES_128_CCM_8,
     16,
     8,
     {"a608f967802dc1f5", "63a639a1080e68b03b",
      "63f4fbe306b16bf542e5358b382995c92be680e461125c7caeb1fd0b8f7833db3d72ce0987f959d4728d289593"
      "56be6f8c9137ce32"}},
    {AEAD_AES_256_CCM_8,
     32,
     8,
     {"29ee8d794ae3a518", "313c4fc3cda8779e81",
      "31f1b340220e262724bad7257012fe7e66a5f57eb151635e210c6c237c973153c57443adf9da6095ed560e8720"
      "78504796a2f0a12d"}},
    {AEAD_CHACHA20_POLY1305,
     32,
     16,
     {"ac53422202503d50020f746ca6388f71", "1e5fe39ea4f97e62b441a5f31d315430d0",
      "1e8b0744425c802e538f792895e6fb3a2a37a77ad0978023dacaed56b0e1fdb99cebe21abde1ddbb1dfc9187e9"
      "3684b936c6c164a6194080f5964af050"}},
};

static uint8_t key[AEAD_MAX_KEY], nonce[AEAD_NONCE], aad[AAD], text[TEXT];

__attribute__((constructor)) static void fill_inputs(void)
{
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)(0x10 + i);
    for (size_t i = 0; i < sizeof aad; i++)
        aad[i] = (uint8_t)(0xa0 + i);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(0x40 + i);
}

/* Runs a case with both directions of every AEAD. */
static void each_aead(void (*run)(size_t row, aead_t *seal, aead_t *open))
{
    crypto_t *crypto = crypto_new();
    for (size_t row = 0; row < COUNT(aeads); row++) {
        aead_t *seal = aead_new(crypto, aeads[row].alg, key, true);
        aead_t *open = aead_new(crypto, aeads[row].alg, key, false);
        NOTE("AEAD %zu", row);
        CHECK(seal && open);
        run(row, seal, open);
        aead_free(seal);
        aead_free(open);
    }
    crypto_free(crypto);
}

static void known(size_t row, aead_t *seal, aead_t *open)
{
    static const size_t lengths[3] = {0, 1, TEXT};
    CHECK_EQ(aead_key_length(aeads[row].alg), aeads[row].key);
    CHECK_EQ(aead_tag_length(aeads[row].alg), aeads[row].tag);
    for (size_t i = 0; i < 3; i++) {
        uint8_t expected[TEXT + AEAD_MAX_TAG], found[TEXT + AEAD_MAX_TAG];
        size_t size = UNHEX(aeads[row].sealed[i], expected);
        CHECK_EQ(size, lengths[i] + aeads[row].tag);
        memcpy(found, text, lengths[i]);
        CHECK(aead_seal(seal, nonce, aad, sizeof aad, found, lengths[i]));
        CHECK_MEM(found, expected, size);
        CHECK(aead_open(open, nonce, aad, sizeof aad, found, size));
        CHECK_MEM(found, text, lengths[i]);
    }
}

TEST(known_ciphertexts)
{
    CHECK_EQ(COUNT(aeads), AEAD_AES_128_CBC_SHA256); /* the CBC algorithms are not AEADs */
    each_aead(known);
}

TEST(an_rfc_of_each_mode)
{
    /* NIST SP 800-38C example 3, and test case 4 of the GCM specification. RFC 8439 section
     * 2.8.2 is in the table above. */
    static const struct {
        aead_alg_t alg;
        const char *key, *nonce, *aad, *text, *sealed;
    } rows[] = {
        {AEAD_AES_128_CCM_8, "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
         "000102030405060708090a0b0c0d0e0f10111213",
         "202122232425262728292a2b2c2d2e2f3031323334353637",
         "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
        {AEAD_AES_128_GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
         "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
         "49a6b525b16aedf5aa0de657ba637b39",
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
         "ac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    };
    crypto_t *crypto = crypto_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t k[32], n[AEAD_NONCE], a[32], found[96], expected[96];
        NOTE("row %zu", i);
        UNHEX(rows[i].key, k);
        UNHEX(rows[i].nonce, n);
        size_t aad_length = UNHEX(rows[i].aad, a), length = UNHEX(rows[i].text, found);
        size_t size = UNHEX(rows[i].sealed, expected);
        aead_t *aead = aead_new(crypto, rows[i].alg, k, true);
        CHECK(aead_seal(aead, n, a, aad_length, found, length));
        CHECK_MEM(found, expected, size);
        aead_free(aead);
    }
    crypto_free(crypto);
}

/* Flips each bit of text, tag, nonce and additional data. A text that fails to open is wiped.
 * The next record must still open. */
static void forged(size_t row, aead_t *seal, aead_t *open)
{
    static const uint8_t zeros[TEXT + AEAD_MAX_TAG];
    uint8_t sealed[TEXT + AEAD_MAX_TAG], n[AEAD_NONCE], a[AAD], found[TEXT + AEAD_MAX_TAG];
    size_t size = TEXT + aeads[row].tag;
    memcpy(sealed, text, TEXT);
    CHECK(aead_seal(seal, nonce, aad, AAD, sealed, TEXT));
    for (size_t bit = 0; bit < 8 * (size + AEAD_NONCE + AAD); bit++) {
        size_t byte = bit / 8;
        memcpy(found, sealed, sizeof sealed);
        memcpy(n, nonce, sizeof n);
        memcpy(a, aad, sizeof a);
        uint8_t *at = byte < size                ? found + byte
                      : byte < size + AEAD_NONCE ? n + (byte - size)
                                                 : a + (byte - size - AEAD_NONCE);
        *at ^= (uint8_t)(1u << bit % 8);
        CHECK(!aead_open(open, n, a, AAD, found, size));
        CHECK_MEM(found, zeros, size);
        memcpy(found, sealed, sizeof sealed);
        CHECK(aead_open(open, nonce, aad, AAD, found, size));
        CHECK_MEM(found, text, TEXT);
    }
    CHECK_EQ(ERR_peek_error(), 0);
}

TEST(whatever_is_forged_is_found_and_wiped)
{
    each_aead(forged);
}

static void shorter(size_t row, aead_t *seal, aead_t *open)
{
    uint8_t sealed[TEXT + AEAD_MAX_TAG], found[TEXT + AEAD_MAX_TAG];
    for (size_t length = 0; length <= TEXT; length++) {
        size_t size = length + aeads[row].tag;
        memcpy(sealed, text, length);
        CHECK(aead_seal(seal, nonce, aad, AAD, sealed, length));
        for (size_t cut = 0; cut < size; cut++) {
            memcpy(found, sealed, size);
            CHECK(!aead_open(open, nonce, aad, AAD, found, cut));
        }
        CHECK(aead_open(open, nonce, aad, AAD, sealed, size));
        CHECK_MEM(sealed, text, length);
    }
}

TEST(every_length_and_every_cut)
{
    each_aead(shorter);
}

static void without_aad(size_t row, aead_t *seal, aead_t *open)
{
    uint8_t bytes[TEXT + AEAD_MAX_TAG];
    memcpy(bytes, text, TEXT);
    CHECK(aead_seal(seal, nonce, aad, 0, bytes, TEXT));
    CHECK(aead_open(open, nonce, aad, 0, bytes, TEXT + aeads[row].tag));
    CHECK_MEM(bytes, text, TEXT);
}

TEST(additional_data_may_be_empty)
{
    each_aead(without_aad);
}

/* Between uses both keys give back what libcrypto has allocated. */
static void rested(size_t row, aead_t *seal, aead_t *open)
{
    uint8_t bytes[TEXT + AEAD_MAX_TAG];
    size_t size = TEXT + aeads[row].tag;
    for (int i = 0; i < 3; i++) {
        aead_rest(seal);
        aead_rest(open);
        memcpy(bytes, text, TEXT);
        CHECK(aead_seal(seal, nonce, aad, AAD, bytes, TEXT));
        CHECK(aead_open(open, nonce, aad, AAD, bytes, size));
        CHECK_MEM(bytes, text, TEXT);
        aead_rest(open);
        CHECK(!aead_open(open, nonce, aad, AAD, bytes, size));
    }
    aead_rest(open);
    aead_rest(open);
}

TEST(a_key_at_rest_is_used_again)
{
    each_aead(rested);
}

static void many(size_t row, aead_t *seal, aead_t *open)
{
    uint8_t bytes[TEXT + AEAD_MAX_TAG], n[AEAD_NONCE];
    size_t before = 0;
    memcpy(n, nonce, sizeof n);
    for (unsigned i = 0; i < 100; i++) {
        /* By now libcrypto has done all lazy initialisation. */
        before = i == 2 ? libcrypto_allocations : before;
        n[11] = (uint8_t)i;
        memcpy(bytes, text, TEXT);
        CHECK(aead_seal(seal, n, aad, AAD, bytes, TEXT));
        CHECK(aead_open(open, n, aad, AAD, bytes, TEXT + aeads[row].tag));
    }
    CHECK_EQ(libcrypto_allocations, before);
}

TEST(records_allocate_nothing)
{
    each_aead(many);
}

static void many_forged(size_t row, aead_t *seal, aead_t *open)
{
    uint8_t bytes[TEXT + AEAD_MAX_TAG] = {0};
    size_t before = 0;
    (void)seal;
    for (unsigned i = 0; i < 100; i++) {
        /* The error queue of libcrypto is a ring of fixed size. */
        before = i == 50 ? libcrypto_live : before;
        CHECK(!aead_open(open, nonce, aad, AAD, bytes, TEXT + aeads[row].tag));
    }
    CHECK_EQ(libcrypto_live, before);
}

TEST(forged_records_leave_nothing_behind)
{
    each_aead(many_forged);
}

/* ---- random bytes, comparison, wiping ---- */

TEST(random_bytes)
{
    uint8_t a[32] = {0}, b[32] = {0};
    CHECK(crypto_random(a, sizeof a) && crypto_random(b, sizeof b));
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK(!crypto_random(a, (size_t)INT_MAX + 1));
}

TEST(equal_and_wipe)
{
    uint8_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8];
    static const uint8_t zeros[8];
    memcpy(b, a, sizeof b);
    for (size_t i = 0; i < sizeof a; i++) {
        CHECK(crypto_equal(a, b, sizeof a));
        b[i] ^= 0x80;
        CHECK(!crypto_equal(a, b, sizeof a));
        CHECK(crypto_equal(a, b, i));
        b[i] ^= 0x80;
    }
    wipe(a, sizeof a);
    CHECK_MEM(a, zeros, sizeof a);
}
