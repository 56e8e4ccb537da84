/*
 * json.h - the part of JSON (RFC 8259) that a line of --frame=json needs.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* A line such as {"peer":"127.0.0.1:5684","identity":"alice","data":"aGVsbG8="}. "text":"hello" may
 * replace "data". "len" is accepted and ignored. Any other member is an error: a misspelt "peer"
 * must not send a message to all peers. */
struct json_line {
    uint8_t *data; /* the decoded message, inside the buffer of the line */
    size_t length;
    const char *peer;        /* NULL if absent */
    const uint8_t *identity; /* NULL if absent */
    size_t identity_length;
};

/* Parses a line of length bytes and decodes it in place. Returns NULL on success, else the error.
 * The error is valid until the next call. */
const char *json_read(struct json_line *line, char *text, size_t length);

/* Writes printable text as a JSON string, without a terminating zero. Returns its length, which is
 * at most 2 * strlen(text) + 2. */
size_t json_quote(char *out, const char *text);

#endif
