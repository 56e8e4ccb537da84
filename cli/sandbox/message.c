#include "sandbox/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
    struct cmsghdr align;
};

static bool send_header(int socket, const struct message_header *header, const int fds[MESSAGE_FDS])
{
    union control control = {.bytes = {0}};
    struct iovec part = {(void *)(uintptr_t)header, sizeof *header};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t size = header->fd_count * sizeof(int);
    ssize_t sent;

    if (size > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(&control.align), fds, size);
    }
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *header;
}

bool message_send(int socket, const struct message_header *header, const char *bytes,
                  const int fds[MESSAGE_FDS])
{
    size_t done = 0;

    if (!send_header(socket, header, fds))
        return false;
    while (done < header->length) {
        ssize_t sent = send(socket, bytes + done, header->length - done, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        done += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

static void take_descriptors(const struct msghdr *message, int fds[MESSAGE_FDS])
{
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);

    fds[0] = fds[1] = -1;
    if (control != NULL && control->cmsg_type == SCM_RIGHTS &&
        control->cmsg_len <= CMSG_LEN(MESSAGE_FDS * sizeof(int)))
        memcpy(fds, CMSG_DATA(control), control->cmsg_len - CMSG_LEN(0));
}

bool message_receive(int socket, struct message_header *header, int fds[MESSAGE_FDS])
{
    union control control;
    struct iovec part = {header, sizeof *header};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control};
    ssize_t got;

    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (got < 0 && errno == EINTR);
    if (got >= 0)
        errno = EPIPE;
    if (got != (ssize_t)sizeof *header)
        return false;
    take_descriptors(&message, fds);
    return true;
}

bool message_receive_bytes(int socket, char *bytes, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = recv(socket, bytes + done, length - done, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}
