/*
 * wire.c - a long cable: forwards the frames of two network interfaces to each other, each after a delay.
 *
 *     wire INTERFACE INTERFACE MS
 *
 * A substitute for netem, which not every kernel has. A virtio header precedes each frame, because the kernel has not
 * computed its checksum yet. The program prints "ready", and runs until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 1 << 16, HEADER = 10, ENDS = 2 };

typedef struct frame frame_t;
struct frame {
    frame_t *next;
    uint64_t due; /* in nanoseconds */
    size_t length;
    char data[]; /* a virtio header and the frame */
};

typedef struct {
    int socket;
    frame_t *first, **last; /* frames to this end, by time */
} end_t;

static end_t ends[ENDS];
static uint64_t delay;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int attach(const char *interface)
{
    const struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                        .sll_protocol = htons(ETH_P_ALL),
                                        .sll_ifindex = (int)if_nametoindex(interface)};
    const int yes = 1, room = 1 << 22;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

    if (address.sll_ifindex == 0 || fd < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        die(interface);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return fd;
}

static void receive(int from, end_t *to)
{
    static char data[HEADER + FRAME];
    ssize_t length;

    while ((length = recv(from, data, sizeof data, 0)) > 0) {
        frame_t *frame = malloc(sizeof *frame + (size_t)length);

        if (!frame)
            die("no memory");
        *frame = (frame_t){.due = now() + delay, .length = (size_t)length};
        memcpy(frame->data, data, (size_t)length);
        *to->last = frame;
        to->last = &frame->next;
    }
}

static void deliver(end_t *to)
{
    while (to->first && to->first->due <= now()) {
        frame_t *frame = to->first;

        if (send(to->socket, frame->data, frame->length, 0) < 0)
            fprintf(stderr, "wire: a frame of %zu bytes: %s\n", frame->length, strerror(errno));
        to->first = frame->next;
        if (!to->first)
            to->last = &to->first;
        free(frame);
    }
}

/* Returns the time until the next frame is due, or NULL if there is none. */
static const struct timespec *until_due(struct timespec *wait)
{
    uint64_t due = UINT64_MAX, time = now();

    for (const end_t *end = ends; end < ends + ENDS; end++)
        if (end->first && end->first->due < due)
            due = end->first->due;
    if (due == UINT64_MAX)
        return NULL;
    due = due > time ? due - time : 0;
    *wait = (struct timespec){(time_t)(due / 1000000000), (long)(due % 1000000000)};
    return wait;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: wire INTERFACE INTERFACE MS\n", stderr);
        return 2;
    }
    delay = strtoull(argv[3], NULL, 10) * 1000000;
    for (int i = 0; i < ENDS; i++)
        ends[i] = (end_t){.socket = attach(argv[i + 1]), .last = &ends[i].first};
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd polled[ENDS] = {{ends[0].socket, POLLIN, 0}, {ends[1].socket, POLLIN, 0}};
        struct timespec wait;

        ppoll(polled, ENDS, until_due(&wait), NULL);
        for (int i = 0; i < ENDS; i++)
            receive(ends[i].socket, &ends[!i]);
        for (int i = 0; i < ENDS; i++)
            deliver(&ends[i]);
    }
}
