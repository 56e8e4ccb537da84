#include "record/record.h"

#include "base/iana.h"

#include <string.h>

static void put_header(uint8_t *start, uint8_t type, const epoch_t *epoch, uint64_t sequence,
                       size_t length)
{
    start[0] = type;
    store_uint(start + 1, VERSION_DTLS12, 2);
    store_uint(start + 3, epoch->number << 48 | sequence, 8);
    store_uint(start + 11, length, 2);
}

/* ---- plaintext: epoch 0 ---- */

static size_t plaintext_overhead(const epoch_t *epoch)
{
    (void)epoch;
    return RECORD_HEADER;
}

static size_t plaintext_least(const epoch_t *epoch)
{
    (void)epoch;
    return 0;
}

static size_t plaintext_seal(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start,
                             size_t length)
{
    put_header(start, type, epoch, sequence, length);
    return RECORD_HEADER + length;
}

static bool plaintext_open(epoch_t *epoch, record_t *record)
{
    (void)epoch, (void)record;
    return true;
}

static const record_form_t plaintext_form = {
    false, plaintext_overhead, plaintext_overhead, plaintext_least, plaintext_seal, plaintext_open};

void epoch_plaintext(epoch_t *epoch)
{
    epoch_start(epoch,
                &(epoch_t){.form = &plaintext_form, .limit = RECORD_MAX_PLAINTEXT, .seals = true});
}

/* ---- DTLS 1.2: AEAD, RFC 5246 section 6.2.3.3; CBC with encrypt-then-MAC, RFC 7366 ---- */

static size_t dtls12_prefix(const epoch_t *epoch)
{
    return RECORD_HEADER + epoch->suite->explicit_nonce;
}

static size_t dtls12_least(const epoch_t *epoch)
{
    size_t padding = epoch->cbc ? CBC_BLOCK : 0;
    return epoch->suite->explicit_nonce + padding + suite_tag(epoch->suite);
}

static size_t dtls12_overhead(const epoch_t *epoch)
{
    return RECORD_HEADER + dtls12_least(epoch);
}

static uint64_t number_on_wire(const epoch_t *epoch, uint64_t sequence)
{
    return epoch->number << 48 | sequence;
}

/* Makes the additional data (RFC 5246 section 6.2.3.3). Unlike in the header, epoch and sequence
 * number come first. */
static void make_aad(uint8_t aad[AEAD_RECORD_AAD], const epoch_t *epoch, uint8_t type,
                     uint64_t sequence, size_t length)
{
    store_uint(aad, number_on_wire(epoch, sequence), 8);
    aad[8] = type;
    store_uint(aad + 9, VERSION_DTLS12, 2);
    store_uint(aad + 11, length, 2);
}

/* Pads CBC text to whole blocks, and returns its new length. Each byte of the padding has the value
 * of the length of the padding minus 1 (RFC 5246 section 6.2.3.2). */
static size_t pad(const epoch_t *epoch, uint8_t *text, size_t length)
{
    if (!epoch->cbc)
        return length;
    size_t padding = CBC_BLOCK - length % CBC_BLOCK;
    memset(text + length, (int)padding - 1, padding);
    return length + padding;
}

/* Removes the CBC padding. Returns false if the padding is malformed. This need not be
 * constant-time: the MAC covers the ciphertext and has been verified (RFC 7366 section 3), so an
 * attacker does not control the padding. */
static bool strip_padding(record_t *record)
{
    uint8_t value = record->payload[record->length - 1];
    size_t padding = (size_t)value + 1;
    if (padding > record->length)
        return false;
    record->length -= padding;
    for (size_t i = 0; i < padding; i++)
        if (record->payload[record->length + i] != value)
            return false;
    return true;
}

/* Returns the value of the length field in the additional data. With CBC the field counts the nonce
 * and the ciphertext, without the MAC (RFC 7366 section 3). */
static size_t length_in_aad(const epoch_t *epoch, size_t inner)
{
    return epoch->cbc ? epoch->suite->explicit_nonce + inner : inner;
}

/* Writes the explicit nonce: epoch and sequence number, which never repeat. A CBC nonce must also
 * be unpredictable, so these numbers are encrypted under the key (NIST SP 800-38A appendix C). */
static bool put_explicit_nonce(const epoch_t *epoch, uint64_t sequence, uint8_t *out)
{
    uint8_t number[MASK_SAMPLE] = {0};
    if (!epoch->cbc) {
        writer_t w = writer(out, epoch->suite->explicit_nonce);
        put_uint(&w, number_on_wire(epoch, sequence), epoch->suite->explicit_nonce);
        return true;
    }
    store_uint(number + MASK_SAMPLE - 8, number_on_wire(epoch, sequence), 8);
    return mask_make(epoch->mask, number, out);
}

#define NONCE_MAX CBC_BLOCK

