#include "message/decoder.h"

static void emit(decoder_t *d, const dtls_field_t *field)
{
    if (!d->stopped)
        d->field(d->arg, field);
}

/* Reports that the message cannot be parsed from this byte on. */
static void stop(decoder_t *d, const uint8_t *at)
{
    emit(d, &(dtls_field_t){.kind = DTLS_FIELD_MALFORMED,
                            .name = "malformed_at",
                            .number = (uint32_t)(at - d->start)});
    d->stopped = true;
}

void decode_end_of(decoder_t *d, const reader_t *r)
{
    if (reader_left(r) > 0 || d->cut)
        stop(d, r->at);
    d->cut = false;
}

void decode_begin(decoder_t *d, dtls_field_kind_t kind, const char *name)
{
    emit(d, &(dtls_field_t){.kind = kind, .name = name});
    d->muted += d->stopped;
}

void decode_end(decoder_t *d)
{
    if (d->muted > 0)
        d->muted--;
    else
        d->field(d->arg, &(dtls_field_t){.kind = DTLS_FIELD_END});
}

/* Reads a number of width bytes. Stops and returns 0 if fewer bytes are left. */
static uint32_t take_number(decoder_t *d, reader_t *r, size_t width)
{
    const uint8_t *at = r->at;
    uint32_t number = (uint32_t)take_uint(r, width);
    if (r->failed)
        stop(d, at);
    return number;
}

reader_t decode_part(decoder_t *d, reader_t *r, size_t width)
{
    size_t length = take_number(d, r, width);
    if (length > reader_left(r)) {
        d->cut = true;
        length = reader_left(r);
    }
    return reader(take_bytes(r, length), length);
}

void decode_skip(decoder_t *d, reader_t *r, size_t width)
{
    take_number(d, r, width);
}

void decode_number(decoder_t *d, reader_t *r, size_t width, const char *name)
{
    uint32_t number = take_number(d, r, width);
    emit(d, &(dtls_field_t){.kind = DTLS_FIELD_NUMBER, .name = name, .number = number});
}

void decode_code(decoder_t *d, reader_t *r, size_t width, const char *name, code_name_t *name_of)
{
    uint32_t number = take_number(d, r, width);
    emit(d, &(dtls_field_t){.kind = DTLS_FIELD_CODE,
                            .name = name,
                            .number = number,
                            .text = name_of((uint16_t)number)});
}

void decode_fixed(decoder_t *d, reader_t *r, size_t length, dtls_field_kind_t kind,
                  const char *name)
{
    const uint8_t *at = r->at;
    const uint8_t *bytes = take_bytes(r, length);
    if (r->failed)
        stop(d, at);
    emit(d, &(dtls_field_t){.kind = kind, .name = name, .data = bytes, .length = length});
}

void decode_bytes(decoder_t *d, reader_t *r, size_t length_width, dtls_field_kind_t kind,
                  const char *name)
{
    reader_t bytes = length_width > 0 ? decode_part(d, r, length_width) : take_rest(r);
    decode_fixed(d, &bytes, reader_left(&bytes), kind, name);
}

void decode_codes(decoder_t *d, reader_t *r, size_t length_width, size_t width, const char *name,
                  code_name_t *name_of)
{
    reader_t list = decode_part(d, r, length_width);
    decode_begin(d, DTLS_FIELD_LIST, name);
    while (reader_left(&list) > 0)
        decode_code(d, &list, width, NULL, name_of);
    decode_end(d);
}
