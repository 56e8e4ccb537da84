/*
 * record_drops.c - the records that lib/record/record.c drops, and the limits of keys and numbers.
 */
#include "base/iana.h"
#include "common_record.h"

#include <stdlib.h>
#include <string.h>

static void forged(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    static const uint8_t zeros[64];
    for (size_t bit = 0;; bit++) {
        size_t byte = bit / 8;
        record_t record;
        if (bit == 0)
            ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
        if (byte == ends->size)
            break;
        if (bit == 5 || (byte >= 1 && byte <= 4) || byte == 11 || byte == 12)
            /* Header form, version, epoch and length, which record_split() and the caller check. */
            continue;
        NOTE("%s, bit %zu", ends->suite->name, bit);
        memcpy(copy, ends->record, ends->size);
        copy[byte] ^= (uint8_t)(1u << bit % 8);
        CHECK_EQ(record_split(copy, ends->size, 0, &record), DTLS_DROP_COUNT);
        const window_t before = ends->read.window;
        uint64_t failures = ends->read.open_failures;
        CHECK_EQ(record_open(&ends->read, &record), DTLS_DROP_BAD_MAC);
        CHECK_EQ(ends->read.open_failures, failures + 1);
        CHECK_MEM(&ends->read.window, &before, sizeof before);
        CHECK_MEM(record.payload + ends->suite->explicit_nonce, zeros, 20);
    }
    record_t record;
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
}

TEST(a_forged_bit_anywhere_changes_nothing_but_the_count)
{
    ends_each_suite(forged);
}

static void any_length(ends_t *ends)
{
    size_t least = ends->suite->explicit_nonce + suite_tag(ends->suite);
    for (size_t length = 0; length <= 40; length++) {
        uint8_t *bytes = malloc(RECORD_HEADER + length);
        record_t record;
        NOTE("%s, %zu bytes", ends->suite->name, length);
        writer_t w = writer(bytes, RECORD_HEADER + length);
        put_u8(&w, 23);
        put_u16(&w, 0xfefd);
        put_uint(&w, (uint64_t)1 << 48 | length, 8);
        put_u16(&w, (unsigned)length);
        memset(put_space(&w, length), 0x99, length);
        CHECK_EQ(record_split(bytes, RECORD_HEADER + length, 0, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record_open(&ends->read, &record),
                 length < least ? DTLS_DROP_LENGTH : DTLS_DROP_BAD_MAC);
        free(bytes);
    }
    CHECK_EQ(ends->read.open_failures, 40 - least + 1);
    CHECK_EQ(ends->read.window.next, 0);
}

TEST(ciphertexts_of_0_to_40_bytes)
{
    ends_each_suite(any_length);
}

/* ---- checks before decryption ---- */

static void replayed(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends->write.sequence = 1000;
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
    CHECK_EQ(ends->read.window.next, 1001);
    ends->record[ends->size - 1] ^= 1; /* would fail to open */
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_REPLAYED);
    CHECK_MEM(copy, ends->record, ends->size);
    CHECK_EQ(ends->read.open_failures, 0);
    ends->write.sequence = 1000 - WINDOW_SIZE; /* genuine, but below the window */
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_REPLAYED);
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20); /* one number later */
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
}

TEST(replays_are_dropped_before_they_are_opened)
{
    ends_each_suite(replayed);
}

static void far_ahead(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends->write.sequence = 10000000;
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    ends->record[ends->size - 1] ^= 1;
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
    ends->write.sequence = 0;
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
}

TEST(a_forged_number_does_not_move_the_window)
{
    ends_each_suite(far_ahead);
}

TEST(epoch_0_has_no_window)
{
    static const uint64_t sequences[] = {5, SEQUENCE_MAX, 5, 0, SEQUENCE_MAX, 0};
    static const window_t untouched;
    uint8_t bytes[RECORD_HEADER + 1] = {0};
    epoch_t epoch = {.form = NULL};
    epoch_plaintext(&epoch);
    for (size_t i = 0; i < COUNT(sequences); i++) {
        record_t record = {.type = CONTENT_HANDSHAKE,
                           .sequence = sequences[i],
                           .bytes = bytes,
                           .payload = bytes + RECORD_HEADER,
                           .length = 1};
        NOTE("row %zu", i);
        CHECK_EQ(record_open(&epoch, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.length, 1);
        CHECK(record.payload == bytes + RECORD_HEADER);
        CHECK_MEM(&epoch.window, &untouched, sizeof untouched);
    }
}

/* ---- empty records, RFC 5246 section 6.2.1 ---- */

static void empty(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    for (uint8_t type = CONTENT_CHANGE_CIPHER_SPEC; type <= CONTENT_APPLICATION_DATA; type++) {
        dtls_drop_t expected =
            type == CONTENT_APPLICATION_DATA ? DTLS_DROP_COUNT : DTLS_DROP_LENGTH;
        record_t record;
        NOTE("%s, type %u", ends->suite->name, type);
        ends_seal(ends, type, 0, 0);
        CHECK_EQ(ends_open(ends, copy, &record), expected);
        /* The empty record was authentic, so its number is marked. */
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_REPLAYED);
    }
    CHECK_EQ(ends->read.open_failures, 0);
}

