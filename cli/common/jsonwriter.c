#include "common/jsonwriter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/hex.h"
#include "common/utf8.h"

#define FIRST_SIZE 1024
#define ESCAPED_MAX 12 /* a character above U+FFFF is escaped as two units of 6 characters */

/* ---- the buffer ----------------------------------------------------------------------------- */

static char *grow(struct json_writer *writer, size_t length)
{
    size_t size = writer->size > 0 ? writer->size : FIRST_SIZE;

    while (size - writer->used < length)
        size *= 2;
    char *bytes = realloc(writer->bytes, size);
    writer->failed = bytes == NULL;
    if (bytes == NULL)
        return NULL;
    writer->bytes = bytes;
    writer->size = size;
    return bytes + writer->used;
}

/* Returns where length more bytes can be written, or NULL if memory is exhausted. */
static inline char *reserve(struct json_writer *writer, size_t length)
{
    if (writer->failed)
        return NULL;
    if (writer->size - writer->used >= length && writer->size > 0)
        return writer->bytes + writer->used;
    return grow(writer, length);
}

void json_raw(struct json_writer *writer, const char *text, size_t length)
{
    char *to = reserve(writer, length);

    if (to == NULL)
        return;
    memcpy(to, text, length);
    writer->used += length;
}

static void put(struct json_writer *writer, char c)
{
    char *to = reserve(writer, 1);

    if (to == NULL)
        return;
    *to = c;
    writer->used++;
}

void json_reset(struct json_writer *writer)
{
    writer->used = 0;
    writer->failed = false;
}

void json_free(struct json_writer *writer)
{
    free(writer->bytes);
    *writer = (struct json_writer){.used = 0};
}

/* ---- strings -------------------------------------------------------------------------------- */

static char *put_unit(char *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = digits[unit >> shift & 15];
    return out;
}

/* Writes a character as an escape. Returns its length. */
static size_t escape(char out[ESCAPED_MAX], uint32_t code)
{
    static const char values[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *found = code < 0x80 ? memchr(values, (int)code, sizeof values - 1) : NULL;
    char *end = out;

    if (found != NULL) {
        out[0] = '\\';
        out[1] = names[found - values];
        return 2;
    }
    if (code > 0xffff)
        end = put_unit(end, 0xd7c0 + (code >> 10)); /* 0xd800 - (0x10000 >> 10) */
    end = put_unit(end, code > 0xffff ? 0xdc00 | (code & 0x3ff) : code);
    return (size_t)(end - out);
}

/* Returns the number of bytes at the beginning that need no escape. */
static size_t plain(const uint8_t *bytes, size_t length)
{
    size_t count = 0;

    while (count < length && bytes[count] >= 0x20 && bytes[count] < 0x7f && bytes[count] != '"' &&
           bytes[count] != '\\')
        count++;
    return count;
}

static void put_string(struct json_writer *writer, const uint8_t *bytes, size_t length)
{
    char escaped[ESCAPED_MAX];
    uint32_t code;

    put(writer, '"');
    for (size_t count; length > 0; bytes += count, length -= count) {
        count = plain(bytes, length);
        json_raw(writer, (const char *)bytes, count);
        if (count > 0)
            continue;
        count = utf8_decode(&code, bytes, length);
        if (count == 0) {
            count = 1;
            code = 0xfffd;
        }
        if (count > 1 && utf8_is_visible(code))
            json_raw(writer, (const char *)bytes, count);
        else
            json_raw(writer, escaped, escape(escaped, code));
    }
    put(writer, '"');
}

static void put_name(struct json_writer *writer, const char *name, const char *suffix)
{
    char last = writer->used > 0 ? writer->bytes[writer->used - 1] : '\n';

    if (last != '{' && last != '[' && last != '\n')
        put(writer, ',');
    if (name == NULL)
        return;
    put(writer, '"');
    json_raw(writer, name, strlen(name));
    if (*suffix != '\0')
        json_raw(writer, suffix, strlen(suffix));
    json_raw(writer, "\":", 2);
}

void json_string(struct json_writer *writer, const char *name, const char *text)
{
    json_bytes(writer, name, (const uint8_t *)text, strlen(text));
}

void json_bytes(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length)
{
    put_name(writer, name, "");
    put_string(writer, bytes, length);
}

static void put_hex(struct json_writer *writer, const uint8_t *bytes, size_t length)
{
    char *to = reserve(writer, 2 * length + 3);

    if (to == NULL)
        return;
    to[0] = '"';
    hex_encode(to + 1, bytes, length);
    to[2 * length + 1] = '"';
    writer->used += 2 * length + 2;
}

void json_text(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length)
{
    bool valid = utf8_is_valid(bytes, length);

    put_name(writer, name, valid ? "" : "_hex");
    if (valid)
        put_string(writer, bytes, length);
    else
        put_hex(writer, bytes, length);
}

void json_hex(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length)
{
    put_name(writer, name, "");
    put_hex(writer, bytes, length);
}

void json_base64(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length)
{
    put_name(writer, name, "");
    char *to = reserve(writer, BASE64_LENGTH(length) + 2);
    if (to == NULL)
        return;
    to[0] = '"';
    size_t used = base64_encode(to + 1, bytes, length);
    to[used + 1] = '"';
    writer->used += used + 2;
}

void json_code(struct json_writer *writer, const char *name, const char *prefix, uint32_t code)
{
    char text[32];

    snprintf(text, sizeof text, "%.16s0x%04" PRIx32, prefix, code);
    json_string(writer, name, text);
}

/* ---- other values --------------------------------------------------------------------------- */

#define DIGITS_MAX 20

/* Writes at least `least` digits. Returns where they begin: end is where they end. */
static char *put_digits(char *end, uint64_t number, unsigned least)
{
    char *at = end;

    for (unsigned digits = 0; number > 0 || digits < least; digits++, number /= 10)
        *--at = (char)('0' + number % 10);
    return at;
}

static void put_number(struct json_writer *writer, uint64_t number)
{
    char text[DIGITS_MAX], *end = text + sizeof text, *start = put_digits(end, number, 1);

    json_raw(writer, start, (size_t)(end - start));
}

void json_number(struct json_writer *writer, const char *name, uint64_t number)
{
    json_number_of(writer, name, "", number);
}

void json_number_of(struct json_writer *writer, const char *name, const char *suffix,
                    uint64_t number)
{
    put_name(writer, name, suffix);
    put_number(writer, number);
}

void json_seconds(struct json_writer *writer, const char *name, int64_t us)
{
    char text[DIGITS_MAX + 8], *end = text + sizeof text;
    uint64_t time = us > 0 ? (uint64_t)us : 0;

    char *start = put_digits(end, time % 1000000, 6);
    *--start = '.';
    start = put_digits(start, time / 1000000, 1);
    put_name(writer, name, "");
    json_raw(writer, start, (size_t)(end - start));
}

void json_bool(struct json_writer *writer, const char *name, bool value)
{
    put_name(writer, name, "");
    json_raw(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_begin_object(struct json_writer *writer, const char *name)
{
    put_name(writer, name, "");
    put(writer, '{');
}

void json_end_object(struct json_writer *writer)
{
    put(writer, '}');
}

void json_begin_array(struct json_writer *writer, const char *name)
{
    put_name(writer, name, "");
    put(writer, '[');
}

void json_end_array(struct json_writer *writer)
{
    put(writer, ']');
}

void json_newline(struct json_writer *writer)
{
    put(writer, '\n');
}
