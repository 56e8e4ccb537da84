#include "message/secrets.h"

#include "base/bytes.h"
#include "base/wipe.h"
#include "crypto/kdf13.h"

#include <string.h>

bool secrets_set(secrets_t *secrets, crypto_t *crypto, const uint8_t *bytes, size_t count)
{
    secrets_t fresh = {.crypto = crypto, .count = count};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        memcpy(fresh.bytes[i], bytes + i * DTLS_SECRET, DTLS_SECRET);
        ok = kdf13_own(crypto, fresh.bytes[i], "secret name", NULL, 0, fresh.names[i], SECRET_NAME);
    }
    if (ok)
        *secrets = fresh;
    wipe(&fresh, sizeof fresh);
    return ok;
}

bool secrets_cookie_key(const secrets_t *secrets, size_t index, uint64_t period,
                        uint8_t out[DTLS_SECRET])
{
    uint8_t context[8];
    writer_t w = writer(context, sizeof context);
    put_uint(&w, period, sizeof context);
    return kdf13_own(secrets->crypto, secrets->bytes[index], "cookie key", context, sizeof context,
                     out, DTLS_SECRET);
}

bool secrets_ticket_key(const secrets_t *secrets, size_t index, const uint8_t *name, size_t length,
                        uint8_t out[AEAD_MAX_KEY])
{
    return kdf13_own(secrets->crypto, secrets->bytes[index], "ticket key", name, length, out,
                     AEAD_MAX_KEY);
}
