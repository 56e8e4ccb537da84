/*
 * frame.h - --frame: the message boundaries on stdin and stdout.
 *
 *   raw           no boundaries
 *   line, nul     a newline or a zero byte ends each message
 *   len16, len32  a big-endian length of 16 or 32 bits precedes each message
 *   fixed:N       each message has N bytes
 *   hex           each message is a line of hex digits
 *   json          each message is a line with a JSON object that names the sender or recipient
 *   packet        the program of -e has a socket that preserves boundaries: peer/child.h
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FRAME_MAX_MESSAGE 16384 /* the plaintext of a record (RFC 6347 section 4.1) */

enum frame_mode {
    FRAME_RAW,
    FRAME_LINE,
    FRAME_NUL,
    FRAME_LEN16,
    FRAME_LEN32,
    FRAME_FIXED,
    FRAME_HEX,
    FRAME_JSON,
    FRAME_PACKET
};

struct framing {
    enum frame_mode mode;
    size_t fixed; /* bytes of each message, 1..FRAME_MAX_MESSAGE */
    bool crlf;    /* raw, line: lines of sent messages end with CR LF */
};

/* Parses a mode such as "line" or "fixed:64". Returns false if the mode is unknown or N is invalid.
 * */
bool frame_parse(const char *text, struct framing *framing);

/* ---- in ------------------------------------------------------------------------------------- */

#define FRAME_IN_BYTES (128 * 1024) /* the longest line */

struct frame_in {
    const struct framing *framing;
    size_t start, end; /* the unread part of data */
    size_t searched;   /* bytes after start that contain no end of line */
    uint64_t skip;     /* bytes to skip of a message that is too long */
    bool skip_line;    /* the current line is too long: skip the rest of it */
    bool after_cr;     /* raw with crlf: the last byte was a CR */
    const char *wrong; /* the error of FRAME_BAD */
    uint8_t data[FRAME_IN_BYTES];
    uint8_t text[FRAME_MAX_MESSAGE]; /* the copy of a message whose line ends were changed */
};

struct message {
    uint8_t *data;
    size_t length;
    const char *peer;        /* json: the address of the only recipient; NULL if absent */
    const uint8_t *identity; /* json: the identity of the recipient; NULL if absent */
    size_t identity_length;
};

enum frame_result {
    FRAME_MESSAGE,
    FRAME_MORE,     /* no complete message is available */
    FRAME_TOO_LONG, /* skipped; message.length is its length, or 0 if unknown */
    FRAME_BAD       /* skipped; frame_in.wrong is the error */
};

void frame_in_init(struct frame_in *in, const struct framing *framing);

/* Returns where to store the next bytes of the stream, and in size how many fit. After FRAME_MORE
 * there is always space. */
uint8_t *frame_space(struct frame_in *in, size_t *size);
/* Accounts for length bytes that were stored there. */
void frame_filled(struct frame_in *in, size_t length);

/* Parses the next message, of at most max bytes. A raw stream is split into pieces of this size.
 * ended: the stream has no more bytes. The message is valid until the next call. */
enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message);

/* ---- out ------------------------------------------------------------------------------------ */

/* Enough for any received message of any peer, in any mode. */
#define FRAME_OUT_BYTES (5 * 65536)

/* The sender of a received message. */
struct origin {
    const char *name; /* "127.0.0.1:51712" */
    const uint8_t *identity;
    size_t identity_length;
};

/* Writes a message to out, which has room for FRAME_OUT_BYTES. Returns the length in out, or -1 if
 * the mode cannot represent the message: fixed:N, and the message does not have N bytes. */
ssize_t frame_put(const struct framing *framing, uint8_t *out, const struct origin *origin,
                  const uint8_t *data, size_t length);

#endif
