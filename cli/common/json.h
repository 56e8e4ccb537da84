/*
 * json.h - RFC 8259, as much as a line of --frame=json needs.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* {"peer":"127.0.0.1:5684","identity":"alice","data":"aGVsbG8="}; or "text":"hello" instead of data. Except
 * for len, other members are errors: a misspelt address must not send a message to all peers. */
struct json_line {
    uint8_t *data; /* what data or text say; where the line was */
    size_t length;
    const char *peer;        /* NULL: not given */
    const uint8_t *identity; /* NULL: not given */
    size_t identity_length;
};

/* Parses a line of that length, and writes into it. Returns NULL, or what is wrong with it, valid until the
 * next call. */
const char *json_read(struct json_line *line, char *text, size_t length);

/* Writes printable text as a string. Returns the length, at most 2 * length + 2. */
size_t json_quote(char *out, const char *text);

#endif
