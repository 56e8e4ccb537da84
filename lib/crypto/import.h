/*
 * import.h - imported PSKs (RFC 9258): a PSK for each protocol and hash is derived from the
 * application's key, so that one key can serve several of them.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include "base/bytes.h"
#include "crypto/crypto.h"

/* Bytes of an ImportedIdentity for an identity and a context of these lengths. */
#define IMPORT_MAX(identity, context) (2 + (identity) + 2 + (context) + 2 + 2)

/* Writes the ImportedIdentity (RFC 9258 section 5.1) for DTLS 1.3 and hash. It is sent as the PSK
 * identity. */
void put_imported_identity(writer_t *w, hash_alg_t hash, const uint8_t *identity, size_t length,
                           const uint8_t *context, size_t context_length);
/* Parses an ImportedIdentity and points *identity at the application's identity in it. Returns
 * false if it is malformed, or if its protocol, hash or context is not the expected one. */
bool take_imported_identity(reader_t imported, hash_alg_t hash, const uint8_t *context,
                            size_t context_length, reader_t *identity);
/* Replaces the application's key, the length bytes at psk, by the imported PSK of hash_length()
 * bytes. imported is the ImportedIdentity. psk has room for both. */
bool import_psk(const crypto_t *crypto, hash_alg_t hash, reader_t imported, uint8_t *psk,
                size_t length);

#endif
