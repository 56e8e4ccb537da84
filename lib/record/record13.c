#include "record/record.h"

#include "base/iana.h"
#include "base/wipe.h"

#include <string.h>

/* The header that we send. The sequence number in it has 16 bits, so that a receiver can
 * reconstruct the full number after up to 32767 lost records. The length field is present, so that
 * a datagram can contain several records. We accept every form of the header in RFC 9147 section
 * 4. */
#define FIRST_BYTE 0x2c /* 16-bit sequence number, length field, epoch 0 */
#define FIRST_BYTE_CID 0x10
#define HEADER 5 /* length in bytes of a header without connection ID */
#define HEADER_MAX (HEADER + OWN_CID_MAX)
#define TYPE 1

static size_t dtls13_prefix(const epoch_t *epoch)
{
    return HEADER + epoch_cid_length(epoch);
}

/* Returns the length of the ciphertext of `length` bytes of content. A very short plaintext is
 * padded, because the mask is computed from the first 16 bytes of the ciphertext (RFC 9147 section
 * 4.2.3). */
static size_t ciphertext_length(const epoch_t *epoch, size_t length)
{
    size_t sealed = length + TYPE + suite_tag(epoch->suite);
    return sealed < MASK_SAMPLE ? MASK_SAMPLE : sealed;
}

static size_t dtls13_least(const epoch_t *epoch)
{
    return ciphertext_length(epoch, 0);
}

/* Returns the overhead of a record, without the padding of ciphertext_length(). */
static size_t dtls13_overhead(const epoch_t *epoch)
{
    return dtls13_prefix(epoch) + TYPE + suite_tag(epoch->suite);
}

static void make_nonce(uint8_t nonce[AEAD_NONCE], const epoch_t *epoch, uint64_t sequence)
{
    memcpy(nonce, epoch->iv, AEAD_NONCE);
    /* Only the sequence number goes into the nonce. In DTLS 1.2 the epoch is also a part of the
     * nonce (RFC 9147 section 4). */
    uint8_t *low = nonce + AEAD_NONCE - 8;
    store_uint(low, load_uint(low, 8) ^ sequence, 8);
}

static bool toggle_mask(const epoch_t *epoch, uint8_t *number, size_t width,
                        const uint8_t *ciphertext)
{
    uint8_t mask[MASK_SAMPLE];
    if (!mask_make(epoch->mask, ciphertext, mask))
        return false;
    for (size_t i = 0; i < width; i++)
        number[i] ^= mask[i];
    return true;
}

/* ---- sealing ---- */

/* Writes a header of dtls13_prefix() bytes. */
static void put_header(uint8_t *start, const epoch_t *epoch, uint64_t sequence, size_t sealed)
{
    size_t cid = epoch_cid_length(epoch);
    start[0] = (uint8_t)(FIRST_BYTE | (cid > 0 ? FIRST_BYTE_CID : 0) | (epoch->number & 3));
    if (cid > 0)
        memcpy(start + 1, epoch->cid->bytes, cid);
    store_uint(start + 1 + cid, sequence & 0xffff, 2);
    store_uint(start + 3 + cid, sealed, 2);
}

static size_t dtls13_seal(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start,
                          size_t length)
{
    size_t header = dtls13_prefix(epoch), sealed = ciphertext_length(epoch, length);
    size_t inner = sealed - suite_tag(epoch->suite);
    uint8_t *text = start + header, nonce[AEAD_NONCE];

    put_header(start, epoch, sequence, sealed);
    text[length] = type;
    memset(text + length + TYPE, 0, inner - length - TYPE);
    make_nonce(nonce, epoch, sequence);
    /* The additional data is the header with the number that is not yet masked (RFC 9147 section
     * 4). */
    bool ok = aead_seal(epoch->aead, nonce, start, header, text, inner) &&
              toggle_mask(epoch, text - 4, 2, text);
    return ok ? header + sealed : 0;
}

/* ---- opening ---- */

/* Returns the full sequence number. The header has its low bits, in width bytes. Of all numbers
 * with these low bits, the full number is the one closest to next, which is one above the highest
 * number received (RFC 9147 section 4.2.2). */
static uint64_t reconstruct(uint64_t next, uint64_t low, size_t width)
{
    uint64_t range = (uint64_t)1 << (8 * width);
    uint64_t number = (next & ~(range - 1)) | low;
    if (number > next && number - next > range / 2 && number >= range)
        return number - range;
    if (number < next && next - number > range / 2)
        return number + range;
    return number;
}

static bool dtls13_open(epoch_t *epoch, record_t *record)
{
    uint8_t header[HEADER_MAX], nonce[AEAD_NONCE];
    size_t header_length = record->size - record->length, width = record->sequence_length;
    uint8_t *number = header + 1 + record->cid_length;
    size_t tag = suite_tag(epoch->suite);

    memcpy(header, record->bytes, header_length);
    if (!toggle_mask(epoch, number, width, record->payload))
        return false;
    uint64_t sequence = reconstruct(epoch->window.next, load_uint(number, width), width);
    make_nonce(nonce, epoch, sequence);
    if (!aead_open(epoch->aead, nonce, header, header_length, record->payload, record->length))
        return false;
    record->sequence = sequence;
    record->epoch = (uint16_t)epoch->number;
    record->length -= tag;
    if (record->length > (size_t)epoch->limit + TYPE)
        /* The plaintext is too long with its padding (RFC 8446 section 5.4). Store a valid type, so
         * that record_open() drops the record because of its length. */
        record->type = CONTENT_APPLICATION_DATA;
    else
        record_find_type(record);
    return true;
}

static const record_form_t dtls13_form = {true,         dtls13_overhead, dtls13_prefix,
                                          dtls13_least, dtls13_seal,     dtls13_open};

bool epoch_dtls13(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, uint64_t number,
                  const uint8_t *secret, bool sealing)
{
    traffic_keys_t keys;
    bool ok = kdf13_traffic_keys(crypto, suite, secret, &keys);
    if (ok) {
        epoch_start(epoch, &(epoch_t){.form = &dtls13_form,
                                      .suite = suite,
                                      .number = number,
                                      .limit = RECORD_MAX_PLAINTEXT,
                                      .seals = sealing,
                                      .first_data = number == EPOCH_HANDSHAKE ? UINT64_MAX : 0});
        memcpy(epoch->iv, keys.iv, AEAD_NONCE);
        epoch->aead = aead_new(crypto, suite->aead, keys.key, sealing);
        epoch->mask = mask_new(crypto, suite->aead, keys.sn);
        ok = epoch->aead && epoch->mask;
    }
    wipe(&keys, sizeof keys);
    return ok;
}
