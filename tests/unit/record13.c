/*
 * record13.c - records of DTLS 1.3: every form of the unified header, reconstruction of sequence
 * numbers, padded content.
 */
#include "base/iana.h"
#include "common.h"
#include "record/record.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = RECORD_MAX_CIPHERTEXT + 64 };

static const uint8_t secret[HASH_MAX] = {0x5e, 0xc2, 0xe7};

typedef struct {
    const suite_t *suite;
    crypto_t *crypto;
    epoch_t write, read;
    traffic_keys_t keys;
} ends_t;

static void ends_open(ends_t *ends, const suite_t *suite, uint64_t number)
{
    memset(ends, 0, sizeof *ends);
    ends->suite = suite;
    ends->crypto = crypto_new();
    CHECK(epoch_dtls13(&ends->write, ends->crypto, suite, number, secret, true));
    CHECK(epoch_dtls13(&ends->read, ends->crypto, suite, number, secret, false));
    CHECK(kdf13_traffic_keys(ends->crypto, suite, secret, &ends->keys));
}

static void ends_close(ends_t *ends)
{
    epoch_end(&ends->write);
    epoch_end(&ends->read);
    crypto_free(ends->crypto);
}

static void each_suite(void (*run)(ends_t *ends))
{
    for (size_t n = 0; suite_at(n); n++) {
        ends_t ends;
        if (suite_at(n)->version != VERSION_DTLS13)
            continue;
        NOTE("%s", suite_at(n)->name);
        ends_open(&ends, suite_at(n), 3);
        run(&ends);
        ends_close(&ends);
    }
}

/* ---- records that we seal ---- */

static void round_trip(ends_t *ends)
{
    static const size_t more[] = {63, 64, 65, 1200, RECORD_MAX_PLAINTEXT};
    static uint8_t bytes[ROOM], copy[ROOM];
    for (size_t i = 0; i <= 40 + COUNT(more); i++) {
        size_t length = i <= 40 ? i : more[i - 41], sealed = length + 1 + suite_tag(ends->suite);
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        memset(bytes, 0xee, sizeof bytes);
        memset(bytes + 5, (int)i, length);
        size_t size = record_seal(&ends->write, CONTENT_APPLICATION_DATA, bytes, length);
        CHECK_EQ(size, 5 + (sealed < 16 ? 16 : sealed));
        CHECK_EQ(bytes[0], 0x2f);
        CHECK_EQ(bytes[3] << 8 | bytes[4], size - 5);
        CHECK_EQ(bytes[size], 0xee);
        for (int again = 0; again < 2; again++) {
            memcpy(copy, bytes, size);
            CHECK_EQ(record_split(copy, size, 0, &record), DTLS_DROP_COUNT);
            CHECK_EQ(record_check(&record), DTLS_DROP_COUNT);
            CHECK_EQ(record_open(&ends->read, &record),
                     again ? DTLS_DROP_REPLAYED : DTLS_DROP_COUNT);
        }
        CHECK_EQ(record.type, CONTENT_APPLICATION_DATA);
        CHECK_EQ(record.sequence, i);
        CHECK_EQ(record.length, length);
        for (size_t at = 0; at < length; at++)
            CHECK_EQ(record.payload[at], (uint8_t)i);
    }
}

TEST(what_is_sealed_opens_once)
{
    each_suite(round_trip);
}

/* ---- records that a peer may send: RFC 9147 sections 4 and 4.2 ---- */

typedef struct {
    bool wide, counted; /* the S and L bits of the first byte */
    uint64_t sequence;
    const char *inner; /* content, type and padding, in hex */
} form_t;

