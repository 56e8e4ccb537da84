#include "net/batch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A kernel that does not know UDP_SEGMENT ignores it, and would send a batch as one datagram. So
 * check first if the kernel knows the option. */
bool batch_enable(int fd)
{
    int on = 1, off = 0;

    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    return setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
}

/* The kernel returns these errors if the datagrams exceed the path MTU, or if the network device
 * does not support segmentation. */
bool batch_is_refused(int error)
{
    return error == EINVAL || error == EIO || error == EMSGSIZE || error == EOPNOTSUPP;
}

bool batch_is_empty(const struct batch *batch)
{
    return batch->start == batch->end;
}

size_t batch_count(const struct batch *batch)
{
    size_t bytes = batch->end - batch->start;

    return bytes > 0 ? (bytes + batch->segment - 1) / batch->segment : 0;
}

size_t batch_messages(const struct batch *batch)
{
    size_t count = 0;

    for (uint64_t left = batch->messages; left != 0; left &= left - 1)
        count++;
    return count;
}

/* Compares all bytes of the two addresses. If the same address is stored in two ways, the only
 * effect is a new batch. */
static bool is_same(const session_t *a, const session_t *b)
{
    return a->size == b->size && a->ifindex == b->ifindex &&
           memcmp(&a->addr, &b->addr, a->size) == 0;
}

static bool fits(const struct batch *batch, const session_t *peer, size_t length)
{
    size_t bytes = batch->end - batch->start;
    bool closed = bytes % batch->segment > 0; /* after a shorter datagram no other may follow */

    return !closed && length <= batch->segment && bytes + length <= BATCH_BYTES &&
           bytes / batch->segment < BATCH_DATAGRAMS && is_same(&batch->peer, peer);
}

bool batch_add(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
               bool message)
{
    if (batch_is_empty(batch)) {
        batch_clear(batch);
        batch->peer = *peer;
        batch->segment = length;
    } else if (!fits(batch, peer, length)) {
        return false;
    }
    batch->messages |= (uint64_t)message << batch_count(batch);
    memcpy(batch->data + batch->end, data, length);
    batch->end += length;
    return true;
}

void batch_fill(struct batch *batch, const session_t *peer, const uint8_t *data, size_t length,
                size_t segment, bool messages)
{
    batch->peer = *peer;
    batch->segment = segment;
    batch->start = 0;
    batch->end = length;
    batch->messages = messages ? UINT64_MAX >> (64 - batch_count(batch)) : 0;
    memcpy(batch->data, data, length);
}

size_t batch_next(struct batch *batch, uint8_t **data)
{
    size_t left = batch->end - batch->start;
    size_t length = left < batch->segment ? left : batch->segment;

    *data = batch->data + batch->start;
    batch->start += length;
    return length;
}

void batch_clear(struct batch *batch)
{
    batch->start = batch->end = 0;
    batch->messages = 0;
}
