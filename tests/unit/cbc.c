/*
 * cbc.c - records of CBC suites with encrypt-then-MAC: RFC 7366, and RFC 9146 section 5.2.
 */
#include "base/iana.h"
#include "common_record.h"

#include <openssl/evp.h>
#include <string.h>

static const uint8_t hmac_key[CBC_MAX_MAC] = {0x30, 0x31, 0x32};
static const write_keys_t keys = {hmac_key, ends_key, ends_iv};

static void start(ends_t *ends, const suite_t *suite)
{
    memset(ends, 0, sizeof *ends);
    ends->suite = suite;
    ends->crypto = crypto_new();
    NOTE("%s", suite->name);
    CHECK(epoch_dtls12(&ends->write, ends->crypto, suite, &keys, false, true));
    CHECK(epoch_dtls12(&ends->read, ends->crypto, suite, &keys, false, false));
}

static void end(ends_t *ends)
{
    epoch_end(&ends->write);
    epoch_end(&ends->read);
    crypto_free(ends->crypto);
}

static void each_suite(void (*run)(ends_t *ends))
{
    static ends_t ends;
    size_t count = 0;
    for (size_t n = 0; suite_at(n); n++) {
        if (suite_mac_key(suite_at(n)) == 0)
            continue;
        start(&ends, suite_at(n));
        run(&ends);
        end(&ends);
        count++;
    }
    CHECK_EQ(count, 4);
}

static void seal(ends_t *ends, size_t length)
{
    memset(ends->record, 0xee, sizeof ends->record);
    memset(ends->record + ends->write.form->prefix(&ends->write), 0x77, length);
    ends->size = record_seal(&ends->write, CONTENT_APPLICATION_DATA, ends->record, length);
    CHECK(ends->size > 0);
    CHECK_EQ(ends->record[ends->size], 0xee);
}

/* ---- records that we seal ---- */

static void round_trip(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    size_t mac = suite_tag(ends->suite), most = ends->write.form->overhead(&ends->write);
    for (size_t i = 0; i <= 300; i++) {
        size_t length = i < 300 ? i : RECORD_MAX_PLAINTEXT;
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        seal(ends, length);
        CHECK_EQ(ends->size, RECORD_HEADER + 16 + (length / 16 + 1) * 16 + mac);
        CHECK(ends->size <= length + most && ends->size + 16 > length + most);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.length, length);
        for (size_t k = 0; k < length; k++)
            CHECK_EQ(record.payload[k], 0x77);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_REPLAYED);
    }
}

TEST(what_is_sealed_opens_once)
{
    each_suite(round_trip);
}

static void decrypt(const uint8_t *iv, const uint8_t *text, size_t length, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int written;
    CHECK(EVP_DecryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, ends_key, iv) == 1 &&
          EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
          EVP_DecryptUpdate(ctx, out, &written, text, (int)length) == 1);
    CHECK_EQ(written, length);
    EVP_CIPHER_CTX_free(ctx);
}

static void hmac(const suite_t *suite, const uint8_t *text, size_t length, uint8_t *out)
{
    const char *digest = suite_tag(suite) == 20 ? "SHA1" : "SHA256";
    size_t written;
    CHECK(EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, hmac_key, suite_tag(suite), text, length, out,
                    64, &written) != NULL);
    CHECK_EQ(written, suite_tag(suite));
}

/* Checks the MAC against one computed here: over number, type, version, length of nonce and
 * ciphertext, nonce and ciphertext. */
static void layout(ends_t *ends)
{
    static const uint64_t sequences[] = {0, 1, 0xfedcba987654, SEQUENCE_MAX};
    for (size_t i = 0; i < COUNT(sequences); i++) {
        uint8_t input[13 + 16 + 48], expected[64], plain[48];
        const uint8_t *nonce = ends->record + RECORD_HEADER;
        NOTE("%s, row %zu", ends->suite->name, i);
        ends->write.sequence = sequences[i];
        seal(ends, 33);
        writer_t w = writer(input, sizeof input);
        put_u16(&w, 1);
        put_uint(&w, sequences[i], 6);
        put_u8(&w, CONTENT_APPLICATION_DATA);
        put_u16(&w, 0xfefd);
        put_u16(&w, 16 + 48);
        put_bytes(&w, nonce, 16 + 48);
        hmac(ends->suite, input, writer_length(&w), expected);
        CHECK_MEM(nonce + 16 + 48, expected, suite_tag(ends->suite));
        decrypt(nonce, nonce + 16, 48, plain);
        for (size_t k = 0; k < 48; k++)
            CHECK_EQ(plain[k], k < 33 ? 0x77 : 14);
    }
}

TEST(nonce_ciphertext_and_mac)
{
    each_suite(layout);
}

/* The nonces differ from each other, from the sequence number, and from the end of the previous
 * record. */
static void nonces(ends_t *ends)
{
    static uint8_t seen[1000][16];
    for (size_t i = 0; i < COUNT(seen); i++) {
        seal(ends, 0);
        memcpy(seen[i], ends->record + RECORD_HEADER, 16);
        CHECK(memcmp(seen[i], ends->record + 3, 8) != 0);
        for (size_t k = 0; k < i; k++)
            CHECK(memcmp(seen[i], seen[k], 16) != 0);
    }
}

