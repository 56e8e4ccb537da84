/*
 * chat.h - --chat: messages that begin with the name of their sender.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stddef.h>
#include <stdint.h>

struct spoken {
    uint8_t *data; /* valid until the next call */
    size_t length;
};

#define CHAT_HOST "host" /* the speaker of what comes from stdin */
#define CHAT_SIGNS 3     /* bytes around the name of the speaker */

/* The message behind the name of its speaker. */
struct spoken chat_message(const char *speaker, const uint8_t *data, size_t length);

#endif
