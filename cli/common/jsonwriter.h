/*
 * jsonwriter.h - writes JSON values (RFC 8259) into a buffer that grows. A member has a name; an entry of an array is
 * written with the name NULL. Commas are added as needed.
 */
#ifndef JSONWRITER_H
#define JSONWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A struct of zeros is an empty buffer. */
struct json_writer {
    char *bytes;
    size_t used, size;
    bool failed; /* memory was exhausted: the text is not complete */
};

/* Empties the buffer. */
void json_reset(struct json_writer *writer);
void json_free(struct json_writer *writer);

void json_begin_object(struct json_writer *writer, const char *name);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer, const char *name);
void json_end_array(struct json_writer *writer);

void json_number(struct json_writer *writer, const char *name, uint64_t number);
void json_bool(struct json_writer *writer, const char *name, bool value);
/* Writes a time in seconds, with six decimals. */
void json_seconds(struct json_writer *writer, const char *name, int64_t us);
/* Writes a string. Escapes control characters and invisible characters, because the text may be shown on a terminal.
 * Writes U+FFFD for each byte that is not valid UTF-8. */
void json_string(struct json_writer *writer, const char *name, const char *text);
void json_bytes(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length);
/* Writes the string prefix, then "0x" and at least four hex digits. */
void json_code(struct json_writer *writer, const char *name, const char *prefix, uint32_t code);
/* Writes bytes that are text by their purpose. If they are not valid UTF-8, writes them in hex, as the member NAME_hex.
 * name must not be NULL. */
void json_text(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length);
void json_hex(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length);
void json_base64(struct json_writer *writer, const char *name, const uint8_t *bytes, size_t length);
/* Writes a number as the member NAME_SUFFIX. */
void json_number_of(struct json_writer *writer, const char *name, const char *suffix,
                    uint64_t number);

/* Appends text as it is: parts of JSON that were written before. */
void json_raw(struct json_writer *writer, const char *text, size_t length);
/* Ends a line. */
void json_newline(struct json_writer *writer);

#endif