/* Seals a record with the given header. Returns its size. */
static size_t put_record(ends_t *ends, const form_t *form, uint8_t *out)
{
    uint8_t inner[ROOM], nonce[AEAD_NONCE], sample[MASK_SAMPLE];
    size_t length = UNHEX(form->inner, inner), sealed = length + suite_tag(ends->suite);
    size_t width = form->wide ? 2 : 1;
    writer_t w = writer(out, ROOM);
    put_u8(&w, 0x20u | (form->wide ? 0x08 : 0) | (form->counted ? 0x04 : 0) |
                   (unsigned)(ends->read.number & 3));
    put_uint(&w, form->sequence & (((uint64_t)1 << 8 * width) - 1), width);
    if (form->counted)
        put_u16(&w, (unsigned)sealed);
    size_t header = writer_length(&w);
    memcpy(nonce, ends->keys.iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[AEAD_NONCE - 1 - i] ^= (uint8_t)(form->sequence >> 8 * i);
    memcpy(out + header, inner, length);
    aead_t *aead = aead_new(ends->crypto, ends->suite->aead, ends->keys.key, true);
    CHECK(aead_seal(aead, nonce, out, header, out + header, length));
    aead_free(aead);
    mask_t *mask = mask_new(ends->crypto, ends->suite->aead, ends->keys.sn);
    CHECK(mask_make(mask, out + header, sample));
    mask_free(mask);
    for (size_t i = 0; i < width; i++)
        out[1 + i] ^= sample[i];
    return header + sealed;
}

static dtls_drop_t open_form(ends_t *ends, const form_t *form, record_t *record)
{
    static uint8_t bytes[ROOM];
    size_t size = put_record(ends, form, bytes);
    CHECK_EQ(record_split(bytes, size, 0, record), DTLS_DROP_COUNT);
    CHECK_EQ(record->size, size);
    return record_open(&ends->read, record);
}

static void every_form(ends_t *ends)
{
    record_t record;
    for (unsigned i = 0; i < 64; i++) {
        const form_t form = {i & 1, i >> 1 & 1, i, "68656c6c6f20646f776e20746865726517 0000"};
        NOTE("%s, form %u, record %u", ends->suite->name, i & 3, i);
        CHECK_EQ(open_form(ends, &form, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.sequence, i);
        CHECK_EQ(record.type, 23);
        CHECK_EQ(record.length, 16);
        CHECK_MEM(record.payload, "hello down there", 16);
        CHECK_EQ(record.has_length, i >> 1 & 1);
    }
}

TEST(every_form_of_the_header_is_accepted_and_mixed)
{
    each_suite(every_form);
}

/* A record without a length extends to the end of its datagram. Bytes added to the datagram make
 * it fail to open. */
TEST(without_a_length_only_the_last_one_opens)
{
    ends_t ends;
    uint8_t bytes[2 * 64];
    record_t record;
    ends_open(&ends, suite_by_id(0x1301), 3);
    const form_t first = {true, false, 0, "6117"}, second = {true, true, 1, "6217"};
    size_t size = put_record(&ends, &first, bytes);
    size += put_record(&ends, &second, bytes + size);
    CHECK_EQ(record_split(bytes, size, 0, &record), DTLS_DROP_COUNT);
    CHECK_EQ(record.size, size);
    CHECK_EQ(record_open(&ends.read, &record), DTLS_DROP_BAD_MAC);
    ends_close(&ends);
}

/* RFC 9147 section 4.2.2: the number nearest to the next one expected. */
TEST(numbers_are_found_again)
{
    static const struct {
        uint64_t next, sequence;
        bool wide;
        dtls_drop_t drop;
    } rows[] = {
        {0, 0, false, DTLS_DROP_COUNT},
        {0, 127, false, DTLS_DROP_COUNT},
        {0, 255, false, DTLS_DROP_COUNT}, /* no number is below 0 */
        {0, 65535, true, DTLS_DROP_COUNT},
        {0, 65536, true, DTLS_DROP_BAD_MAC},
        {0xfe, 0x101, false, DTLS_DROP_COUNT},
        {0xff, 0x100, false, DTLS_DROP_COUNT},
        {0x101, 0xfe, false, DTLS_DROP_COUNT},
        {0x101, 0x82, false, DTLS_DROP_COUNT},
        {0x200, 0x181, false, DTLS_DROP_COUNT},
        {0x200, 0x27f, false, DTLS_DROP_COUNT},
        {0x200, 0x300, false, DTLS_DROP_BAD_MAC},
        {0xfffe, 0x10001, true, DTLS_DROP_COUNT},
        {0x10001, 0xfffe, true, DTLS_DROP_COUNT},
        {0x10000, 0x17fff, true, DTLS_DROP_COUNT},
        {0x10000, 0x18001, true, DTLS_DROP_BAD_MAC},
        {0xfedcba987654, 0xfedcba987600, false, DTLS_DROP_COUNT},
        {0xfedcba987654, 0xfedcba98f000, true, DTLS_DROP_COUNT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const form_t form = {rows[i].wide, true, rows[i].sequence, "6117"};
        ends_t ends;
        record_t record;
        NOTE("row %zu", i);
        ends_open(&ends, suite_by_id(0x1303), 3);
        ends.read.window.next = rows[i].next;
        CHECK_EQ(open_form(&ends, &form, &record), rows[i].drop);
        if (rows[i].drop == DTLS_DROP_COUNT)
            CHECK_EQ(record.sequence, rows[i].sequence);
        ends_close(&ends);
    }
}

TEST(content_is_found_behind_its_padding)
{
    static const struct {
        const char *inner;
        dtls_drop_t drop;
        unsigned type;
        size_t length;
    } rows[] = {
        {"17", DTLS_DROP_COUNT, 23, 0},
        {"17000000000000", DTLS_DROP_COUNT, 23, 0},
        {"0017", DTLS_DROP_COUNT, 23, 1}, /* a zero that belongs to the content */
        {"00000017", DTLS_DROP_COUNT, 23, 3},
        {"6116", DTLS_DROP_COUNT, 22, 1},
        {"610215", DTLS_DROP_COUNT, 21, 2},
        {"00001a", DTLS_DROP_COUNT, 26, 2},
        {"", DTLS_DROP_LENGTH, 0, 0}, /* there is not even a content type */
        {"0000000000", DTLS_DROP_UNEXPECTED_TYPE, 0, 0},
        {"16", DTLS_DROP_LENGTH, 0, 0}, /* empty: illegal for this type */
        {"15", DTLS_DROP_LENGTH, 0, 0},
        {"1a00", DTLS_DROP_LENGTH, 0, 0},
        {"611b", DTLS_DROP_COUNT, 27, 1},
        {"6119", DTLS_DROP_UNEXPECTED_TYPE, 0, 0},
        {"6118", DTLS_DROP_COUNT, 24, 1},
        {"61ff", DTLS_DROP_UNEXPECTED_TYPE, 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const form_t form = {true, true, 5, rows[i].inner};
        ends_t ends;
        record_t record;
        NOTE("row %zu", i);
        ends_open(&ends, suite_by_id(0x1301), 3);
        CHECK_EQ(open_form(&ends, &form, &record), rows[i].drop);
        if (rows[i].drop == DTLS_DROP_COUNT) {
            CHECK_EQ(record.type, rows[i].type);
            CHECK_EQ(record.length, rows[i].length);
        }
        ends_close(&ends);
    }
}

/* ---- records that fail to open ---- */

static void forged(ends_t *ends)
{
    static uint8_t bytes[ROOM];
    const form_t form = {true, true, 7, "68656c6c6f20646f776e20746865726517"};
    size_t size = put_record(ends, &form, bytes);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        uint8_t copy[128];
        record_t record;
        NOTE("%s, bit %zu", ends->suite->name, bit);
        memcpy(copy, bytes, size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (record_split(copy, size, 0, &record) != DTLS_DROP_COUNT || !record.unified)
            continue; /* another header, or a length beyond the end of the datagram */
        const window_t before = ends->read.window;
        ends->read.open_failures = 0;
        dtls_drop_t drop = record_open(&ends->read, &record);
        CHECK(drop == DTLS_DROP_BAD_MAC || drop == DTLS_DROP_LENGTH);
        CHECK_MEM(&ends->read.window, &before, sizeof before);
    }
    record_t record;
    CHECK_EQ(open_form(ends, &form, &record), DTLS_DROP_COUNT);
}

TEST(a_forged_bit_anywhere_moves_no_window)
{
    each_suite(forged);
}

static void any_length(ends_t *ends)
{
    for (size_t length = 0; length <= 40; length++) {
        uint8_t *bytes = malloc(5 + length);
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        writer_t w = writer(bytes, 5 + length);
        put_u8(&w, 0x2f);
        put_u16(&w, 0x1234);
        put_u16(&w, (unsigned)length);
        memset(put_space(&w, length), 0x99, length);
        CHECK_EQ(record_split(bytes, 5 + length, 0, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&ends->read, &record), length < ends->read.form->least(&ends->read)
                                                        ? DTLS_DROP_LENGTH
                                                        : DTLS_DROP_BAD_MAC);
        free(bytes);
    }
}

TEST(any_length_is_survived)
{
    each_suite(any_length);
}

/* RFC 9147 section 4: a record with a connection ID, where none was negotiated. */
TEST(a_connection_id_is_refused)
{
    uint8_t bytes[64] = {0x3f};
    record_t record;
    for (unsigned first = 0x30; first < 0x40; first++) {
        bytes[0] = (uint8_t)first;
        CHECK_EQ(record_split(bytes, sizeof bytes, 0, &record), DTLS_DROP_NOT_A_RECORD);
    }
}

/* RFC 9147 appendix B.3: with an 8-byte tag, 2^7 records may fail to open. */
TEST(failures_are_counted_to_the_limit)
{
    ends_t ends;
    ends_open(&ends, suite_by_id(0x1305), 3);
    for (unsigned i = 0; i <= 128; i++) {
        uint8_t bytes[32] = {0x2f, 0, 0, 0, 27};
        record_t record;
        CHECK_EQ(record_split(bytes, sizeof bytes, 0, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&ends.read, &record), i < 128 ? DTLS_DROP_BAD_MAC : DTLS_DROP_LIMIT);
    }
    ends_close(&ends);
}