TEST(nonces_differ)
{
    each_suite(nonces);
}

/* ---- records that are forged, or that a peer with the keys has malformed ---- */

static void flip(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    seal(ends, 20);
    for (size_t bit = 0; bit < 8 * ends->size; bit++) {
        record_t record;
        memcpy(copy, ends->record, ends->size);
        copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1 << bit % 8);
        dtls_drop_t drop = record_split(copy, ends->size, 0, &record);
        bool is_version = bit / 8 == 1 || bit / 8 == 2; /* record_check() checks the version */
        if (drop != DTLS_DROP_COUNT || record.epoch != 1 || record.unified || is_version)
            continue;
        NOTE("%s, bit %zu", ends->suite->name, bit);
        CHECK(record_open(&ends->read, &record) != DTLS_DROP_COUNT);
        CHECK_EQ(ends->read.window.next, 0);
    }
}

TEST(a_flipped_bit_is_found)
{
    each_suite(flip);
}

/* Puts a record of these blocks into ends->record, under a valid MAC. Then removes `less` bytes
 * from its end. */
static void put_blocks(ends_t *ends, uint64_t sequence, const uint8_t *blocks, size_t length)
{
    uint8_t aad[13], *nonce = ends->record + RECORD_HEADER;
    aead_t *aead = aead_new(ends->crypto, ends->suite->aead, ends_key, true);
    size_t payload = 16 + length + suite_tag(ends->suite);
    CHECK(aead && aead_set_mac_key(aead, ends->crypto, hmac_key));
    writer_t w = writer(aad, sizeof aad);
    put_u16(&w, 1);
    put_uint(&w, sequence, 6);
    put_u8(&w, 23);
    put_u16(&w, 0xfefd);
    put_u16(&w, (unsigned)(16 + length));
    w = writer(ends->record, RECORD_HEADER);
    put_u8(&w, 23);
    put_u16(&w, 0xfefd);
    put_u16(&w, 1);
    put_uint(&w, sequence, 6);
    put_u16(&w, (unsigned)payload);
    memset(nonce, blocks[length - 1], 16); /* which is not valid padding either */
    memcpy(nonce + 16, blocks, length);
    CHECK(aead_seal(aead, nonce, aad, sizeof aad, nonce + 16, length));
    ends->size = RECORD_HEADER + payload;
    aead_free(aead);
}

static void paddings(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    for (size_t last = 0; last < 256; last++) {
        uint8_t blocks[256];
        record_t record;
        NOTE("%s, padding of %zu", ends->suite->name, last + 1);
        memset(blocks, (int)last, sizeof blocks);
        put_blocks(ends, last, blocks, sizeof blocks);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.length, sizeof blocks - last - 1);
        if (last == 0)
            continue;
        blocks[sizeof blocks - 1 - last] ^= 1; /* the first byte of the padding */
        put_blocks(ends, 256 + last, blocks, sizeof blocks);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
        if (last < 16)
            continue;
        memset(blocks, (int)last, 16);
        put_blocks(ends, 512 + last, blocks, 16);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
    }
}

TEST(padding_good_and_bad)
{
    each_suite(paddings);
}

/* The record is authentic, but its text is not a whole number of blocks. The next record must
 * still open. */
static void half_a_block(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    for (size_t cut = 1; cut < 16; cut++) {
        size_t length = 48 - cut;
        uint8_t input[13 + 16 + 48], mac[64];
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        seal(ends, 40);
        writer_t w = writer(input, sizeof input);
        put_bytes(&w, ends->record + 3, 8);
        put_u8(&w, CONTENT_APPLICATION_DATA);
        put_u16(&w, 0xfefd);
        put_u16(&w, (unsigned)(16 + length));
        put_bytes(&w, ends->record + RECORD_HEADER, 16 + length);
        hmac(ends->suite, input, writer_length(&w), mac);
        memcpy(ends->record + RECORD_HEADER + 16 + length, mac, suite_tag(ends->suite));
        ends->size -= cut;
        ends->record[12] = (uint8_t)(ends->size - RECORD_HEADER);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
        seal(ends, 40);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.length, 40);
    }
}

TEST(text_that_is_not_whole_blocks)
{
    each_suite(half_a_block);
}

static void lengths(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    size_t least = 16 + 16 + suite_tag(ends->suite);
    for (size_t length = 0; length < least + 40; length++) {
        record_t record;
        NOTE("%s, payload of %zu", ends->suite->name, length);
        memset(copy, 0, sizeof copy);
        writer_t w = writer(copy, RECORD_HEADER);
        put_u8(&w, 23);
        put_u16(&w, 0xfefd);
        put_u16(&w, 1);
        put_uint(&w, 0, 6);
        put_u16(&w, (unsigned)length);
        CHECK_EQ(record_split(copy, RECORD_HEADER + length, 0, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&ends->read, &record),
                 length < least ? DTLS_DROP_LENGTH : DTLS_DROP_BAD_MAC);
    }
}

