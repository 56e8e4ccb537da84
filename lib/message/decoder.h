/* decoder.h - shows the fields of handshake messages, for dtls_decode_message(). The steps in this
 * header read from a reader and report what they have read. At the first byte that does not fit,
 * the decoder reports DTLS_FIELD_MALFORMED, and then only the ends of the open lists and objects. */
#ifndef DECODER_H
#define DECODER_H

#include "base/bytes.h"
#include "dtls.h"

typedef struct {
    void (*field)(void *arg, const dtls_field_t *field);
    void *arg;
    const uint8_t *start; /* of the message body */
    bool stopped;         /* DTLS_FIELD_MALFORMED was reported */
    bool cut;             /* a length field exceeded what was left; decode_end_of() will stop */
    unsigned muted;       /* number of lists and objects that began after the stop and are open */
} decoder_t;

typedef const char *code_name_t(uint16_t number);

/* Stops if the reader has bytes left, or if a length field exceeded what the reader had. */
void decode_end_of(decoder_t *d, const reader_t *r);

/* These two begin and end a list or an object. */
void decode_begin(decoder_t *d, dtls_field_kind_t kind, const char *name);
void decode_end(decoder_t *d);

/* Reads a length field of width bytes. Returns a reader over the bytes that follow. If the
 * length exceeds what is left, these are all bytes that are left. */
reader_t decode_part(decoder_t *d, reader_t *r, size_t width);

/* Reads a number of width bytes without showing it. */
void decode_skip(decoder_t *d, reader_t *r, size_t width);
/* Shows a number of width bytes. */
void decode_number(decoder_t *d, reader_t *r, size_t width, const char *name);
/* Shows a number of width bytes (1 or 2) and its name. */
void decode_code(decoder_t *d, reader_t *r, size_t width, const char *name, code_name_t *name_of);
/* Shows bytes after a length field of length_width bytes; with width 0 all bytes that are left. */
void decode_bytes(decoder_t *d, reader_t *r, size_t length_width, dtls_field_kind_t kind,
                  const char *name);
/* Shows the next length bytes. */
void decode_fixed(decoder_t *d, reader_t *r, size_t length, dtls_field_kind_t kind,
                  const char *name);
/* Shows a list of numbers of width bytes each, after a length field of length_width bytes. */
void decode_codes(decoder_t *d, reader_t *r, size_t length_width, size_t width, const char *name,
                  code_name_t *name_of);

#endif
