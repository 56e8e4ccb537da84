/*
 * chat.h - --chat: messages that begin with the name of their sender.
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

/* from: the peer that sent the message, named by its identity if the keys have identities, else by its address;
 * NULL: the message comes from stdin. */
struct spoken chat_message(const struct peer *from, const uint8_t *data, size_t length);

#endif
