#include "common_record.h"

#include <string.h>

const uint8_t ends_key[AEAD_MAX_KEY] = {1, 2, 3, 4, 5, 6, 7, 8};
const uint8_t ends_iv[AEAD_NONCE] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5,
                                     0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb};

const write_keys_t ends_keys = {NULL, ends_key, ends_iv};

void ends_each_suite(void (*run)(ends_t *ends))
{
    static ends_t ends;
    for (size_t n = 0; suite_at(n); n++) {
        ends.suite = suite_at(n);
        if (ends.suite->version != 0xfefd || suite_mac_key(ends.suite) > 0)
            continue;
        ends.crypto = crypto_new();
        NOTE("%s", ends.suite->name);
        CHECK(epoch_dtls12(&ends.write, ends.crypto, ends.suite, &ends_keys, false, true));
        CHECK(epoch_dtls12(&ends.read, ends.crypto, ends.suite, &ends_keys, false, false));
        run(&ends);
        epoch_end(&ends.write);
        epoch_end(&ends.read);
        crypto_free(ends.crypto);
    }
}

void ends_seal(ends_t *ends, uint8_t type, uint8_t value, size_t length)
{
    const epoch_t *write = &ends->write;
    memset(ends->record, 0xee, sizeof ends->record);
    memset(ends->record + write->form->prefix(write), value, length);
    ends->size = record_seal(&ends->write, type, ends->record, length);
    CHECK_EQ(ends->size, write->form->overhead(write) + length);
    CHECK_EQ(ends->record[ends->size], 0xee);
}

dtls_drop_t ends_open(ends_t *ends, uint8_t *copy, record_t *record)
{
    memcpy(copy, ends->record, ends->size);
    CHECK_EQ(record_split(copy, ends->size, 0, record), DTLS_DROP_COUNT);
    CHECK_EQ(record_check(record), DTLS_DROP_COUNT);
    return record_open(&ends->read, record);
}
