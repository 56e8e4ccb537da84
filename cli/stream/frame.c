#include "stream/frame.h"

#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/hex.h"
#include "common/identity.h"
#include "common/json.h"
#include "common/numbers.h"

static const struct {
    const char *name;
    char end;        /* the byte that ends each message */
    unsigned header; /* size of the length field in bytes; 0: no length field */
    bool is_line;    /* a message is a line of text */
} modes[] = {
    [FRAME_RAW] = {"raw", 0, 0, false},       [FRAME_LINE] = {"line", '\n', 0, true},
    [FRAME_NUL] = {"nul", '\0', 0, true},     [FRAME_LEN16] = {"len16", 0, 2, false},
    [FRAME_LEN32] = {"len32", 0, 4, false},   [FRAME_FIXED] = {"fixed", 0, 0, false},
    [FRAME_HEX] = {"hex", '\n', 0, true},     [FRAME_JSON] = {"json", '\n', 0, true},
    [FRAME_PACKET] = {"packet", 0, 0, false},
};

bool frame_parse(const char *text, struct framing *framing)
{
    const char *colon = strchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
    unsigned long number = 0;

    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strlen(modes[i].name) != length || memcmp(modes[i].name, text, length) != 0)
            continue;
        framing->mode = (enum frame_mode)i;
        bool fixed = framing->mode == FRAME_FIXED;
        bool good = fixed == (colon != NULL) &&
                    (!fixed || parse_number(colon + 1, 1, FRAME_MAX_MESSAGE, &number));
        framing->fixed = number;
        return good;
    }
    return false;
}

/* ---- the buffer ----------------------------------------------------------------------------- */

void frame_in_init(struct frame_in *in, const struct framing *framing)
{
    in->framing = framing;
    in->start = in->end = in->searched = 0;
    in->skip = in->lines = 0;
    in->skip_line = in->after_cr = false;
    in->wrong = NULL;
}

uint8_t *frame_space(struct frame_in *in, size_t *size)
{
    if (in->start > 0 && (in->start == in->end || in->end > sizeof in->data / 2)) {
        memmove(in->data, in->data + in->start, in->end - in->start);
        in->end -= in->start;
        in->start = 0;
    }
    *size = sizeof in->data - in->end;
    return in->data + in->end;
}

void frame_filled(struct frame_in *in, size_t length)
{
    in->end += length;
}

static size_t waiting(const struct frame_in *in)
{
    return in->end - in->start;
}

bool frame_is_short(const struct frame_in *in, size_t max)
{
    return in->framing->mode == FRAME_RAW && waiting(in) < max;
}

static enum frame_result bad(struct frame_in *in, const char *wrong)
{
    in->wrong = wrong;
    return FRAME_BAD;
}

/* ---- streams -------------------------------------------------------------------------------- */

static enum frame_result next_piece(struct frame_in *in, size_t max, struct message *message)
{
    size_t length = waiting(in) < max ? waiting(in) : max;

    *message = (struct message){.data = in->data + in->start, .length = length};
    in->start += length;
    return length > 0 ? FRAME_MESSAGE : FRAME_MORE;
}

/* Reads a piece of a raw stream for -C: inserts a CR before each LF that has none. */
static enum frame_result next_text(struct frame_in *in, size_t max, struct message *message)
{
    size_t used = 0, room = max < sizeof in->text ? max : sizeof in->text;

    while (in->start < in->end) {
        uint8_t byte = in->data[in->start];
        bool adds = byte == '\n' && !in->after_cr;
        if (used + adds >= room)
            break;
        if (adds)
            in->text[used++] = '\r';
        in->text[used++] = byte;
        in->after_cr = byte == '\r';
        in->start++;
    }
    *message = (struct message){.data = in->text, .length = used};
    return used > 0 ? FRAME_MESSAGE : FRAME_MORE;
}

/* ---- messages with a length ----------------------------------------------------------------- */

static bool skip_rest(struct frame_in *in)
{
    size_t now = in->skip < waiting(in) ? (size_t)in->skip : waiting(in);

    in->start += now;
    in->skip -= now;
    return in->skip == 0;
}

static enum frame_result need_more(struct frame_in *in, bool ended)
{
    if (!ended || waiting(in) == 0)
        return FRAME_MORE;
    in->start = in->end;
    return bad(in, "the input ended within a message");
}

static enum frame_result next_sized(struct frame_in *in, size_t max, bool ended,
                                    struct message *message)
{
    size_t header = modes[in->framing->mode].header, length = in->framing->fixed;

    if (!skip_rest(in))
        return FRAME_MORE;
    if (waiting(in) < (header > 0 ? header : 1))
        return need_more(in, ended);
    for (size_t i = 0; i < header; i++)
        length = length << 8 | in->data[in->start + i];
    *message = (struct message){.data = in->data + in->start + header, .length = length};
    if (length > max) {
        in->skip = (uint64_t)header + length; /* the sum can exceed 32 bits */
        skip_rest(in);
        return FRAME_TOO_LONG;
    }
    if (waiting(in) < header + length)
        return need_more(in, ended);
    in->start += header + length;
    return FRAME_MESSAGE;
}

/* ---- messages that are lines ---------------------------------------------------------------- */

static enum frame_result plain_line(struct frame_in *in, size_t max, struct message *message)
{
    size_t length = message->length;

