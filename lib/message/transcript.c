#include "message/transcript.h"

#include "base/iana.h"
#include "message/reassembly.h"

#include <string.h>

#define TLS_HEADER 4 /* bytes of a TLS handshake header: type and length */

bool transcript_start(transcript_t *transcript, const crypto_t *crypto, hash_alg_t alg,
                      bool tls_form)
{
    transcript_end(transcript);
    *transcript = (transcript_t){hash_new(crypto, alg), alg, tls_form};
    return transcript->hash != NULL;
}

bool transcript_add(transcript_t *transcript, const uint8_t *message, size_t length)
{
    if (!transcript->tls_form)
        return hash_add(transcript->hash, message, length);
    return hash_add(transcript->hash, message, TLS_HEADER) &&
           hash_add(transcript->hash, message + MESSAGE_HEADER, length - MESSAGE_HEADER);
}

bool transcript_hash(const transcript_t *transcript, uint8_t *out)
{
    return hash_snapshot(transcript->hash, NULL, 0, out);
}

bool transcript_hash_with(const transcript_t *transcript, const uint8_t *message, size_t length,
                          uint8_t *out)
{
    const bytes_t parts[] = {{message, TLS_HEADER},
                             {message + MESSAGE_HEADER, length - MESSAGE_HEADER}};
    return hash_snapshot(transcript->hash, parts, 2, out);
}

bool transcript_restart(transcript_t *transcript, const crypto_t *crypto, const uint8_t *hello_hash)
{
    const uint8_t length = (uint8_t)hash_length(transcript->alg);
    const uint8_t header[TLS_HEADER] = {HANDSHAKE_MESSAGE_HASH, 0, 0, length};
    return transcript_start(transcript, crypto, transcript->alg, transcript->tls_form) &&
           hash_add(transcript->hash, header, sizeof header) &&
           hash_add(transcript->hash, hello_hash, length);
}

void transcript_end(transcript_t *transcript)
{
    hash_free(transcript->hash);
    transcript->hash = NULL;
}
