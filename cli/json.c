#include "json.h"

#include <stdbool.h>
#include <string.h>

#include "base64.h"
#include "keytext.h"

#define DEPTH 16 /* of values that are skipped */

struct text {
    char *at, *end;
};

static void skip_space(struct text *text)
{
    while (text->at < text->end && memchr(" \t\r\n", *text->at, 4) != NULL)
        text->at++;
}

static bool take(struct text *text, char wanted)
{
    skip_space(text);
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/* ---- strings -------------------------------------------------------------------------------- */

/* Decoded, where they stood. */
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

/* What follows \u: a character, perhaps of two units. */
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
    if (!take(text, '"'))
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

/* ---- other values --------------------------------------------------------------------------- */

static bool skip_value(struct text *text, unsigned depth);

/* After the bracket: members, each with a name in an object. */
static bool skip_members(struct text *text, char close, unsigned depth)
{
    struct string name;

    if (take(text, close))
        return true;
    do {
        if (close == '}' && !(read_string(text, &name) && take(text, ':')))
            return false;
        if (!skip_value(text, depth))
            return false;
    } while (take(text, ','));
    return take(text, close);
}

static bool skip_word(struct text *text)
{
    char *start = text->at;

    while (text->at < text->end && memchr(" \t\r\n,]}", *text->at, 7) == NULL)
        text->at++;
    size_t length = (size_t)(text->at - start);
    bool number = length > 0 && memchr("-0123456789", *start, 11) != NULL;
    for (size_t i = 0; number && i < length; i++)
        number = memchr("+-.0123456789eE", start[i], 15) != NULL;
    return number ||
           (length == 4 && (memcmp(start, "true", 4) == 0 || memcmp(start, "null", 4) == 0)) ||
           (length == 5 && memcmp(start, "false", 5) == 0);
}

static bool skip_value(struct text *text, unsigned depth)
{
    struct string string;

    if (depth == 0)
        return false;
    if (take(text, '{'))
        return skip_members(text, '}', depth - 1);
    if (take(text, '['))
        return skip_members(text, ']', depth - 1);
    if (text->at < text->end && *text->at == '"')
        return read_string(text, &string);
    return skip_word(text);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is(const struct string *name, const char *wanted)
{
    return name->length == strlen(wanted) && memcmp(name->bytes, wanted, name->length) == 0;
}

/* NULL, or what is wrong. The quote behind a name is used up, so a zero may take its place. */
static const char *read_member(struct text *text, struct json_line *line)
{
    static const char bad[] = "no JSON";
    struct string name, value;

    if (!read_string(text, &name) || !take(text, ':'))
        return bad;
    bool data = is(&name, "data"), plain = is(&name, "text"), peer = is(&name, "peer");
    if (!data && !plain && !peer)
        return skip_value(text, DEPTH) ? NULL : bad;
    if (!read_string(text, &value))
        return "data, text and peer have to be strings";
    if (peer) {
        if (line->peer != NULL || memchr(value.bytes, '\0', value.length) != NULL)
            return "peer is no name, or there is more than one";
        value.bytes[value.length] = '\0';
        line->peer = value.bytes;
        return NULL;
    }
    if (line->data != NULL)
        return "there is more than one data or text";
    line->data = (uint8_t *)value.bytes;
    int length = data ? base64_decode(line->data, value.length, value.bytes, value.length)
                      : (int)value.length;
    line->length = length < 0 ? 0 : (size_t)length;
    return length < 0 ? "data is not base64" : NULL;
}

const char *json_read(struct json_line *line, char *text, size_t length)
{
    struct text rest = {text, text + length};
    const char *wrong = NULL;

    *line = (struct json_line){.data = NULL};
    if (!take(&rest, '{'))
        return "no JSON object";
    if (!take(&rest, '}')) {
        do
            wrong = read_member(&rest, line);
        while (wrong == NULL && take(&rest, ','));
        if (wrong == NULL && !take(&rest, '}'))
            wrong = "no JSON";
    }
    skip_space(&rest);
    if (wrong == NULL && rest.at < rest.end)
        return "something follows the JSON object";
    return wrong == NULL && line->data == NULL ? "a JSON object without data or text" : wrong;
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
