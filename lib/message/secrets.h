/* secrets.h - secrets that the application sets, and that several servers share: each of them
 * derives the keys of its cookies and tickets from these secrets, so it accepts those of the
 * others. */
#ifndef SECRETS_H
#define SECRETS_H

#include "crypto/crypto.h"
#include "dtls.h"

#define SECRET_NAME 4 /* length in bytes of the name by which a ticket refers to its secret */

typedef struct {
    crypto_t *crypto; /* derives the keys */
    uint8_t bytes[DTLS_MAX_SECRETS][DTLS_SECRET];
    uint8_t names[DTLS_MAX_SECRETS][SECRET_NAME]; /* derived from the secrets */
    size_t count; /* the first secret is the current one; 0: the application has set none */
} secrets_t;

/* Sets the secrets: count * DTLS_SECRET bytes, the current secret first. Returns false if libcrypto
 * fails; then *secrets is unchanged. */
bool secrets_set(secrets_t *secrets, crypto_t *crypto, const uint8_t *bytes, size_t count);
/* Derives from the secret at index the key for the cookies of the period with this number. */
bool secrets_cookie_key(const secrets_t *secrets, size_t index, uint64_t period,
                        uint8_t out[DTLS_SECRET]);
/* Derives from the secret at index the ticket key with this name of length bytes. */
bool secrets_ticket_key(const secrets_t *secrets, size_t index, const uint8_t *name, size_t length,
                        uint8_t out[AEAD_MAX_KEY]);

#endif
