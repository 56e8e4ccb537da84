#include "record/record.h"

#include "base/iana.h"
#include "base/siphash.h"
#include "base/wipe.h"

#include <string.h>

static size_t size_of(const epoch_t *epoch)
{
    return epoch->seals ? EPOCH_WRITE_SIZE : sizeof *epoch;
}

epoch_t *epoch_new(const alloc_t *alloc, bool seals)
{
    epoch_t *epoch = alloc_zeroed(alloc, seals ? EPOCH_WRITE_SIZE : sizeof *epoch);
    if (epoch)
        epoch->seals = seals;
    return epoch;
}

void epoch_free(const alloc_t *alloc, epoch_t *epoch)
{
    if (!epoch)
        return;
    epoch_end(epoch);
    alloc->release(alloc->hook, epoch);
}

void epoch_start(epoch_t *epoch, const epoch_t *from)
{
    memcpy(epoch, from, size_of(from));
}

void epoch_end(epoch_t *epoch)
{
    aead_free(epoch->aead);
    mask_free(epoch->mask);
    wipe(epoch, size_of(epoch));
}

/* Counts the sequence numbers from first_data to window.next - 1 that were not received. The peer
 * has used all these numbers, because it has used a higher one. */
uint64_t epoch_lost(const epoch_t *epoch)
{
    uint64_t next = epoch->window.next;
    return next > epoch->first_data ? next - epoch->first_data - epoch->unique : 0;
}

bool record_exhausted(const epoch_t *epoch)
{
    return epoch->sequence > SEQUENCE_MAX ||
           (epoch->suite && epoch->sequence >= epoch->suite->seal_limit);
}

size_t record_seal(epoch_t *epoch, uint8_t type, uint8_t *start, size_t length)
{
    /* Seal a record even beyond seal_limit, because the alert that reports the limit is such a
     * record. Never use a sequence number twice. */
    if (epoch->sequence > SEQUENCE_MAX)
        return 0;
    size_t size = epoch->form->seal(epoch, type, epoch->sequence, start, length);
    if (size > 0)
        epoch->sequence++;
    return size;
}

/* ---- the two headers, which differ in the first byte: RFC 9147 section 4.1 ---- */

#define UNIFIED_MASK 0xe0
#define UNIFIED_BITS 0x20
#define UNIFIED_CID 0x10
#define UNIFIED_SEQUENCE_16 0x08
#define UNIFIED_LENGTH 0x04
#define UNIFIED_EPOCH 0x03

static void take_header_cid(reader_t *r, size_t own_cid, record_t *record)
{
    record->cid = take_bytes(r, own_cid);
    record->cid_length = (uint8_t)own_cid;
    if (own_cid == 0)
        r->failed = true; /* a header with a connection ID, but we have issued none */
}

static void take_long_header(reader_t *r, size_t own_cid, record_t *record)
{
    record->type = take_u8(r);
    record->version = take_u16(r);
    record->epoch = take_u16(r);
    record->sequence = take_uint(r, 6);
    if (record->type == CONTENT_TLS12_CID)
        take_header_cid(r, own_cid, record);
    record->length = take_u16(r);
    record->has_length = true;
}

static void take_unified_header(reader_t *r, size_t own_cid, record_t *record)
{
    uint8_t first = take_u8(r);
    record->unified = true;
    record->epoch = first & UNIFIED_EPOCH;
    record->sequence_length = first & UNIFIED_SEQUENCE_16 ? 2 : 1;
    if (first & UNIFIED_CID)
        take_header_cid(r, own_cid, record);
    record->sequence = take_uint(r, record->sequence_length);
    record->has_length = first & UNIFIED_LENGTH;
    record->length = record->has_length ? take_u16(r) : reader_left(r);
}

static bool is_unified(const uint8_t *datagram, size_t length)
{
    return length > 0 && (datagram[0] & UNIFIED_MASK) == UNIFIED_BITS;
}

bool record_header_is_ambiguous(const uint8_t *datagram, size_t length)
{
    if (!is_unified(datagram, length))
        return false;
    record_t as_long, *record = &as_long;
    reader_t r = reader(datagram, length);
    take_long_header(&r, 0, record);
    return record->version == VERSION_DTLS12 || record->version == VERSION_DTLS10;
}

static dtls_drop_t split_record(uint8_t *datagram, size_t length, size_t own_cid, bool unified,
                                record_t *record)
{
    reader_t r = reader(datagram, length);
    *record = (record_t){.bytes = datagram, .size = length};
    if (unified)
        take_unified_header(&r, own_cid, record);
    else
        take_long_header(&r, own_cid, record);
    if (r.failed)
        return DTLS_DROP_NOT_A_RECORD;
    size_t header = length - reader_left(&r);
    record->payload = datagram + header;
    record->size = header + record->length;
    return take_bytes(&r, record->length) ? DTLS_DROP_COUNT : DTLS_DROP_TRUNCATED;
}

