/*
 * chat.h - --chat: writes the name of the sender before each message.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stddef.h>
#include <stdint.h>

struct chat_text {
    uint8_t *data; /* valid until the next call of chat_message() */
    size_t length;
};

#define CHAT_HOST "host" /* the name of the sender for messages from stdin */
#define CHAT_SIGNS 3     /* characters that are added to the name: "<", ">" and a space */

/* Returns "<sender> " and the message, as one line: newlines and tabs before the end of the message
 * become spaces, and other control characters become "?". length must be at most DTLS_MAX_BUF, and
 * sender shorter than SHOWN_MAX. */
struct chat_text chat_message(const char *sender, const uint8_t *data, size_t length);

#endif
