/*
 * record.h - the record layer: headers, epochs, sealing and opening.
 *
 * An epoch_t holds the keys and counters of one epoch in one direction. Its form determines the
 * header and the protection of its records: plaintext, DTLS 1.2, DTLS 1.2 with a connection ID, or
 * DTLS 1.3. To seal is to encrypt and authenticate; to open is to verify and decrypt.
 */
#ifndef RECORD_H
#define RECORD_H

#include "base/alloc.h"
#include "base/bytes.h"
#include "crypto/kdf12.h"
#include "crypto/kdf13.h"
#include "crypto/suite.h"
#include "dtls.h"
#include "record/window.h"

#include <stddef.h>

/* The length in bytes of the long header (RFC 6347 section 4.1). */
#define RECORD_HEADER 13
#define RECORD_MAX_PLAINTEXT 16384 /* the most bytes of content in a record */
/* The most bytes of payload in a DTLS 1.2 record. */
#define RECORD_MAX_CIPHERTEXT 18432
/* The most bytes of payload in a DTLS 1.3 record. */
#define RECORD_MAX_CIPHERTEXT13 (RECORD_MAX_PLAINTEXT + 256)
#define SEQUENCE_MAX (((uint64_t)1 << 48) - 1)
/* The numbers of the epochs of DTLS 1.3 (RFC 9147 section 6.1). */
#define EPOCH_EARLY 1
#define EPOCH_HANDSHAKE 2
#define EPOCH_TRAFFIC 3 /* the first epoch of application traffic */
#define EPOCH_SLOTS 4   /* one slot for each value of the low two bits of an epoch */

#define OWN_CID_MAX 20 /* length in bytes of the longest connection ID that we issue */

/* A connection ID that the peer has issued. */
typedef struct {
    uint8_t length; /* 0: there is no connection ID */
    uint8_t bytes[UINT8_MAX];
} cid_t;

/* A record. record_split() fills it in from a datagram. record_open() then decrypts it in place.
 * A record has one of two headers. The long header has 13 bytes, and is that of DTLS 1.2 and of all
 * plaintext records. The unified header is short, and is that of protected records in DTLS 1.3 (RFC
 * 9147 section 4). With the unified header some fields are known only after record_open(). */
typedef struct {
    uint8_t type;      /* content type; with the unified header: 0 until record_open() */
    bool authentic;    /* record_open() has succeeded */
    bool unified;      /* true: the unified header; false: the long header */
    bool has_length;   /* the header has a length field; false: the record ends with its datagram */
    uint16_t version;  /* the version in a long header */
    uint16_t epoch;    /* with the unified header: only the low two bits until record_open() */
    uint64_t sequence; /* with the unified header: the low bits, masked, until record_open() */
    /* With the unified header: length of the sequence number in the header, 1 or 2 bytes. */
    uint8_t sequence_length;
    const uint8_t *cid; /* the connection ID in the header; NULL: the header has none */
    uint8_t cid_length;
    uint8_t *bytes;   /* the first byte of the header */
    uint8_t *payload; /* what follows the header; after record_open(): the decrypted content */
    size_t size;      /* length of the whole record: header and payload as received */
    size_t length;    /* length of the payload in bytes */
} record_t;

typedef struct epoch epoch_t;

/* The format and the protection of the records of an epoch. */
typedef struct {
    bool unified; /* the records have the unified header (see record_t) */
    /* Returns the maximum number of bytes that sealing adds to a plaintext: header, explicit nonce,
     * type, CBC padding, tag. Does not include the padding that DTLS 1.3 adds to a very short
     * plaintext. */
    size_t (*overhead)(const epoch_t *epoch);
    /* Returns how many of the bytes of overhead() come before the plaintext. */
    size_t (*prefix)(const epoch_t *epoch);
    /* Returns the length of the shortest payload that open() accepts. */
    size_t (*least)(const epoch_t *epoch);
    /* Seals the plaintext of length bytes that the caller has put at start + prefix(). The record
     * begins at start. Returns its size, or 0 if libcrypto fails. */
    size_t (*seal)(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start, size_t length);
    /* Verifies and decrypts the payload in place. The caller has checked that the payload has at
     * least least() bytes. Returns true if the record is authentic. */
    bool (*open)(epoch_t *epoch, record_t *record);
} record_form_t;

/* One epoch in one direction. A comment that begins with "read:" or "write:" marks a field that is
 * used only in epochs in which we receive or only in those in which we send. */
