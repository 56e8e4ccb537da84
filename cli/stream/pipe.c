#include "stream/pipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/nowait.h"

static bool is_file(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void source_init(struct source *source, int fd)
{
    *source = (struct source){.fd = fd, .file = is_file(fd)};
}

bool source_is_ready(const struct source *source)
{
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};

    return !source->ended && poll(&ready, 1, 0) == 1;
}

enum pipe_result source_read(struct source *source, uint8_t *data, size_t size, size_t *length)
{
    ssize_t got = read(source->fd, data, size);

    if (got > 0) {
        *length = (size_t)got;
        return PIPE_DATA;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return PIPE_AGAIN;
    source->ended = true;
    return got == 0 ? PIPE_END : PIPE_FAILED;
}

void sink_init(struct sink *sink, int fd)
{
    sink->fd = fd;
    sink->file = is_file(fd);
    sink->broken = false;
    sink->start = sink->end = 0;
}

bool sink_pending(const struct sink *sink)
{
    return sink->end > sink->start;
}

bool sink_has_room(const struct sink *sink)
{
    return sink->broken || SINK_BYTES - (sink->end - sink->start) >= SINK_RESERVE;
}

bool sink_put(struct sink *sink, const uint8_t *data, size_t length)
{
    if (sink->broken)
        return true;
    if (SINK_BYTES - (sink->end - sink->start) < length)
        return false;
    if (SINK_BYTES - sink->end < length) {
        memmove(sink->data, sink->data + sink->start, sink->end - sink->start);
        sink->end -= sink->start;
        sink->start = 0;
    }
    memcpy(sink->data + sink->end, data, length);
    sink->end += length;
    return true;
}

void sink_break(struct sink *sink)
{
    sink->broken = true;
    sink->start = sink->end = 0;
}

enum pipe_result sink_flush(struct sink *sink)
{
    while (sink_pending(sink)) {
        size_t length = sink->end - sink->start;
        const uint8_t *data = sink->data + sink->start;
        ssize_t written =
            sink->file ? write(sink->fd, data, length) : nowait_write(sink->fd, data, length);
        if (written < 0 && (errno == EAGAIN || errno == EINTR))
            return PIPE_AGAIN;
        if (written < 0) {
            sink_break(sink);
            return errno == EPIPE ? PIPE_END : PIPE_FAILED;
        }
        sink->start += (size_t)written;
    }
    sink->start = sink->end = 0;
    return PIPE_DATA;
}
