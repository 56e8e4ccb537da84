/*
 * json.h - RFC 8259, as much as a line of --frame=json needs.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* {"peer":"127.0.0.1:5684","identity":"alice","data":"aGVsbG8="}; or "text":"hello" instead of data. len
 * may be there, and nothing else: a member that is misspelt must not make a message go to everybody. */
struct json_line {
    uint8_t *data; /* what data or text say; where the line was */
    size_t length;
    const char *peer;        /* NULL: not there */
    const uint8_t *identity; /* likewise */
    size_t identity_length;
};

/* Reads a line of that length, and writes into it. NULL, or what is wrong with it, up to the next call. */
const char *json_read(struct json_line *line, char *text, size_t length);

/* Writes printable text as a string. Returns the length, at most 2 * length + 2. */
size_t json_quote(char *out, const char *text);

#endif
