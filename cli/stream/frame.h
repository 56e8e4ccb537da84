/*
 * frame.h - where messages begin and end on stdin and stdout: --frame.
 *
 *   raw          nowhere
 *   line, nul    a newline, a zero byte ends each
 *   len16, len32 its length is before it, the most significant byte first
 *   fixed:N      each has N bytes
 *   hex, json    a line has one; json: also who sent it, and for whom it is
 *   packet       a program has a socket that keeps them: child.h
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FRAME_MAX_MESSAGE 16384 /* what fits a record */

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
    bool crlf;    /* raw, line: lines end with CR LF in messages */
};

/* "fixed:64" and the like. False: there is no such mode. */
bool frame_parse(const char *text, struct framing *framing);

/* ---- in ------------------------------------------------------------------------------------- */

#define FRAME_IN_BYTES (128 * 1024) /* the longest line */

struct frame_in {
    const struct framing *framing;
    size_t start, end; /* of what waits */
    size_t searched;   /* so much behind start has no end of a line */
    uint64_t skip;     /* bytes to come of a message that is too long */
    bool skip_line;    /* likewise, to the end of the line */
    bool after_cr;     /* raw with crlf: the last byte was a CR */
    const char *wrong; /* why FRAME_BAD */
    uint8_t data[FRAME_IN_BYTES];
    uint8_t text[FRAME_MAX_MESSAGE]; /* a message that had to be changed */
};

struct message {
    uint8_t *data;
    size_t length;
    const char *peer;        /* json: the address of the only recipient; NULL: not given */
    const uint8_t *identity; /* json: its identity; NULL: not given */
    size_t identity_length;
};

enum frame_result {
    FRAME_MESSAGE,
    FRAME_MORE,     /* nothing whole is there */
    FRAME_TOO_LONG, /* skipped; message.length says how long it was, 0: nobody counted */
    FRAME_BAD       /* skipped; wrong says why */
};

void frame_in_init(struct frame_in *in, const struct framing *framing);

/* Where the next bytes of the stream are to be put, how many fit, and that they are there. There is room
 * after FRAME_MORE. */
uint8_t *frame_space(struct frame_in *in, size_t *size);
void frame_filled(struct frame_in *in, size_t length);

/* The next message, of at most max bytes; a stream without frames is cut. ended: nothing more will come.
 * The message is valid until the next call. */
enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message);

/* ---- out ------------------------------------------------------------------------------------ */

/* Enough for every message that a record can bring, of whomever. */
#define FRAME_OUT_BYTES (5 * 65536)

struct origin {
    const char *name; /* "127.0.0.1:51712" */
    const uint8_t *identity;
    size_t identity_length;
};

/* Writes a message to out, which has FRAME_OUT_BYTES. Its length there, or -1: the mode cannot say it. */
ssize_t frame_put(const struct framing *framing, uint8_t *out, const struct origin *origin,
                  const uint8_t *data, size_t length);

#endif