TEST(only_application_data_may_be_empty)
{
    ends_each_suite(empty);
    for (uint8_t type = CONTENT_CHANGE_CIPHER_SPEC; type < CONTENT_APPLICATION_DATA; type++) {
        uint8_t bytes[RECORD_HEADER] = {0};
        record_t record = {.type = type, .bytes = bytes, .payload = bytes + RECORD_HEADER};
        epoch_t epoch = {.form = NULL};
        epoch_plaintext(&epoch);
        CHECK_EQ(record_open(&epoch, &record), DTLS_DROP_LENGTH);
    }
}

static void too_long(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, RECORD_MAX_PLAINTEXT + 1);
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_LENGTH);
}

TEST(a_plaintext_of_more_than_16384_bytes_is_dropped)
{
    ends_each_suite(too_long);
}

/* ---- limits of sequence numbers and keys ---- */

static void last_numbers(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends->write.sequence = SEQUENCE_MAX - 1;
    for (int i = 0; i < 2; i++) {
        ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
        CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
        CHECK_EQ(record.sequence, SEQUENCE_MAX - 1 + (uint64_t)i);
    }
    CHECK(record_exhausted(&ends->write));
    CHECK_EQ(record_seal(&ends->write, CONTENT_ALERT, ends->record, 2), 0);
    CHECK_EQ(ends->write.sequence, SEQUENCE_MAX + 1);
}

TEST(no_number_above_the_last)
{
    epoch_t epoch;
    uint8_t bytes[RECORD_HEADER + 2];
    epoch_plaintext(&epoch);
    epoch.sequence = SEQUENCE_MAX;
    CHECK(!record_exhausted(&epoch));
    CHECK_EQ(record_seal(&epoch, CONTENT_ALERT, bytes, 2), sizeof bytes);
    CHECK(record_exhausted(&epoch));
    CHECK_EQ(record_seal(&epoch, CONTENT_ALERT, bytes, 2), 0);
    ends_each_suite(last_numbers);
}

static void seal_limit(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends->write.sequence = ends->suite->seal_limit - 1;
    bool numbers_last = ends->suite->seal_limit - 1 <= SEQUENCE_MAX;
    CHECK(numbers_last && !record_exhausted(&ends->write));
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    CHECK(record_exhausted(&ends->write));
    if (ends->write.sequence > SEQUENCE_MAX)
        return;
    ends_seal(ends, CONTENT_ALERT, 0, 2); /* the alert that reports the limit */
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_COUNT);
}

TEST(the_limit_of_a_key_leaves_room_for_an_alert)
{
    ends_each_suite(seal_limit);
}

static void open_limit(ends_t *ends)
{
    static uint8_t copy[RECORD_ROOM];
    record_t record;
    ends->read.open_failures = ends->suite->open_limit - 1;
    ends_seal(ends, CONTENT_APPLICATION_DATA, 0x77, 20);
    ends->record[ends->size - 1] ^= 1;
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_BAD_MAC);
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_LIMIT);
    ends->record[ends->size - 1] ^= 1;
    CHECK_EQ(ends_open(ends, copy, &record), DTLS_DROP_LIMIT); /* even a valid one */
    CHECK_EQ(ends->read.open_failures, ends->suite->open_limit);
    CHECK_EQ(ends->read.window.next, 0);
}

TEST(forgeries_use_up_a_key)
{
    ends_each_suite(open_limit);
}

TEST(an_epoch_is_wiped)
{
    static const epoch_t nothing;
    crypto_t *crypto = crypto_new();
    epoch_t epoch;
    memset(&epoch, 0, sizeof epoch);
    CHECK(epoch_dtls12(&epoch, crypto, suite_by_id(0x00a8), &ends_keys, false, true));
    epoch_end(&epoch);
    CHECK_MEM(&epoch, &nothing, sizeof nothing);
    epoch_end(&epoch);
    crypto_free(crypto);
}
