#include "common/json.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/hex.h"
#include "common/identity.h"
#include "common/report.h"
#include "common/utf8.h"

#define SHOWN_START 24 /* number of bytes of an invalid value that an error shows */

struct text {
    char *at, *end;
};

static void skip_space(struct text *text)
{
    while (text->at < text->end && memchr(" \t\r\n", *text->at, 4) != NULL)
        text->at++;
}

static bool expect(struct text *text, char wanted)
{
    skip_space(text);
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/* ---- strings -------------------------------------------------------------------------------- */

/* A decoded JSON string. It points into the buffer of the input line. */
struct string {
    char *bytes;
    size_t length;
};

static bool read_unit(struct text *text, uint32_t *unit)
{
    uint8_t bytes[2];

    if (text->end - text->at < 4 || hex_decode(bytes, sizeof bytes, text->at, 4) != 2)
        return false;
    text->at += 4;
    *unit = (uint32_t)bytes[0] << 8 | bytes[1];
    return true;
}

/* Reads the hex digits after \u. A character above U+FFFF is written as two such escapes (RFC 8259
 * section 7). */
static bool read_code(struct text *text, uint32_t *code)
{
    uint32_t low;

    if (!read_unit(text, code) || (*code & 0xfc00) == 0xdc00)
        return false;
    if ((*code & 0xfc00) != 0xd800)
        return true;
    if (text->end - text->at < 2 || text->at[0] != '\\' || text->at[1] != 'u')
        return false;
    text->at += 2;
    if (!read_unit(text, &low) || (low & 0xfc00) != 0xdc00)
        return false;
    *code = 0x10000 + ((*code & 0x3ff) << 10 | (low & 0x3ff));
    return true;
}

static char *put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned leads[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(leads[more] | code >> (6 * more));
    while (more-- > 0)
        *out++ = (char)(0x80 | (code >> (6 * more) & 0x3f));
    return out;
}

static char *put_escape(struct text *text, char *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    uint32_t code;

    if (text->at == text->end)
        return NULL;
    char name = *text->at++;
    if (name == 'u')
        return read_code(text, &code) ? put_utf8(out, code) : NULL;
    const char *found = memchr(names, name, sizeof names - 1);
    if (found == NULL)
        return NULL;
    *out++ = values[found - names];
    return out;
}

static bool read_string(struct text *text, struct string *string)
{
    if (!expect(text, '"'))
        return false;
    char *out = string->bytes = text->at;
    while (text->at < text->end && out != NULL) {
        char c = *text->at++;
        if (c == '"') {
            string->length = (size_t)(out - string->bytes);
            return true;
        }
        if ((unsigned char)c < 0x20)
            return false;
        if (c == '\\')
            out = put_escape(text, out);
        else
            *out++ = c;
    }
    return false;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static const char invalid_json[] =
    "invalid JSON: expected {\"data\":\"BASE64\"} or {\"text\":\"...\"}";

/* The members of a JSON object. frame_put() writes all but "text". */
enum member { PEER, IDENTITY, LEN, DATA, TEXT, MEMBERS };

static const char *const names[MEMBERS] = {"peer", "identity", "len", "data", "text"};

static enum member find_member(const struct string *name)
{
    enum member member = PEER;

    while (member < MEMBERS && (name->length != strlen(names[member]) ||
                                memcmp(name->bytes, names[member], name->length) != 0))
        member++;
    return member;
}

static size_t least(size_t a, ptrdiff_t b)
{
    return b < (ptrdiff_t)a ? (size_t)b : a;
}

/* Returns the error 'what "string": step', with the string escaped. step tells the user what to
 * change. */
static const char *show_string(const char *what, const char *string, size_t length,
                               const char *step)
{
    static char text[SHOWN_MAX + 96];
    char shown[SHOWN_MAX];

    snprintf(text, sizeof text, "%s %s: %s", what,
             show_bytes(shown, (const uint8_t *)string, length), step);
    return text;
}

/* Skips the value of "len". The length follows from "data" or "text". */
static const char *skip_length(struct text *text)
{
    size_t digits = 0;

    for (skip_space(text); text->at < text->end && isdigit((unsigned char)*text->at); digits++)
        text->at++;
    return digits > 0 ? NULL : "\"len\" must be a number, as in \"len\":5";
}

static const char *read_message(struct json_line *line, const struct string *value, bool base64)
{
    char start[SHOWN_START]; /* a copy for the error, since decoding overwrites the value */
    size_t shown = least(SHOWN_START, (ptrdiff_t)value->length);

    memcpy(start, value->bytes, shown);
    line->data = (uint8_t *)value->bytes;
    int length = base64 ? base64_decode(line->data, value->length, value->bytes, value->length)
                        : (int)value->length;
    line->length = length < 0 ? 0 : (size_t)length;
    return length < 0 ? show_string("invalid \"data\", beginning", start, shown,
                                    "expected base64, or \"text\" instead of \"data\"")
                      : NULL;
}

/* The closing quote has been parsed, so a terminating zero may overwrite it. */
static const char *read_name(struct json_line *line, enum member member, struct string *value)
{
    if (memchr(value->bytes, '\0', value->length) != NULL)
        return "\"peer\" and \"identity\" must not contain \\u0000";
    value->bytes[value->length] = '\0';
    if (member == PEER) {
        line->peer = value->bytes;
        return NULL;
    }
    int length = identity_bytes((uint8_t *)value->bytes, value->bytes, value->length);
    line->identity = (uint8_t *)value->bytes;
    line->identity_length = length < 0 ? 0 : (size_t)length;
    return length < 0 ? show_string("invalid \"identity\"", value->bytes, value->length,
                                    "expected an even number of hex digits after #")
                      : NULL;
}

/* Returns NULL, or the error. Bit i of seen is set once member i has been read. */
static const char *read_member(struct text *text, struct json_line *line, unsigned *seen)
{
    struct string name, value;

    if (!read_string(text, &name) || !expect(text, ':'))
        return invalid_json;
    enum member member = find_member(&name);
    if (member == MEMBERS)
        return show_string("unknown member", name.bytes, name.length,
                           "expected peer, identity, data, text or len");
    if ((*seen & 1U << member) != 0)
        return show_string("repeated member", name.bytes, name.length, "give it once");
    *seen |= 1U << member;
    if (member == LEN)
        return skip_length(text);
    skip_space(text);
    const char *start = text->at;
    if (!read_string(text, &value))
        return show_string("invalid value", start, least(SHOWN_START, text->end - start),
                           "expected a string in double quotes");
    if (member == PEER || member == IDENTITY)
        return read_name(line, member, &value);
    if (line->data != NULL)
        return "the JSON object has both \"data\" and \"text\": remove one";
    return read_message(line, &value, member == DATA);
}

static const char *read_members(struct text *text, struct json_line *line)
{
    const char *wrong = NULL;
    unsigned seen = 0;

    if (expect(text, '}'))
        return NULL;
    do
        wrong = read_member(text, line, &seen);
    while (wrong == NULL && expect(text, ','));
    return wrong == NULL && !expect(text, '}') ? invalid_json : wrong;
}

const char *json_read(struct json_line *line, char *text, size_t length)
{
    struct text rest = {text, text + length};

    *line = (struct json_line){.data = NULL};
    if (!utf8_is_valid((const uint8_t *)text, length))
        return "the line is not valid UTF-8: convert it to UTF-8";
    if (!expect(&rest, '{'))
        return show_string("not a JSON object", text, least(SHOWN_START, (ptrdiff_t)length),
                           "expected {\"data\":\"BASE64\"} or {\"text\":\"...\"}");
    const char *wrong = read_members(&rest, line);
    skip_space(&rest);
    if (wrong == NULL && rest.at < rest.end)
        return "unexpected characters after the JSON object: expected one object per line";
    return wrong == NULL && line->data == NULL
               ? "the JSON object has neither \"data\" nor \"text\": add one"
               : wrong;
}

size_t json_quote(char *out, const char *text)
{
    char *p = out;

    *p++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *p++ = '\\';
        *p++ = *text;
    }
    *p++ = '"';
    return (size_t)(p - out);
}
