#include "record/record.h"
#include "base/iana.h"
#include "common_record.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

/* ---- headers ---- */

TEST(plaintext_header)
{
    static const struct {
        uint8_t type;
        uint64_t sequence;
        size_t length;
        const char *header;
    } rows[] = {
        {22, 0, 0, "16 fefd 0000 000000000000 0000"},
        {21, 1, 2, "15 fefd 0000 000000000001 0002"},
        {20, 0xfedcba987654, 1, "14 fefd 0000 fedcba987654 0001"},
        {22, SEQUENCE_MAX, 0x4000, "16 fefd 0000 ffffffffffff 4000"},
    };
    static uint8_t record[RECORD_ROOM], expected[RECORD_HEADER];
    for (size_t i = 0; i < COUNT(rows); i++) {
        epoch_t epoch;
        NOTE("row %zu", i);
        epoch_plaintext(&epoch);
        epoch.sequence = rows[i].sequence;
        CHECK(!record_exhausted(&epoch));
        CHECK_EQ(epoch.form->overhead(&epoch), RECORD_HEADER);
        CHECK_EQ(epoch.form->prefix(&epoch), RECORD_HEADER);
        CHECK_EQ(record_seal(&epoch, rows[i].type, record, rows[i].length),
                 RECORD_HEADER + rows[i].length);
        CHECK_EQ(UNHEX(rows[i].header, expected), RECORD_HEADER);
        CHECK_MEM(record, expected, RECORD_HEADER);
        CHECK_EQ(epoch.sequence, rows[i].sequence + 1);
        /* no number is used twice, and none has more than 48 bits */
        bool last = rows[i].sequence == SEQUENCE_MAX;
        CHECK_EQ(record_exhausted(&epoch), last);
        CHECK_EQ(record_seal(&epoch, rows[i].type, record, rows[i].length) == 0, last);
    }
}

TEST(a_datagram_is_split_at_every_length)
{
    uint8_t both[2 * RECORD_HEADER + 5];
    CHECK_EQ(UNHEX("16fefd00000000000000070003 a1a2a3 17fefc0001fedcba9876540002 b1b2", both),
             sizeof both);
    for (size_t length = 0; length <= sizeof both; length++) {
        /* A block of its own, so that the sanitizer detects reads past its end. */
        uint8_t *copy = malloc(length ? length : 1);
        record_t record;
        NOTE("%zu bytes", length);
        memcpy(copy, both, length);
        dtls_drop_t expected = length < RECORD_HEADER       ? DTLS_DROP_NOT_A_RECORD
                               : length < RECORD_HEADER + 3 ? DTLS_DROP_TRUNCATED
                                                            : DTLS_DROP_COUNT;
        CHECK_EQ(record_split(copy, length, 0, &record), expected);
        if (expected == DTLS_DROP_COUNT) {
            CHECK_EQ(record.type, 22);
            CHECK_EQ(record.sequence, 7);
            CHECK_EQ(record.size, RECORD_HEADER + 3);
            CHECK(record.bytes == copy && record.payload == copy + RECORD_HEADER);
        }
        free(copy);
    }
    record_t record;
    CHECK_EQ(record_split(both + RECORD_HEADER + 3, RECORD_HEADER + 2, 0, &record),
             DTLS_DROP_COUNT);
    CHECK_EQ(record.type, 23);
    CHECK_EQ(record.version, 0xfefc);
    CHECK_EQ(record.epoch, 1);
    CHECK_EQ(record.sequence, 0xfedcba987654);
    CHECK_EQ(record.length, 2);
    CHECK_EQ(record.payload[0], 0xb1);
}

TEST(what_is_checked_before_anything_else)
{
    static const struct {
        uint16_t version, epoch;
        size_t length;
        dtls_drop_t drop;
    } rows[] = {
        {0xfefd, 0, 0, DTLS_DROP_COUNT},      {0xfefd, 1, 0, DTLS_DROP_COUNT},
        {0xfeff, 0, 100, DTLS_DROP_COUNT},    {0xfeff, 1, 100, DTLS_DROP_VERSION},
        {0xfefc, 0, 100, DTLS_DROP_VERSION},  {0xfefe, 0, 100, DTLS_DROP_VERSION},
        {0xfdfd, 0, 100, DTLS_DROP_VERSION},  {0x0303, 0, 100, DTLS_DROP_VERSION},
        {0x0000, 1, 100, DTLS_DROP_VERSION},  {0xfefd, 0, 16384, DTLS_DROP_COUNT},
        {0xfefd, 0, 16385, DTLS_DROP_LENGTH}, {0xfefd, 1, 18432, DTLS_DROP_COUNT},
        {0xfefd, 1, 18433, DTLS_DROP_LENGTH}, {0xfefd, 1, 65535, DTLS_DROP_LENGTH},
        {0xfefd, 65535, 1, DTLS_DROP_COUNT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned type = 0; type < 256; type++) {
            const record_t record = {.type = (uint8_t)type,
                                     .version = rows[i].version,
                                     .epoch = rows[i].epoch,
                                     .length = rows[i].length};
            /* A plaintext ACK, which acked.c drops. */
            bool known = (type >= 20 && type <= 23) ||
                         ((type == 24 || type == 27) && rows[i].epoch > 0) ||
                         (type == 26 && rows[i].epoch == 0);
            NOTE("row %zu, type %u", i, type);
            CHECK_EQ(record_check(&record), known ? rows[i].drop : DTLS_DROP_NOT_A_RECORD);
        }
    }
}

