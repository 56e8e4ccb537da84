/*
 * json.h - reads and writes the JSON objects (RFC 8259) of --frame=json.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* A parsed line such as {"peer":"127.0.0.1:5684","identity":"alice","data":"aGVsbG8="}. A line may
 * have "text":"hello" instead of "data". "len" is ignored. Any other member is an error: if a
 * misspelt "peer" were ignored, the message would be sent to all peers. */
struct json_line {
    uint8_t *data; /* points into the buffer of the line */
    size_t length;
    const char *peer;        /* value of "peer"; NULL: not in the line */
    const uint8_t *identity; /* value of "identity"; NULL: not in the line */
    size_t identity_length;
};

/* Parses a line of length bytes. Strings are decoded inside text, and line points to them. Returns
 * NULL on success, otherwise the error, which is valid until the next call. */
const char *json_read(struct json_line *line, char *text, size_t length);

/* Writes printable text as a JSON string, without a terminating zero. out must have room for 2 *
 * strlen(text) + 2 characters. Returns the number of characters written. */
size_t json_quote(char *out, const char *text);

#endif
