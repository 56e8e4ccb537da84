/*
 * keyed.c - what a peer with the key can send. The AEAD is the identity, record numbers are not
 * masked, and if the input says so every HMAC is zero: then each binder, Finished and cookie is
 * valid, and nonsense reaches the code behind the authentication.
 *
 * The linker replaces the functions (--wrap, see the Makefile).
 */
#include "crypto/crypto.h"
#include "fuzz/common_ops.h"

#include <string.h>

static bool no_hmac;

bool __wrap_aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length);
bool __wrap_aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length);
bool __wrap_aead_seal_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length);
bool __wrap_aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length);
bool __wrap_mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE]);
bool __wrap_mac_finish(mac_t *mac, uint8_t *out);
bool __real_mac_finish(mac_t *mac, uint8_t *out);

/* The caller reads the tag that follows the text, whose length only crypto_openssl_aead.c knows. */
bool __wrap_aead_seal(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length)
{
    (void)aead, (void)nonce, (void)aad, (void)aad_length;
    memset(text + length, 0, 8);
    return true;
}

bool __wrap_aead_open(aead_t *aead, const uint8_t *nonce, const uint8_t *aad, size_t aad_length,
                      uint8_t *text, size_t length)
{
    (void)aead, (void)nonce, (void)aad, (void)aad_length, (void)text, (void)length;
    return true;
}

bool __wrap_aead_seal_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length)
{
    (void)aead, (void)aad, (void)payload, (void)length;
    return true;
}

bool __wrap_aead_open_record(aead_t *aead, const uint8_t aad[AEAD_RECORD_AAD], uint8_t *payload,
                             size_t length)
{
    (void)aead, (void)aad, (void)payload, (void)length;
    return true;
}

bool __wrap_mask_make(mask_t *mask, const uint8_t sample[MASK_SAMPLE], uint8_t out[MASK_SAMPLE])
{
    (void)mask, (void)sample;
    memset(out, 0, MASK_SAMPLE);
    return true;
}

bool __wrap_mac_finish(mac_t *mac, uint8_t *out)
{
    bool ok = __real_mac_finish(mac, out);

    if (no_hmac) {
        memset(out, 0, 32);
    }
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const roles_t roles = {
        .accept = {false, true}, .connect = {true, false}, .forgeable = true};
    static const roles_t as_server = {
        .accept = {true, false}, .connect = {false, true}, .forgeable = true};

    no_hmac = size > 6 && data[6] & 8;
    return ops_run(size > 6 && data[6] & 16 ? &as_server : &roles,
                   OPS_NETWORK | OPS_CALLS | OPS_KEYED, data, size);
}