/* Computes the nonce of a record:
 * - GCM and CCM: the fixed part, then the explicit part from the record (RFC 5288 section 3, RFC
 *   6655 section 3);
 * - CBC: the explicit part only;
 * - ChaCha20-Poly1305: the fixed part XOR epoch and sequence number (RFC 7905 section 2). */
static void make_nonce(uint8_t nonce[NONCE_MAX], const epoch_t *epoch, uint64_t sequence,
                       const uint8_t *explicit_nonce)
{
    memcpy(nonce, epoch->iv, AEAD_NONCE);
    if (epoch->suite->explicit_nonce > 0) {
        memcpy(nonce + epoch->suite->fixed_iv, explicit_nonce, epoch->suite->explicit_nonce);
        return;
    }
    uint8_t *low = nonce + AEAD_NONCE - 8;
    store_uint(low, load_uint(low, 8) ^ number_on_wire(epoch, sequence), 8);
}

static size_t cbc_seal(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start,
                       size_t length)
{
    uint8_t aad[AEAD_RECORD_AAD];
    uint8_t *nonce = start + RECORD_HEADER, *text = nonce + CBC_BLOCK;
    size_t inner = pad(epoch, text, length);
    size_t payload = CBC_BLOCK + inner + suite_tag(epoch->suite);

    put_header(start, type, epoch, sequence, payload);
    if (!put_explicit_nonce(epoch, sequence, nonce))
        return 0;
    make_aad(aad, epoch, type, sequence, length_in_aad(epoch, inner));
    bool ok = aead_seal(epoch->aead, nonce, aad, sizeof aad, text, inner);
    return ok ? RECORD_HEADER + payload : 0;
}

static bool cbc_open(epoch_t *epoch, record_t *record)
{
    size_t inner = record->length - CBC_BLOCK - suite_tag(epoch->suite);
    uint8_t aad[AEAD_RECORD_AAD];

    make_aad(aad, epoch, record->type, record->sequence, length_in_aad(epoch, inner));
    if (!aead_open(epoch->aead, record->payload, aad, sizeof aad, record->payload + CBC_BLOCK,
                   record->length - CBC_BLOCK))
        return false;
    record->payload += CBC_BLOCK;
    record->length = inner;
    return strip_padding(record);
}

static const record_form_t cbc_form = {false,        dtls12_overhead, dtls12_prefix,
                                       dtls12_least, cbc_seal,        cbc_open};

static size_t dtls12_seal(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start,
                          size_t length)
{
    size_t explicit_and_text = epoch->suite->explicit_nonce + length;
    size_t payload = explicit_and_text + suite_tag(epoch->suite);
    uint8_t aad[AEAD_RECORD_AAD];

    put_header(start, type, epoch, sequence, payload);
    make_aad(aad, epoch, type, sequence, explicit_and_text);
    bool ok = aead_seal_record(epoch->aead, aad, start + RECORD_HEADER, payload);
    return ok ? RECORD_HEADER + payload : 0;
}

static bool dtls12_open(epoch_t *epoch, record_t *record)
{
    uint8_t aad[AEAD_RECORD_AAD];

    make_aad(aad, epoch, record->type, record->sequence, record->length);
    if (!aead_open_record(epoch->aead, aad, record->payload, record->length))
        return false;
    record->payload += epoch->suite->explicit_nonce;
    record->length -= epoch->suite->explicit_nonce + suite_tag(epoch->suite);
    return true;
}

static const record_form_t dtls12_form = {false,        dtls12_overhead, dtls12_prefix,
                                          dtls12_least, dtls12_seal,     dtls12_open};

/* ---- DTLS 1.2 with a connection ID, RFC 9146: the content type is encrypted ---- */

#define TYPE 1
#define CID_AAD_MAX (8 + 1 + 1 + 1 + 2 + 8 + UINT8_MAX + 2)

static size_t cid_prefix(const epoch_t *epoch)
{
    return dtls12_prefix(epoch) + epoch_cid_length(epoch);
}

/* Returns the length of the shortest payload with a connection ID. With CBC the content type takes
 * the place of one byte of padding. */
static size_t cid_least(const epoch_t *epoch)
{
    return dtls12_least(epoch) + (epoch->cbc ? 0 : TYPE);
}

static size_t cid_overhead(const epoch_t *epoch)
{
    return RECORD_HEADER + epoch_cid_length(epoch) + dtls12_least(epoch) + TYPE;
}

/* Makes the additional data of a record with a connection ID (RFC 9146 section 5.3). Returns its
 * length. */
