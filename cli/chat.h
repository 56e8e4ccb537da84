/*
 * chat.h - --chat: messages that begin with who says them.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stddef.h>
#include <stdint.h>

struct peer;

struct spoken {
    uint8_t *data; /* valid until the next call */
    size_t length;
};

#define CHAT_HOST "<host> "

/* from: the peer that has sent the message, by its identity, if keys have such, else by its address. NULL: it
 * is from stdin. */
struct spoken chat_message(const struct peer *from, const uint8_t *data, size_t length);

#endif
