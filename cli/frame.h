#ifndef FRAME_H
#define FRAME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
enum frame_mode {
    FRAME_RAW,
    FRAME_LINE,
    FRAME_NUL,
    FRAME_LEN16,
    FRAME_LEN32,
    FRAME_FIXED,
    FRAME_HEX,
    FRAME_JSON
};
struct framing {
    enum frame_mode mode;
    size_t fixed;
    bool crlf;
};
bool frame_mode_parse(const char *text, struct framing *framing);
struct message {
    uint8_t *data;
    size_t length;
    const char *peer;
};
enum frame_result { FRAME_MESSAGE, FRAME_MORE, FRAME_TOO_LONG, FRAME_BAD };
#define FRAME_IN_BYTES (128 * 1024)
struct frame_in {
    const struct framing *framing;
    size_t start, end;
    const char *wrong;
    uint8_t data[FRAME_IN_BYTES];
};
void frame_in_init(struct frame_in *in, const struct framing *framing);
uint8_t *frame_space(struct frame_in *in, size_t *size);
void frame_filled(struct frame_in *in, size_t length);
bool frame_is_empty(const struct frame_in *in);
enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message);
struct origin {
    const char *name;
    const uint8_t *identity;
    size_t identity_length;
};
#define FRAME_OUT_BYTES (400000)
ssize_t frame_put(const struct framing *framing, uint8_t *out, size_t size,
                  const struct origin *origin, const uint8_t *data, size_t length);
#endif