static size_t make_cid_aad(uint8_t aad[CID_AAD_MAX], const epoch_t *epoch, uint64_t sequence,
                           const uint8_t *cid, size_t cid_length, size_t inner)
{
    writer_t w = writer(aad, CID_AAD_MAX);
    put_uint(&w, UINT64_MAX, 8);
    put_u8(&w, CONTENT_TLS12_CID);
    put_u8(&w, (unsigned)cid_length);
    put_u8(&w, CONTENT_TLS12_CID);
    put_u16(&w, VERSION_DTLS12);
    put_uint(&w, number_on_wire(epoch, sequence), 8);
    put_bytes(&w, cid, cid_length);
    put_u16(&w, (unsigned)inner);
    return writer_length(&w);
}

static size_t cid_seal(epoch_t *epoch, uint8_t type, uint64_t sequence, uint8_t *start,
                       size_t length)
{
    const suite_t *suite = epoch->suite;
    const cid_t *cid = epoch->cid;
    size_t explicit_length = suite->explicit_nonce;
    uint8_t aad[CID_AAD_MAX], nonce[NONCE_MAX];
    uint8_t *text = start + cid_prefix(epoch), *explicit_nonce = text - explicit_length;

    text[length] = type;
    size_t inner = pad(epoch, text, length + TYPE);
    writer_t w = writer(start, cid_prefix(epoch));
    put_u8(&w, CONTENT_TLS12_CID);
    put_u16(&w, VERSION_DTLS12);
    put_uint(&w, number_on_wire(epoch, sequence), 8);
    put_bytes(&w, cid->bytes, cid->length);
    put_u16(&w, (unsigned)(explicit_length + inner + suite_tag(suite)));
    if (!put_explicit_nonce(epoch, sequence, explicit_nonce))
        return 0;
    size_t aad_length =
        make_cid_aad(aad, epoch, sequence, cid->bytes, cid->length, length_in_aad(epoch, inner));
    make_nonce(nonce, epoch, sequence, explicit_nonce);
    bool ok = aead_seal(epoch->aead, nonce, aad, aad_length, text, inner);
    return ok ? cid_prefix(epoch) + inner + suite_tag(suite) : 0;
}

static bool cid_open(epoch_t *epoch, record_t *record)
{
    size_t explicit_nonce = epoch->suite->explicit_nonce, tag = suite_tag(epoch->suite);
    size_t inner = record->length - explicit_nonce - tag;
    uint8_t aad[CID_AAD_MAX], nonce[NONCE_MAX];

    size_t aad_length = make_cid_aad(aad, epoch, record->sequence, record->cid, record->cid_length,
                                     length_in_aad(epoch, inner));
    make_nonce(nonce, epoch, record->sequence, record->payload);
    if (!aead_open(epoch->aead, nonce, aad, aad_length, record->payload + explicit_nonce,
                   inner + tag))
        return false;
    record->payload += explicit_nonce;
    record->length = inner;
    if (epoch->cbc && !strip_padding(record))
        return false;
    record_find_type(record);
    return true;
}

static const record_form_t dtls12_cid_form = {false,     cid_overhead, cid_prefix,
                                              cid_least, cid_seal,     cid_open};

static bool start_cbc(epoch_t *epoch, crypto_t *crypto, const write_keys_t *keys, bool seal)
{
    if (seal)
        epoch->mask = mask_new(crypto, epoch->suite->aead, keys->key);
    return (epoch->mask || !seal) && aead_set_mac_key(epoch->aead, crypto, keys->mac);
}

static const record_form_t *form_of(const epoch_t *epoch, bool with_cid)
{
    if (with_cid)
        return &dtls12_cid_form;
    return epoch->cbc ? &cbc_form : &dtls12_form;
}

static bool start_keys(epoch_t *epoch, crypto_t *crypto, const write_keys_t *keys, bool seal)
{
    if (epoch->cbc)
        return start_cbc(epoch, crypto, keys, seal);
    return epoch->form != &dtls12_form ||
           aead_start_records(epoch->aead, keys->iv, epoch->suite->fixed_iv);
}

/* With a connection ID, sets the limit of content one byte lower, because the content type then
 * counts as one of the 2^14 bytes of plaintext (RFC 9146 section 5). */
bool epoch_dtls12(epoch_t *epoch, crypto_t *crypto, const suite_t *suite, const write_keys_t *keys,
                  bool with_cid, bool seal)
{
    epoch_start(epoch, &(epoch_t){.suite = suite,
                                  .number = 1,
                                  .limit = with_cid && seal ? RECORD_MAX_PLAINTEXT - 1
                                                            : RECORD_MAX_PLAINTEXT,
                                  .cbc = suite_mac_key(suite) > 0,
                                  .seals = seal,
                                  .first_data = UINT64_MAX});
    epoch->form = form_of(epoch, with_cid);
    memcpy(epoch->iv, keys->iv, suite->fixed_iv);
    epoch->aead = aead_new(crypto, suite->aead, keys->key, seal);
    return epoch->aead && start_keys(epoch, crypto, keys, seal);
}
