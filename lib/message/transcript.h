/* transcript.h - the hash of the handshake messages so far. The caller adds messages with the
 * 12-byte header of an unfragmented message. DTLS 1.2 hashes the whole header (RFC 6347 section
 * 4.2.6). DTLS 1.3 hashes only type, length and body, as TLS does (RFC 9147 section 5.2). A
 * function that returns bool returns false if libcrypto fails, and otherwise true. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "crypto/crypto.h"

typedef struct {
    hash_t *hash; /* NULL: not started, because the hash algorithm is not known yet */
    hash_alg_t alg;
    bool tls_form; /* DTLS 1.3: hash only type and length of each header */
} transcript_t;

/* Starts the hash, without any message. */
bool transcript_start(transcript_t *transcript, const crypto_t *crypto, hash_alg_t alg,
                      bool tls_form);
/* Adds a message of length bytes. */
bool transcript_add(transcript_t *transcript, const uint8_t *message, size_t length);
/* Writes to out the hash of all messages so far. */
bool transcript_hash(const transcript_t *transcript, uint8_t *out);
/* DTLS 1.3: writes to out the hash of all messages so far and of the first length bytes of this
 * message. A binder is computed from the ClientHello up to the list of binders, so the message may
 * be incomplete. Does not add the message. */
bool transcript_hash_with(const transcript_t *transcript, const uint8_t *message, size_t length,
                          uint8_t *out);
/* Starts the hash again with a message_hash in place of ClientHello1 (RFC 8446 section 4.4.1).
 * hello_hash is the hash of ClientHello1. */
bool transcript_restart(transcript_t *transcript, const crypto_t *crypto,
                        const uint8_t *hello_hash);
/* Frees the hash. */
void transcript_end(transcript_t *transcript);

#endif
