#include "common_frames.h"

#include <string.h>
#include <sys/socket.h>

enum { NUMBER_MAX = 8 };

static int number_length(frame_type_t type)
{
    switch (type) {
    case FRAME_PACKET:
    case FRAME_MTU:
    case FRAME_TIMER: return 4;
    case FRAME_STEP:
    case FRAME_EXPECT: return 8;
    case FRAME_STEPPED: return 0;
    }
    return -1;
}

static bool send_all(int fd, const uint8_t *data, size_t length, int flags)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL | flags);
        if (sent <= 0)
            return false;
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool send_head(int fd, frame_type_t type, uint64_t number, int flags)
{
    uint8_t head[1 + NUMBER_MAX] = {(uint8_t)type};
    int length = number_length(type);
    for (int i = 0; i < length; i++)
        head[1 + i] = (uint8_t)(number >> (8 * (length - 1 - i)));
    return send_all(fd, head, 1 + (size_t)length, flags);
}

bool frame_send(int fd, frame_type_t type, uint64_t number)
{
    return send_head(fd, type, number, 0);
}

bool frame_send_packet(int fd, const uint8_t *data, size_t length)
{
    return send_head(fd, FRAME_PACKET, length, MSG_MORE) && send_all(fd, data, length, 0);
}

static bool receive_all(int fd, uint8_t *data, size_t length)
{
    return length == 0 || recv(fd, data, length, MSG_WAITALL) == (ssize_t)length;
}

int frame_receive(int fd, frame_t *frame)
{
    uint8_t type, number[NUMBER_MAX];
    ssize_t got = recv(fd, &type, 1, 0);
    if (got <= 0)
        return (int)got;
    frame->type = type;
    frame->number = 0;
    int length = number_length(frame->type);
    if (length < 0 || !receive_all(fd, number, (size_t)length))
        return -1;
    for (int i = 0; i < length; i++)
        frame->number = frame->number << 8 | number[i];
    if (frame->type != FRAME_PACKET)
        return 1;
    bool fits = frame->number <= sizeof frame->data;
    return fits && receive_all(fd, frame->data, (size_t)frame->number) ? 1 : -1;
}
