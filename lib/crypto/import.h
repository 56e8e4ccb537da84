/*
 * import.h - imported PSKs (RFC 9258). From the application's key another PSK is derived for each
 * protocol and hash, so that one key can serve several protocols.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include "base/bytes.h"
#include "crypto/crypto.h"

/* The length in bytes of an ImportedIdentity whose identity and context have these lengths. */
#define IMPORT_MAX(identity, context) (2 + (identity) + 2 + (context) + 2 + 2)

/* Writes the ImportedIdentity (RFC 9258 section 5.1) of this identity for DTLS 1.3 and this hash.
 * The client sends the ImportedIdentity as the PSK identity. */
void put_imported_identity(writer_t *w, hash_alg_t hash, const uint8_t *identity, size_t length,
                           const uint8_t *context, size_t context_length);
/* Parses an ImportedIdentity, and points *identity at the application's identity in it. Returns
 * true on success. Returns false if it is malformed, or if its protocol, hash or context is not the
 * expected one. */
bool take_imported_identity(reader_t imported, hash_alg_t hash, const uint8_t *context,
                            size_t context_length, reader_t *identity);
/* Replaces the application's key at psk, which has length bytes, by the imported PSK, which has
 * hash_length() bytes. psk must have room for the longer of the two. imported is the
 * ImportedIdentity. Returns false if libcrypto fails. */
bool import_psk(const crypto_t *crypto, hash_alg_t hash, reader_t imported, uint8_t *psk,
                size_t length);

#endif