TEST(payloads_of_every_length)
{
    each_suite(lengths);
}

/* ---- with connection IDs, as Mbed TLS 3.6 sends them ---- */

#define CLIENT_MAC "a4ee20cfb91f961ccc28e22c15da96dad16b517d58df60ec2897b35e6e9c897c"
#define SERVER_MAC "c4c3d18b8d440331d78beaee9f79762ed4fafaeb57c76167592174155b121b6e"
#define CLIENT_KEY "97ac40a4c79597c20f28f885dfa9e194"
#define SERVER_KEY "1b49653a48998dcf2fb774797a8d19a1"

TEST(records_of_mbedtls_with_connection_ids)
{
    static const struct {
        const char *mac, *key, *record, *plaintext;
        size_t cid;
        uint8_t type;
    } rows[] = {
        {CLIENT_MAC, CLIENT_KEY,
         "19fefd0001000000000000c1d000010060"
         "3de4721d295e06d888627d083c698d765d214a584b8593d67d15962f975c446e"
         "5f0e563c4f6f21c0d4317fd45c121ddeb3cce9dcde5f2d90799c16c8b2a3d966"
         "ea00e720ac2a7dd0c82856ba9e0624c43664c78e78af0407cd4c830ed8a6c2a1",
         "1400000c000300000000000cb0ca11e4359324fd3e014fd7", 4, CONTENT_HANDSHAKE},
        {SERVER_MAC, SERVER_KEY,
         "19fefd0001000000000000aabb0060"
         "9b35e6422226e84c4ab2ea538b9e4dca2ce5507be60d2a021816138004f2dece"
         "6b8ae077c18ace29899c752eeafa61772d6768acffd6d78c1628d26ba775992d"
         "60b4998e34eb01aa43131e3c7cd08d56633ad1aad24359cdea0d6ae61c3dd567",
         "1400000c000400000000000c45024cc55abeff8ca4d3ddb7", 2, CONTENT_HANDSHAKE},
        {CLIENT_MAC, CLIENT_KEY,
         "19fefd0001000000000003c1d000010050"
         "3f0e68c264207e831bd9b7167b66af1c15621805c287312b051282a5e072e7ef"
         "99854c37695ca8feb9fad90647c6e7ce135e843256aae065821e7fd02cf1b6f2"
         "c3c41827a599cc927f211fb82faef098",
         "0100", 4, CONTENT_ALERT},
        {SERVER_MAC, SERVER_KEY,
         "19fefd0001000000000002aabb0050"
         "7204a198ea63c3e29186ecfe993f4caff3e6018ae11b6c515d6623c38b671aee"
         "3037d7fdf7805c25d1f834b9e7be80a8b9fb1019e3e6e3e0d6643221e90ef309"
         "736242d5cc813753f5768cc6177fb5e1",
         "0100", 2, CONTENT_ALERT},
    };
    crypto_t *crypto = crypto_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t mac[32], key[32], bytes[256], plaintext[64];
        const write_keys_t theirs = {mac, key, ends_iv};
        size_t size = UNHEX(rows[i].record, bytes), length = UNHEX(rows[i].plaintext, plaintext);
        epoch_t read;
        record_t record;
        NOTE("row %zu", i);
        UNHEX(rows[i].mac, mac);
        UNHEX(rows[i].key, key);
        CHECK(epoch_dtls12(&read, crypto, suite_by_id(0x00ae), &theirs, true, false));
        CHECK_EQ(record_split(bytes, size, rows[i].cid, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&read, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.type, rows[i].type);
        CHECK_EQ(record.length, length);
        CHECK_MEM(record.payload, plaintext, length);
        epoch_end(&read);
    }
    crypto_free(crypto);
}

TEST(with_connection_ids_of_ours)
{
    static uint8_t bytes[RECORD_ROOM];
    const cid_t cid = {.length = 3, .bytes = {0xc1, 0xc2, 0xc3}};
    crypto_t *crypto = crypto_new();
    for (size_t length = 0; length < 100; length++) {
        epoch_t write, read;
        record_t record;
        NOTE("%zu bytes", length);
        CHECK(epoch_dtls12(&write, crypto, suite_by_id(0x008c), &keys, true, true));
        CHECK(epoch_dtls12(&read, crypto, suite_by_id(0x008c), &keys, true, false));
        write.cid = &cid;
        memset(bytes + write.form->prefix(&write), 0x66, length);
        size_t size = record_seal(&write, CONTENT_APPLICATION_DATA, bytes, length);
        CHECK_EQ(size, RECORD_HEADER + 3 + 16 + ((length + 1) / 16 + 1) * 16 + 20);
        CHECK(size <= length + write.form->overhead(&write));
        CHECK_EQ(record_split(bytes, size, 3, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&read, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.type, CONTENT_APPLICATION_DATA);
        CHECK_EQ(record.length, length);
        epoch_end(&write);
        epoch_end(&read);
    }
    crypto_free(crypto);
}
