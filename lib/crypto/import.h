/*
 * import.h - imported PSKs (RFC 9258): from the application's key one is derived for each protocol and
 * hash, so that the same key can serve several.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include "base/bytes.h"
#include "crypto/crypto.h"

#define IMPORT_MAX(identity, context) (2 + (identity) + 2 + (context) + 2 + 2)

/* The ImportedIdentity of section 5.1, for DTLS 1.3 and that hash: what travels as the identity. */
void put_imported_identity(writer_t *w, hash_alg_t hash, const uint8_t *identity, size_t length,
                           const uint8_t *context, size_t context_length);
/* Takes one apart; false: it is none, or for another protocol, hash or context. */
bool take_imported_identity(reader_t imported, hash_alg_t hash, const uint8_t *context,
                            size_t context_length, reader_t *identity);
/* The key that belongs to it, in place of the application's; hash_length() bytes. */
bool import_psk(const crypto_t *crypto, hash_alg_t hash, reader_t imported, uint8_t *psk,
                size_t length);

#endif
