/*
 * record.h - the record layer: headers, epochs, sealing and opening.
 *
 * An epoch is everything that protects records of one number in one direction. How its records look
 * on the wire and how they are sealed is its form; the plaintext form has no keys.
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

#define RECORD_HEADER 13                                     /* RFC 6347 section 4.1 */
#define RECORD_MAX_PLAINTEXT 16384                           /* RFC 5246 section 6.2.1 */
#define RECORD_MAX_CIPHERTEXT 18432                          /* RFC 5246 section 6.2.3 */
#define RECORD_MAX_CIPHERTEXT13 (RECORD_MAX_PLAINTEXT + 256) /* RFC 8446 section 5.2 */
#define SEQUENCE_MAX (((uint64_t)1 << 48) - 1)
#define EPOCH_EARLY 1 /* DTLS 1.3, RFC 9147 section 6.1 */
#define EPOCH_HANDSHAKE 2
#define EPOCH_APPLICATION 3 /* and those after it */
#define EPOCH_TRAFFIC 3     /* and all after it */
#define EPOCH_SLOTS 4 /* an association keeps an epoch for each value of its two lowest bits */

#define OWN_CID_MAX 20 /* bytes of a connection ID that we give out */

/* A connection ID of the peer's, of any length that there is. */
typedef struct {
    uint8_t length; /* 0: none */
    uint8_t bytes[UINT8_MAX];
} cid_t;

/* A record: as split off a datagram, later as opened. bytes is the header, payload follows it. */
typedef struct {
    uint8_t type;    /* of the content; 0: not known before it is opened */
    bool authentic;  /* it has been opened */
    bool unified;    /* the short header of DTLS 1.3, RFC 9147 section 4 */
    bool has_length; /* false: it takes the rest of its datagram */
    uint16_t version;
    uint16_t epoch;    /* unified: its two lowest bits until it is opened */
    uint64_t sequence; /* unified: masked low bits until it is opened */
    uint8_t sequence_length;
    const uint8_t *cid; /* NULL: it has none; else one of ours, by its length */
    uint8_t cid_length;
    uint8_t *bytes, *payload;
    size_t size;   /* header and payload on the wire */
    size_t length; /* of payload */
} record_t;

typedef struct epoch epoch_t;

typedef struct {
    bool unified; /* which header its records have */
    /* Bytes that sealing adds to a plaintext, at most: header, explicit nonce, type, padding, tag. */
    size_t (*overhead)(const epoch_t *epoch);
    /* Bytes of that in front of the plaintext. */
    size_t (*prefix)(const epoch_t *epoch);
    /* The shortest payload that can open. */
    size_t (*least)(const epoch_t *epoch);
    /* Seals the length bytes of plaintext that stand prefix() bytes behind start. Returns the
     * record's size, 0: libcrypto failed. */
    size_t (*seal)(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start, size_t length);
    /* Opens in place a payload of at least() bytes or more. */
    bool (*open)(epoch_t *epoch, record_t *record);
} record_form_t;

struct epoch {
    const record_form_t *form; /* NULL: this epoch does not exist (yet) */
    const suite_t *suite;
    aead_t *aead;
    mask_t *mask;     /* DTLS 1.3, and CBC: what no one else can compute from a number */
    const cid_t *cid; /* write: in every record; NULL: none */
    uint64_t number;
    bool cbc;
    uint16_t limit; /* most bytes of content in a record */
    uint8_t iv[AEAD_NONCE];
    uint64_t sequence;   /* write: of the next record */
    window_t window;     /* read */
    uint64_t first_data; /* read: number of the first record after the handshake's */
    uint64_t unique;     /* read: records from there on, each once */
    uint64_t open_failures;
};

void epoch_plaintext(epoch_t *epoch);
/* Epoch 1 of DTLS 1.2; with_cid: its records have a connection ID. False: libcrypto failed. */
bool epoch_dtls12(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, const write_keys_t *keys,
                  bool with_cid, bool seal);
/* An epoch of DTLS 1.3 from its traffic secret. */
bool epoch_dtls13(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, uint64_t number,
                  const uint8_t *secret, bool seal);
/* Gaps so far in the numbers of the peer's records after the handshake. */
uint64_t epoch_lost(const epoch_t *epoch);
void epoch_end(epoch_t *epoch); /* wipes it; it may be empty */

/* Seals one record: plaintext already stands at start + form->prefix(). Returns its size on the
 * wire, or 0 when the sequence numbers are used up or libcrypto failed. */
size_t record_seal(epoch_t *epoch, uint8_t type, uint8_t *start, size_t length);
bool record_exhausted(const epoch_t *epoch); /* no further record may be sealed */

/* Splits the next record off the datagram; the connection IDs that we give out have own_cid bytes, as
 * nothing in a record tells. DTLS_DROP_COUNT: fine, else why the rest is useless. */
dtls_drop_t record_split(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* Does it look like the short header, and have a version where the long one has it? */
bool record_header_is_ambiguous(const uint8_t *datagram, size_t length);
/* Splits it off as one with the long header, whatever its first byte says. */
dtls_drop_t record_split_long(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* Type, version and length, whatever the epoch's keys are. DTLS_DROP_COUNT: fine. */
dtls_drop_t record_check(const record_t *record);

/* Takes zeros off the end of an inner plaintext, then the content type: RFC 8446 section 5.4, RFC 9146
 * section 4. Without any the type is 0. */
void record_find_type(record_t *record);
/* Bytes of the connection ID that goes into each record. */
static inline size_t epoch_cid_length(const epoch_t *epoch)
{
    return epoch->cid ? epoch->cid->length : 0;
}

/* Authenticates and decrypts in place, then marks the number in the window. On success type,
 * number, payload and length are those of the content. DTLS_DROP_COUNT: fine. */
dtls_drop_t record_open(epoch_t *epoch, record_t *record);

/* A keyed digest of a plaintext record, header and all; RECORD_PROTECTED of any other. */
#define RECORD_PROTECTED 0
uint64_t record_digest(const uint8_t key[16], const record_t *record);

#endif