struct epoch {
    /* Format and protection of the records; NULL: no epoch. */
    const record_form_t *form;
    const suite_t *suite;
    aead_t *aead;
    /* DTLS 1.3: encrypts record numbers. CBC: makes nonces that cannot be predicted. */
    mask_t *mask;
    const cid_t *cid; /* write: the connection ID in every record; NULL: records have none */
    uint64_t number;
    bool cbc;
    bool seals;     /* we send in this epoch */
    uint16_t limit; /* the most bytes of content that a record of this epoch may have */
    uint8_t iv[AEAD_NONCE];
    uint64_t sequence; /* write: sequence number of the next record */
    /* An epoch in which we send has no memory for the fields from here on: EPOCH_WRITE_SIZE. */
    window_t window;     /* read: the replay window */
    uint64_t first_data; /* read: sequence number of the first record after the handshake */
    /* Read: how many different records with a number from first_data on were received. */
    uint64_t unique;
    uint64_t open_failures; /* read: how many records failed authentication */
};

#define EPOCH_WRITE_SIZE offsetof(epoch_t, window)
/* Allocates an epoch without keys. seals: as for epoch_dtls12(). Returns NULL if memory is
 * short. */
epoch_t *epoch_new(const alloc_t *alloc, bool seals);
/* Ends and frees an epoch. Does nothing if it is NULL. */
void epoch_free(const alloc_t *alloc, epoch_t *epoch);

/* Copies *from to *epoch. If we send in this epoch, copies only the first EPOCH_WRITE_SIZE bytes,
 * because no memory is allocated for the other fields. */
void epoch_start(epoch_t *epoch, const epoch_t *from);
/* Makes *epoch the plaintext epoch 0, in which we send, which has no protection. */
void epoch_plaintext(epoch_t *epoch);
/* Makes *epoch the epoch 1 of DTLS 1.2 with these keys. with_cid: its records have a connection ID.
 * seal: true for an epoch in which we send, false for one in which we receive. Returns false if
 * libcrypto fails. */
bool epoch_dtls12(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, const write_keys_t *keys,
                  bool with_cid, bool seal);
/* Makes *epoch an epoch of DTLS 1.3 with this number and the keys of this traffic secret. seal:
 * true for an epoch in which we send, false for one in which we receive. Returns false if libcrypto
 * fails. */
bool epoch_dtls13(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, uint64_t number,
                  const uint8_t *secret, bool seal);
/* Returns how many records are lost that the peer has sent in this epoch after the handshake. */
uint64_t epoch_lost(const epoch_t *epoch);
/* Frees the keys and wipes *epoch. Does nothing if *epoch holds no epoch. */
void epoch_end(epoch_t *epoch);

/* Seals one record, whose plaintext of length bytes the caller has put at start + form->prefix().
 * Returns the size of the record. Returns 0 if no sequence number is left or libcrypto fails. */
size_t record_seal(epoch_t *epoch, uint8_t type, uint8_t *start, size_t length);
/* Returns true if the write keys have sealed the maximum number of records (suite_t.seal_limit), or
 * if no sequence number is left. */
bool record_exhausted(const epoch_t *epoch);

/* Parses the first record of a datagram. own_cid is the length of the connection IDs that we issue,
 * because a record does not carry the length of its connection ID. Returns DTLS_DROP_COUNT on
 * success. Otherwise returns the reason to drop the rest of the datagram. */
dtls_drop_t record_split(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* Returns true if the first byte is that of a unified header, but the bytes would also make a long
 * header with a valid version. */
bool record_header_is_ambiguous(const uint8_t *datagram, size_t length);
/* Parses the first record of a datagram as record_split() does, but always with a long header (see
 * record_t), whatever its first byte is. */
dtls_drop_t record_split_long(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* Checks type, version and length of a record, for which no keys are needed. Returns
 * DTLS_DROP_COUNT if they are valid. Otherwise returns the reason to drop the record. */
dtls_drop_t record_check(const record_t *record);

/* Sets record->type to the content type at the end of an inner plaintext (RFC 8446 section 5.4, RFC
 * 9146 section 4). Removes the type, and the zeros of the padding that follow it. If there are only
 * zeros, sets the type to 0. */
void record_find_type(record_t *record);
/* Returns the length of the connection ID that each record of a write epoch has, or 0. */
static inline size_t epoch_cid_length(const epoch_t *epoch)
{
    return epoch->cid ? epoch->cid->length : 0;
}

/* Verifies a record, decrypts it in place, and marks its sequence number in the replay window. Sets
 * type, sequence, epoch, payload and length to those of the content. Returns DTLS_DROP_COUNT on
 * success. Otherwise returns the reason to drop the record. */
dtls_drop_t record_open(epoch_t *epoch, record_t *record);

#define RECORD_PROTECTED 0
/* Returns a keyed hash of a plaintext record and its header. No peer knows the key. Returns
 * RECORD_PROTECTED for a protected record. */
uint64_t record_digest(const uint8_t key[16], const record_t *record);

#endif