    if (in->framing->crlf)
        message->length += length > 0 && message->data[length - 1] == '\r' ? 1 : 2;
    if (message->length > max)
        return FRAME_TOO_LONG;
    if (in->framing->crlf) {
        memcpy(in->text, message->data, length);
        memcpy(in->text + message->length - 2, "\r\n", 2);
        message->data = in->text;
    }
    return FRAME_MESSAGE;
}

static bool is_blank_line(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static enum frame_result hex_line(struct frame_in *in, size_t max, struct message *message)
{
    uint8_t *line = message->data;
    size_t digits = 0;

    for (size_t i = 0; i < message->length; i++)
        if (!is_blank_line(line[i]))
            line[digits++] = line[i];
    int length = hex_decode(line, digits / 2, (char *)line, digits);
    if (length < 0)
        return bad(in, digits % 2 != 0 ? "odd number of hex digits: expected two per byte"
                                       : "not hex: expected hex digits and spaces");
    message->length = (size_t)length;
    return message->length > max ? FRAME_TOO_LONG : FRAME_MESSAGE;
}

static enum frame_result json_line(struct frame_in *in, size_t max, struct message *message)
{
    struct json_line line;
    const char *wrong = json_read(&line, (char *)message->data, message->length);

    if (wrong != NULL)
        return bad(in, wrong);
    *message = (struct message){.data = line.data,
                                .length = line.length,
                                .peer = line.peer,
                                .identity = line.identity,
                                .identity_length = line.identity_length};
    return message->length > max ? FRAME_TOO_LONG : FRAME_MESSAGE;
}

static bool all_blank(const struct message *line)
{
    for (size_t i = 0; i < line->length; i++)
        if (!is_blank_line(line->data[i]))
            return false;
    return true;
}

/* Reads a line. Returns false if no line is complete. A line that does not fit the buffer is
 * discarded, piece by piece. */
static bool next_line(struct frame_in *in, bool ended, struct message *line)
{
    uint8_t *start = in->data + in->start;
    const uint8_t *end =
        memchr(start + in->searched, modes[in->framing->mode].end, waiting(in) - in->searched);

    if (end == NULL && !ended && waiting(in) == sizeof in->data) {
        in->skip_line = true;
        in->start = in->end;
    }
    if (end == NULL && (!ended || (waiting(in) == 0 && !in->skip_line))) {
        in->searched = waiting(in);
        return false;
    }
    size_t length = end != NULL ? (size_t)(end - start) : waiting(in);
    *line = (struct message){.data = start, .length = length};
    in->start += length + (end != NULL);
    in->searched = 0;
    in->lines += modes[in->framing->mode].end == '\n';
    return true;
}

static enum frame_result find_line(struct frame_in *in, size_t max, bool ended,
                                   struct message *message)
{
    do
        if (!next_line(in, ended, message))
            return FRAME_MORE;
    while (in->framing->mode == FRAME_JSON && !in->skip_line && all_blank(message));
    if (in->skip_line) {
        in->skip_line = false;
        message->length = 0;
        return FRAME_TOO_LONG;
    }
    switch (in->framing->mode) {
    case FRAME_HEX: return hex_line(in, max, message);
    case FRAME_JSON: return json_line(in, max, message);
    default: return plain_line(in, max, message);
    }
}

enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message)
{
    const struct framing *framing = in->framing;

    if (framing->mode == FRAME_RAW)
        return framing->crlf ? next_text(in, max, message) : next_piece(in, max, message);
    return modes[framing->mode].is_line ? find_line(in, max, ended, message)
                                        : next_sized(in, max, ended, message);
}

/* ---- out ------------------------------------------------------------------------------------ */

static size_t put_json(char *out, const struct origin *origin, const uint8_t *data, size_t length)
{
    static char identity[IDENTITY_TEXT_MAX];
    char *p = out;

    p += sprintf(p, "{\"peer\":\"%s\",\"identity\":", origin->name);
    p += json_quote(p, identity_text(identity, origin->identity, origin->identity_length));
    p += sprintf(p, ",\"len\":%zu,\"data\":\"", length);
    p += base64_encode(p, data, length);
    p += sprintf(p, "\"}\n");
    return (size_t)(p - out);
}

static size_t put_sized(uint8_t *out, size_t header, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < header; i++)
        out[i] = (uint8_t)(length >> 8 * (header - 1 - i));
    memcpy(out + header, data, length);
    return header + length;
}

static size_t put_text_line(uint8_t *out, char end, const uint8_t *data, size_t length)
{
    memcpy(out, data, length);
    if (length == 0 || data[length - 1] != (uint8_t)end)
        out[length++] = (uint8_t)end;
    return length;
}

static size_t put_hex(uint8_t *out, const uint8_t *data, size_t length)
{
    hex_encode((char *)out, data, length);
    out[2 * length] = '\n';
    return 2 * length + 1;
}

ssize_t frame_put(const struct framing *framing, uint8_t *out, const struct origin *origin,
                  const uint8_t *data, size_t length)
{
    enum frame_mode mode = framing->mode;

    if (mode == FRAME_FIXED && length != framing->fixed)
        return -1;
    if (mode == FRAME_JSON)
        return (ssize_t)put_json((char *)out, origin, data, length);
    if (mode == FRAME_HEX)
        return (ssize_t)put_hex(out, data, length);
    if (modes[mode].is_line)
        return (ssize_t)put_text_line(out, modes[mode].end, data, length);
    return (ssize_t)put_sized(out, modes[mode].header, data, length);
}
