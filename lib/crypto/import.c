#include "crypto/import.h"

#include "base/iana.h"
#include "crypto/kdf13.h"

#include <string.h>

/* Returns the number of the hash in the registry TLS KDF Identifiers (RFC 9258 section 10). */
static unsigned kdf_of(hash_alg_t hash)
{
    static const uint16_t kdfs[] = {[HASH_SHA256] = 1, [HASH_SHA384] = 2};
    return kdfs[hash];
}

static void put_target(writer_t *w, hash_alg_t hash)
{
    put_u16(w, VERSION_DTLS13);
    put_u16(w, kdf_of(hash));
}

void put_imported_identity(writer_t *w, hash_alg_t hash, const uint8_t *identity, size_t length,
                           const uint8_t *context, size_t context_length)
{
    put_u16(w, (unsigned)length);
    put_bytes(w, identity, length);
    put_u16(w, (unsigned)context_length);
    put_bytes(w, context, context_length);
    put_target(w, hash);
}

bool take_imported_identity(reader_t imported, hash_alg_t hash, const uint8_t *context,
                            size_t context_length, reader_t *identity)
{
    uint8_t target[4];
    writer_t w = writer(target, sizeof target);
    put_target(&w, hash);
    *identity = take_block(&imported, 2);
    reader_t theirs = take_block(&imported, 2);
    const uint8_t *rest = take_bytes(&imported, sizeof target);
    return reader_done(&imported) && reader_left(identity) > 0 &&
           reader_left(&theirs) == context_length &&
           (context_length == 0 || memcmp(theirs.at, context, context_length) == 0) &&
           memcmp(rest, target, sizeof target) == 0;
}

bool import_psk(const crypto_t *crypto, hash_alg_t hash, reader_t imported, uint8_t *psk,
                size_t length)
{
    return kdf13_import(crypto, imported.at, reader_left(&imported), psk, length, psk,
                        hash_length(hash));
}
