/*
 * message.h - messages between a process and its helper: a header, bytes, and descriptors.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_FDS 2

struct message_header {
    uint32_t operation; /* a request */
    int32_t flags;      /* a request: of open(2) */
    int32_t error;      /* a response: error number, or 0 */
    int32_t pid;        /* a response: process ID of the program */
    uint32_t length;    /* number of bytes after the header */
    uint32_t fd_count;
};

/* Sends a message. Returns false with errno. */
bool message_send(int socket, const struct message_header *header, const char *bytes,
                  const int fds[MESSAGE_FDS]);
/* Receives a header and its descriptors, of which those beyond header->fd_count are -1. Returns
 * false with errno; errno is EPIPE if the other side has ended. */
bool message_receive(int socket, struct message_header *header, int fds[MESSAGE_FDS]);
/* Receives `length` bytes. */
bool message_receive_bytes(int socket, char *bytes, size_t length);

#endif
