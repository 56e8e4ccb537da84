/*
 * chat.h - --chat: prefixes each message with the name of its sender.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stddef.h>
#include <stdint.h>

struct chat_text {
    uint8_t *data; /* valid until the next call */
    size_t length;
};

#define CHAT_HOST "host" /* the name for messages from stdin */
#define CHAT_SIGNS 3     /* bytes that are added to the name: "<", ">" and a space */

/* Returns "<sender> " followed by the message. length is at most DTLS_MAX_BUF, and sender is
 * shorter than SHOWN_MAX. */
struct chat_text chat_message(const char *sender, const uint8_t *data, size_t length);

#endif
