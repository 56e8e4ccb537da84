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

#define FRAME_MAX_MESSAGE 16384 /* longest content of a record (RFC 6347 section 4.1) */

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
    size_t fixed; /* N of fixed:N, the length of each message: 1 to FRAME_MAX_MESSAGE */
    bool crlf;    /* -C, for raw and line: lines are sent with CR LF at their end */
};

/* Parses a mode such as "line" or "fixed:64". Returns false if the mode is unknown or N is out of
 * range. */
bool frame_parse(const char *text, struct framing *framing);

/* ---- in ------------------------------------------------------------------------------------- */

#define FRAME_IN_BYTES (256 * 1024) /* bytes of the input buffer, and so the limit of a line */

struct frame_in {
    const struct framing *framing;
    size_t start, end; /* data[start] to data[end - 1] is not parsed yet */
    size_t searched;   /* number of bytes after start that were searched for the end of a line */
    uint64_t skip;     /* number of bytes left to skip of a message that is too long */
    uint64_t lines;    /* number of lines read, in modes with a line per message */
    bool skip_line;    /* the current line is too long: skip its rest */
    bool after_cr;     /* -C with raw: the last input byte was a CR */
    const char *wrong; /* after FRAME_BAD: the error, for an error line */
    uint8_t data[FRAME_IN_BYTES];
    uint8_t text[FRAME_MAX_MESSAGE]; /* -C: a copy of a message, with CR LF at line ends */
};

struct message {
    uint8_t *data;
    size_t length;
    const char *peer;        /* json: address of the peer to send to; NULL if absent */
    const uint8_t *identity; /* json: identity of the peer to send to; NULL if absent */
    size_t identity_length;
};

enum frame_result {
    FRAME_MESSAGE,
    FRAME_MORE,     /* no message is complete */
    FRAME_TOO_LONG, /* a message was skipped; message.length is its length, or 0 if unknown */
    FRAME_BAD       /* a message was skipped; frame_in.wrong is the error */
};

void frame_in_init(struct frame_in *in, const struct framing *framing);

/* Returns where the next bytes of the stream are to be stored. size is set to the number of bytes
 * that fit, which is never 0 after FRAME_MORE. */
uint8_t *frame_space(struct frame_in *in, size_t *size);
/* Adds length bytes that the caller has stored at frame_space(). */
void frame_filled(struct frame_in *in, size_t length);
/* Returns true if the next piece of a raw stream would have less than max bytes, so that it is
 * better to read more first. */
bool frame_is_short(const struct frame_in *in, size_t max);

/* Parses the next message, of at most max bytes. A raw stream is split into pieces of this size.
 * ended is true if the stream has no more bytes. The message is valid until the next call. */
enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message);

/* ---- out ------------------------------------------------------------------------------------ */

/* Size of a buffer that fits any received message in any mode. */
#define FRAME_OUT_BYTES (5 * 65536)

/* The sender of a received message. */
struct origin {
    const char *name; /* address of the sender, such as "127.0.0.1:51712" */
    const uint8_t *identity;
    size_t identity_length;
};

/* Writes a received message to out in the mode of framing. out must have room for FRAME_OUT_BYTES.
 * Returns the length. Returns -1 if the mode cannot represent the message: with fixed:N, if its
 * length is not N. */
ssize_t frame_put(const struct framing *framing, uint8_t *out, const struct origin *origin,
                  const uint8_t *data, size_t length);

#endif