/* ---- every suite ---- */

static void round_trip(ends_t *ends)
{
    static const size_t more[] = {63, 64, 65, 1200, RECORD_MAX_PLAINTEXT};
    static uint8_t copy[RECORD_ROOM];
    for (size_t i = 0; i <= 40 + COUNT(more); i++) {
        size_t length = i <= 40 ? i : more[i - 41];
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        ends_seal(ends, CONTENT_APPLICATION_DATA, (uint8_t)i, length);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.length, length);
        for (size_t at = 0; at < length; at++)
            CHECK_EQ(record.payload[at], (uint8_t)i);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_REPLAYED);
    }
}

TEST(what_is_sealed_opens_once)
{
    ends_each_suite(round_trip);
}

/* Computes nonce and additional data here: RFC 5288 section 3, RFC 6655 section 3, RFC 7905
 * section 2, RFC 5246 section 6.2.3.3. */
static void layout(ends_t *ends)
{
    static const uint64_t sequences[] = {0, 1, 0xfedcba987654, SEQUENCE_MAX};
    const suite_t *suite = ends->suite;
    aead_t *aead = aead_new(ends->crypto, suite->aead, ends_key, false);
    for (size_t i = 0; i < COUNT(sequences); i++) {
        uint8_t number[8], nonce[AEAD_NONCE], aad[13], *text = ends->record + RECORD_HEADER;
        size_t tag = suite_tag(suite), explicit = suite->explicit_nonce;
        NOTE("%s, row %zu", suite->name, i);
        ends->write.sequence = sequences[i];
        ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 30);
        writer_t w = writer(number, sizeof number);
        put_uint(&w, (uint64_t)1 << 48 | sequences[i], 8);
        CHECK_MEM(ends->record + 3, number, 8);
        CHECK_EQ(ends->record[11] << 8 | ends->record[12], explicit + 30 + tag);
        CHECK_EQ(ends->size, RECORD_HEADER + explicit + 30 + tag);

        memcpy(nonce, ends_iv, sizeof nonce);
        for (size_t at = 0; at < 8; at++)
            nonce[4 + at] = explicit > 0 ? number[at] : nonce[4 + at] ^ number[at];
        if (explicit > 0)
            CHECK_MEM(text, number, 8);
        w = writer(aad, sizeof aad);
        put_bytes(&w, number, 8);
        put_u8(&w, CONTENT_APPLICATION_DATA);
        put_u16(&w, 0xfefd);
        put_u16(&w, 30);
        CHECK(aead_open(aead, nonce, aad, sizeof aad, text + explicit, 30 + tag));
        for (size_t at = 0; at < 30; at++)
            CHECK_EQ(text[explicit + at], 0x77);
    }
    aead_free(aead);
}

TEST(nonce_and_additional_data)
{
    ends_each_suite(layout);
}

/* RFC 5288 section 3: the receiver uses the explicit part of the nonce from the record. */
static void foreign_nonce(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    const suite_t *suite = ends->suite;
    uint8_t nonce[AEAD_NONCE] = {0}, aad[13], *text = ends->record + RECORD_HEADER + 8;
    size_t tag = suite_tag(suite);
    record_t record;
    if (suite->explicit_nonce == 0)
        return;
    aead_t *aead = aead_new(ends->crypto, suite->aead, ends_key, true);
    writer_t w = writer(ends->record, RECORD_ROOM);
    UNHEX("0001 00000000002a 17 fefd 0005", aad);
    memcpy(nonce, ends_iv, 4);
    memset(nonce + 4, 0xc3, 8);
    put_u8(&w, 23);
    put_u16(&w, 0xfefd);
    put_bytes(&w, aad, 8);
    put_u16(&w, (unsigned)(8 + 5 + tag));
    put_bytes(&w, nonce + 4, 8);
    memcpy(text, "hello", 5);
    CHECK(aead_seal(aead, nonce, aad, sizeof aad, text, 5));
    ends->size = RECORD_HEADER + 8 + 5 + tag;
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
    CHECK_EQ(record.length, 5);
    CHECK_MEM(record.payload, "hello", 5);
    aead_free(aead);
}

TEST(an_explicit_nonce_is_read_from_the_record)
{
    ends_each_suite(foreign_nonce);
}

/* Forges each byte of a record in turn, then opens the genuine record. */
static void forged_and_genuine(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    size_t before = 0;
    record_t record;
    for (size_t i = 0; i < 60; i++) {
        before = i == 2 ? libcrypto_allocations : before;
        ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
        uint8_t *byte = &ends->record[RECORD_HEADER + i % (ends->size - RECORD_HEADER)];
        *byte ^= 1;
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
        *byte ^= 1;
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
    }
    CHECK_EQ(libcrypto_allocations, before);
    CHECK_EQ(ERR_peek_error(), 0);
}

TEST(records_allocate_nothing_even_if_forged)
{
    ends_each_suite(forged_and_genuine);
}
