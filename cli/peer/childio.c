#include "peer/childio.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/report.h"
#include "peer/watch.h"

#define PACKET_BYTES (256 * 1024)
#define DISCARD_MAX (1 << 20)

/* ---- descriptors ---------------------------------------------------------------------------- */

/* With --frame=packet one socket serves both directions. Close it with the second direction. */
static void close_direction(struct child *child, int *fd, int direction)
{
    if (*fd < 0)
        return;
    watch_forget(child, *fd);
    if (child->packets && child->fd == child->out.in.fd)
        shutdown(*fd, direction);
    else
        close(*fd);
    *fd = -1;
}

static void close_input(struct child *child)
{
    queue_clear(&child->in);
    close_direction(child, &child->fd, SHUT_WR);
}

static void close_output(struct child *child)
{
    static uint8_t rest[PACKET_BYTES];

    /* Read all packets before the socket is closed. Otherwise the kernel would reset the
     * connection, and the program would lose its unread input. */
    while (child->packets && child->out.in.fd >= 0 &&
           recv(child->out.in.fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
        continue;
    close_direction(child, &child->out.in.fd, SHUT_RD);
    child->out.in.ended = true;
}

void child_close(struct child *child)
{
    close_input(child);
    close_output(child);
}

/* ---- input ------------------------------------------------------------------------------ */

/* Writes to the program. Returns the number of bytes written. If the program has closed its input,
 * the data is discarded and counts as written. */
static size_t write_input(struct child *child, const uint8_t *data, size_t length)
{
    if (child->fd < 0)
        return length;
    ssize_t written = child->packets ? send(child->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                                     : write(child->fd, data, length);
    if (written >= 0)
        return (size_t)written;
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : length;
}

/* An empty packet is not written, since the program would take it as the end of its input. */
bool child_put(struct child *child, const uint8_t *data, size_t length)
{
    size_t written = 0;

    if (child->packets && length == 0)
        return true; /* an empty packet would be the end of the program's input */
    if (queue_is_empty(&child->in))
        written = write_input(child, data, length);
    return written == length || queue_put(&child->in, data + written, length - written);
}

static void discard_output(struct child *child);

void child_flush(struct child *child)
{
    while (!queue_is_empty(&child->in)) {
        struct entry *first = child->in.first;
        size_t written =
            write_input(child, first->data + child->written, first->length - child->written);
        child->written += written;
        child->discarded = written > 0 ? 0 : child->discarded;
        if (child->written < first->length)
            break;
        child->written = 0;
        queue_drop(&child->in);
    }
    if (child->peer == NULL)
        discard_output(child);
    if (child->ending && queue_is_empty(&child->in))
        close_input(child);
}

void child_end_input(struct child *child)
{
    if (child == NULL)
        return;
    child->ending = true;
    child_flush(child);
}

/* ---- output ----------------------------------------------------------------------------- */

/* Returns true if the program has closed its end of the socket and no data is left. A read of 0
 * bytes alone does not show this, since it can also be an empty packet. */
static bool has_ended(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLRDHUP};
    int left;

    return poll(&ready, 1, 0) > 0 && (ioctl(fd, FIONREAD, &left) != 0 || left == 0);
}

static enum pipe_result read_packet(struct child *child, struct message *message)
{
    static uint8_t data[PACKET_BYTES];
    int fd = child->out.in.fd;
    ssize_t got = recv(fd, data, sizeof data, MSG_DONTWAIT);

    /* If the program closes the socket before it has read all its input, the kernel returns
     * ECONNRESET once, before the output of the program. */
    if (got < 0 && errno == ECONNRESET)
        got = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return PIPE_AGAIN;
    if (got < 0 || (got == 0 && has_ended(fd)))
        return PIPE_END;
    *message = (struct message){.data = data, .length = (size_t)got};
    return PIPE_DATA;
}

static enum pipe_result read_stream(struct child *child, size_t max, struct message *message)
{
    if (feed_next(&child->out, max, message))
        return PIPE_DATA;
    if (child->out.error == 0)
        return child->out.done ? PIPE_END : PIPE_AGAIN;
    report("%s: cannot read the output of its program: %s", child->name,
           strerror(child->out.error));
    return PIPE_END;
}

static enum pipe_result next(struct child *child, size_t max, struct message *message)
{
    return child->packets ? read_packet(child, message) : read_stream(child, max, message);
}

enum pipe_result child_next(struct child *child, size_t max, struct message *message)
{
    if (child->out.in.fd < 0)
        return PIPE_END;
    enum pipe_result result = next(child, max, message);
    if (result == PIPE_AGAIN && child->pid == 0 && child->out.needs_input) {
        /* a child of the program may still have the pipe open, so do not wait for its end */
        child->out.in.ended = true;
        result = next(child, max, message);
        result = result == PIPE_AGAIN ? PIPE_END : result;
    }
    if (result == PIPE_END)
        close_output(child);
    return result;
}

void child_has_ended(struct child *child)
{
    if (!child->packets)
        close_input(child);
}

/* Reads and discards the output of a program whose session has ended, while the program still has
 * queued input: some programs write before they read more input. A program that only writes is
 * ended by SIGPIPE. */
static void discard_output(struct child *child)
{
    struct message message;

    while (!queue_is_empty(&child->in) && child->discarded < DISCARD_MAX &&
           child_next(child, FRAME_MAX_MESSAGE, &message) == PIPE_DATA)
        child->discarded += message.length + 1;
    if (queue_is_empty(&child->in) || child->discarded >= DISCARD_MAX)
        close_output(child);
}
