/*
 * common_record.h - an epoch of each suite, with its write end and its read end.
 */
#ifndef UNIT_COMMON_RECORD_H
#define UNIT_COMMON_RECORD_H

#include "common.h"
#include "record/record.h"

enum { RECORD_ROOM = RECORD_HEADER + RECORD_MAX_CIPHERTEXT + 64 };

extern const uint8_t ends_key[AEAD_MAX_KEY], ends_iv[AEAD_NONCE];
extern const write_keys_t ends_keys; /* the keys of both epochs */

typedef struct {
    const suite_t *suite;
    crypto_t *crypto;
    epoch_t write, read;
    uint8_t record[RECORD_ROOM]; /* the last record sealed */
    size_t size;
} ends_t;

/* The suites with an AEAD. */
void ends_each_suite(void (*run)(ends_t *ends));
/* Seals length bytes of value into ends->record, with the next sequence number. */
void ends_seal(ends_t *ends, uint8_t type, uint8_t value, size_t length);
/* Opens a copy of ends->record. */
dtls_drop_t ends_open(ends_t *ends, uint8_t *copy, record_t *record);

#endif
