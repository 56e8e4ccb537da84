/*
 * chat.h - --chat: prefixes each message with the name of its sender.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stddef.h>
#include <stdint.h>

struct spoken {
    uint8_t *data; /* valid until the next call */
    size_t length;
};

#define CHAT_HOST "host" /* the name for messages from stdin */
#define CHAT_SIGNS 3     /* bytes that are added to the name: "<", ">" and a space */

/* Returns "<speaker> " followed by the message. length is at most DTLS_MAX_BUF, and speaker is
 * shorter than SHOWN_MAX. */
struct spoken chat_message(const char *speaker, const uint8_t *data, size_t length);

#endif
