/*
 * transcript.h - the running hash of the handshake messages. The caller passes messages with the
 * 12-byte header of an unfragmented message. DTLS 1.2 hashes the whole header (RFC 6347 section
 * 4.2.6). DTLS 1.3 hashes type, length and body only, as TLS does (RFC 9147 section 5.2).
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "crypto/crypto.h"

typedef struct {
    hash_t *hash; /* NULL: not started, since the hash algorithm is not known yet */
    hash_alg_t alg;
    bool tls_form; /* DTLS 1.3 */
} transcript_t;

bool transcript_start(transcript_t *transcript, const crypto_t *crypto, hash_alg_t alg,
                      bool tls_form);
bool transcript_add(transcript_t *transcript, const uint8_t *message, size_t length);
bool transcript_hash(const transcript_t *transcript, uint8_t *out);
/* Writes the hash that would result if this message, or the start of it, were added. DTLS 1.3
 * only. */
bool transcript_hash_with(const transcript_t *transcript, const uint8_t *message, size_t length,
                          uint8_t *out);
/* Restarts the hash with a message_hash that replaces ClientHello1: RFC 8446 section 4.4.1.
 * hello_hash is the hash of ClientHello1. */
bool transcript_restart(transcript_t *transcript, const crypto_t *crypto,
                        const uint8_t *hello_hash);
void transcript_end(transcript_t *transcript);

#endif
