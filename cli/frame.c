#include "frame.h"
#include <string.h>
bool frame_mode_parse(const char *text, struct framing *framing)
{
    (void)framing;
    return strcmp(text, "raw") == 0;
}
void frame_in_init(struct frame_in *in, const struct framing *framing)
{
    in->framing = framing;
    in->start = in->end = 0;
}
uint8_t *frame_space(struct frame_in *in, size_t *size)
{
    in->start = in->end = 0;
    *size = 65536;
    return in->data;
}
void frame_filled(struct frame_in *in, size_t length)
{
    in->end += length;
}
bool frame_is_empty(const struct frame_in *in)
{
    return in->start == in->end;
}
enum frame_result frame_next(struct frame_in *in, size_t max, bool ended, struct message *message)
{
    (void)ended;
    if (in->start == in->end)
        return FRAME_MORE;
    size_t n = in->end - in->start < max ? in->end - in->start : max;
    *message = (struct message){.data = in->data + in->start, .length = n};
    in->start += n;
    return FRAME_MESSAGE;
}
ssize_t frame_put(const struct framing *framing, uint8_t *out, size_t size,
                  const struct origin *origin, const uint8_t *data, size_t length)
{
    (void)framing;
    (void)origin;
    if (length > size)
        return -1;
    memcpy(out, data, length);
    return (ssize_t)length;
}