dtls_drop_t record_split(uint8_t *datagram, size_t length, size_t own_cid, record_t *record)
{
    return split_record(datagram, length, own_cid, is_unified(datagram, length), record);
}

dtls_drop_t record_split_long(uint8_t *datagram, size_t length, size_t own_cid, record_t *record)
{
    return split_record(datagram, length, own_cid, false, record);
}

static bool is_known_type(const record_t *record)
{
    switch (record->type) {
    case CONTENT_CHANGE_CIPHER_SPEC:
    case CONTENT_ALERT:
    case CONTENT_HANDSHAKE:
    case CONTENT_APPLICATION_DATA: return true;
    case CONTENT_ACK:
        /* With a long header an ACK can only be plaintext, because DTLS 1.3 sends protected ACKs
         * with a unified header. acked.c drops the plaintext ACK, which may be forged. */
        return record->epoch == 0;
    case CONTENT_HEARTBEAT: return record->epoch > 0;
    case CONTENT_TLS12_CID: return record->cid && record->epoch > 0;
    case CONTENT_RETURN_ROUTABILITY_CHECK: return record->epoch > 0;
    default: return false;
    }
}

dtls_drop_t record_check(const record_t *record)
{
    if (record->unified)
        return record->length > RECORD_MAX_CIPHERTEXT13 ? DTLS_DROP_LENGTH : DTLS_DROP_COUNT;
    if (!is_known_type(record))
        return DTLS_DROP_NOT_A_RECORD;
    /* In epoch 0 DTLS 1.0 is valid too: some clients send it in their hellos, and the version of a
     * record does not tell which version a hello negotiates (RFC 6347 section 4.2.1). */
    if (record->version != VERSION_DTLS12 &&
        (record->version != VERSION_DTLS10 || record->epoch > 0))
        return DTLS_DROP_VERSION;
    if (record->length > (record->epoch > 0 ? RECORD_MAX_CIPHERTEXT : RECORD_MAX_PLAINTEXT))
        return DTLS_DROP_LENGTH;
    return DTLS_DROP_COUNT;
}

/* Makes the checks that come before decryption, because they need no cryptography (RFC 6347 section
 * 4.1.2.6). Returns DTLS_DROP_COUNT, or the reason to drop the record. */
static dtls_drop_t check_before_open(const epoch_t *epoch, const record_t *record)
{
    if (record->length < epoch->form->least(epoch))
        return DTLS_DROP_LENGTH;
    /* Epoch 0 has no replay window: a forged record would make us drop the genuine record with the
     * same number. In a unified header the number is masked, so it can be checked only after the
     * record was opened (RFC 9147 section 4.5.1). */
    if (!record->unified && epoch->number > 0 && !window_fresh(&epoch->window, record->sequence))
        return DTLS_DROP_REPLAYED;
    if (epoch->suite && epoch->open_failures >= epoch->suite->open_limit)
        return DTLS_DROP_LIMIT;
    return DTLS_DROP_COUNT;
}

static dtls_drop_t check_content(const epoch_t *epoch, const record_t *record)
{
    switch (record->type) {
    case CONTENT_APPLICATION_DATA:
        return record->length <= epoch->limit ? DTLS_DROP_COUNT : DTLS_DROP_LENGTH;
    case CONTENT_CHANGE_CIPHER_SPEC:
    case CONTENT_ALERT:
    case CONTENT_HANDSHAKE:
    case CONTENT_ACK:
    case CONTENT_HEARTBEAT:
    case CONTENT_RETURN_ROUTABILITY_CHECK:
        return record->length > 0 && record->length <= epoch->limit ? DTLS_DROP_COUNT
                                                                    : DTLS_DROP_LENGTH;
    default: return DTLS_DROP_UNEXPECTED_TYPE;
    }
}

uint64_t record_digest(const uint8_t key[16], const record_t *record)
{
    bool is_plaintext = record->epoch == 0 && !record->unified;
    return is_plaintext ? siphash(key, record->bytes, record->size) : RECORD_PROTECTED;
}

void record_find_type(record_t *record)
{
    while (record->length > 0 && record->payload[record->length - 1] == 0)
        record->length--;
    record->type = record->length > 0 ? record->payload[--record->length] : 0;
}

dtls_drop_t record_open(epoch_t *epoch, record_t *record)
{
    dtls_drop_t drop = check_before_open(epoch, record);
    if (drop != DTLS_DROP_COUNT)
        return drop;
    if (!epoch->form->open(epoch, record)) {
        epoch->open_failures++;
        return DTLS_DROP_BAD_MAC;
    }
    if (record->unified && !window_fresh(&epoch->window, record->sequence))
        return DTLS_DROP_REPLAYED;
    if (epoch->number > 0)
        window_mark(&epoch->window, record->sequence);
    record->authentic = true;
    return check_content(epoch, record);
}
