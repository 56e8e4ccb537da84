/*
 * transcript.h - the running hash over the handshake messages. Messages come with the header of 12
 * bytes in unfragmented form. DTLS 1.2 hashes them so (RFC 6347 section 4.2.6), DTLS 1.3 as TLS
 * would: type, length, body (RFC 9147 section 5.2).
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "crypto/crypto.h"

typedef struct {
    hash_t *hash; /* NULL: not started, the hash is not known yet */
    hash_alg_t alg;
    bool tls_form;
} transcript_t;

bool transcript_start(transcript_t *transcript, const crypto_t *crypto, hash_alg_t alg,
                      bool tls_form);
bool transcript_add(transcript_t *transcript, const uint8_t *message, size_t length);
bool transcript_hash(const transcript_t *transcript, uint8_t *out);
/* The hash as if this beginning of a message had been added. */
bool transcript_hash_with(const transcript_t *transcript, const uint8_t *message, size_t length,
                          uint8_t *out);
/* Begins anew with a message_hash in place of ClientHello1: RFC 8446 section 4.4.1. */
bool transcript_restart(transcript_t *transcript, const crypto_t *crypto,
                        const uint8_t *hello_hash);
void transcript_end(transcript_t *transcript);

#endif
