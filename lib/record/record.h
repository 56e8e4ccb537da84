/*
 * record.h - the record layer: headers, epochs, sealing and opening.
 *
 * An epoch holds the keys and counters of one epoch number in one direction. Its form determines
 * the header and the protection of its records. The plaintext form has no keys.
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
/* The epochs of DTLS 1.3, RFC 9147 section 6.1. */
#define EPOCH_EARLY 1
#define EPOCH_HANDSHAKE 2
#define EPOCH_TRAFFIC 3 /* the first epoch of application traffic */
#define EPOCH_SLOTS 4   /* an association has a slot for each value of an epoch's two low bits */

#define OWN_CID_MAX 20 /* bytes of a connection ID that we issue, at most */

/* A connection ID that the peer has issued. */
typedef struct {
    uint8_t length; /* 0: none */
    uint8_t bytes[UINT8_MAX];
} cid_t;

/* A record. record_split() fills it in from a datagram, record_open() then decrypts it in place.
 * With the unified header of DTLS 1.3 (RFC 9147 section 4) some fields are not known before
 * that. */
typedef struct {
    uint8_t type;            /* content type; unified: 0 before record_open() */
    bool authentic;          /* record_open() has succeeded */
    bool unified;            /* true: unified header; false: the long header */
    bool has_length;         /* false: the record extends to the end of its datagram */
    uint16_t version;        /* long header only */
    uint16_t epoch;          /* unified: the two low bits before record_open() */
    uint64_t sequence;       /* unified: the low bits, masked, before record_open() */
    uint8_t sequence_length; /* unified: bytes of the sequence number on the wire, 1 or 2 */
    const uint8_t *cid;      /* connection ID, in the header; NULL if there is none */
    uint8_t cid_length;
    uint8_t *bytes;   /* the header */
    uint8_t *payload; /* the bytes behind the header; after record_open(), the content */
    size_t size;      /* bytes on the wire: header and payload */
    size_t length;    /* bytes of payload */
} record_t;

typedef struct epoch epoch_t;

/* The record format and protection of an epoch. */
typedef struct {
    bool unified; /* records have the unified header */
    /* Bytes that sealing adds to a plaintext: header, explicit nonce, type, CBC padding, tag. The
     * most that can be needed, except that DTLS 1.3 pads very short records further. */
    size_t (*overhead)(const epoch_t *epoch);
    /* Bytes of the overhead that come before the plaintext. */
    size_t (*prefix)(const epoch_t *epoch);
    /* Bytes of the shortest payload that open() accepts. */
    size_t (*least)(const epoch_t *epoch);
    /* Seals the length bytes of plaintext at start + prefix(). Returns the size of the record, 0 if
     * libcrypto fails. */
    size_t (*seal)(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start, size_t length);
    /* Decrypts the payload in place. The caller has checked that it has at least least() bytes.
     * Returns false if it is not authentic. */
    bool (*open)(epoch_t *epoch, record_t *record);
} record_form_t;

struct epoch {
    const record_form_t *form; /* NULL: this epoch does not exist */
    const suite_t *suite;
    aead_t *aead;
    mask_t *mask;     /* DTLS 1.3: masks record numbers; CBC: makes unpredictable nonces */
    const cid_t *cid; /* write: the connection ID of every record; NULL: none */
    uint64_t number;
    bool cbc;
    uint16_t limit; /* bytes of content in a record, at most */
    uint8_t iv[AEAD_NONCE];
    uint64_t sequence;      /* write: number of the next record */
    window_t window;        /* read: the replay window */
    uint64_t first_data;    /* read: number of the first record after the handshake */
    uint64_t unique;        /* read: distinct records received, from first_data on */
    uint64_t open_failures; /* read: records that failed authentication */
};

/* Starts epoch 0, which has no protection. */
void epoch_plaintext(epoch_t *epoch);
/* Starts epoch 1 of DTLS 1.2. with_cid: its records carry a connection ID. seal: true for the epoch
 * that we write. Returns false if libcrypto fails. */
bool epoch_dtls12(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, const write_keys_t *keys,
                  bool with_cid, bool seal);
/* Starts an epoch of DTLS 1.3 with the keys of its traffic secret. Returns false if libcrypto
 * fails. */
bool epoch_dtls13(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, uint64_t number,
                  const uint8_t *secret, bool seal);
/* Returns how many of the peer's records after the handshake have not arrived. */
uint64_t epoch_lost(const epoch_t *epoch);
/* Frees the keys and wipes the epoch, which may be empty. */
void epoch_end(epoch_t *epoch);

/* Seals one record. Its plaintext is at start + form->prefix(). Returns its size on the wire, or
 * 0 if no sequence number is left or libcrypto fails. */
size_t record_seal(epoch_t *epoch, uint8_t type, uint8_t *start, size_t length);
/* True if the keys have reached their limit, or no sequence number is left. */
bool record_exhausted(const epoch_t *epoch);

/* Parses the first record of a datagram. own_cid: bytes of the connection IDs that we issue,
 * since a record does not carry the length of its connection ID. Returns DTLS_DROP_COUNT on
 * success, else the reason to drop the rest of the datagram. */
dtls_drop_t record_split(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* True if the first byte announces the unified header, but a long header would have a valid
 * version. */
bool record_header_is_ambiguous(const uint8_t *datagram, size_t length);
/* Like record_split(), but parses the long header regardless of the first byte. */
dtls_drop_t record_split_long(uint8_t *datagram, size_t length, size_t own_cid, record_t *record);
/* Checks type, version and length, as far as that needs no keys. Returns DTLS_DROP_COUNT if they
 * are valid, else the reason to drop the record. */
dtls_drop_t record_check(const record_t *record);

/* Removes the padding zeros and the content type from the end of an inner plaintext (RFC 8446
 * section 5.4, RFC 9146 section 4) and sets record->type. If there are only zeros, the type is
 * 0. */
void record_find_type(record_t *record);
/* Bytes of the connection ID that each record of a write epoch carries. */
static inline size_t epoch_cid_length(const epoch_t *epoch)
{
    return epoch->cid ? epoch->cid->length : 0;
}

/* Authenticates and decrypts a record in place, then marks its number in the replay window. On
 * success type, sequence, epoch, payload and length describe the content. Returns
 * DTLS_DROP_COUNT on success, else the reason to drop the record. */
dtls_drop_t record_open(epoch_t *epoch, record_t *record);

#define RECORD_PROTECTED 0
/* Returns a keyed digest of a plaintext record, header included. Returns RECORD_PROTECTED for a
 * protected record. */
uint64_t record_digest(const uint8_t key[16], const record_t *record);

#endif
