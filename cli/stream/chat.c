#include "stream/chat.h"

#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "dtls.h"

struct chat_text chat_message(const char *sender, const uint8_t *data, size_t length)
{
    static uint8_t message[SHOWN_MAX + CHAT_SIGNS + DTLS_MAX_BUF];
    size_t used = (size_t)snprintf((char *)message, SHOWN_MAX + CHAT_SIGNS, "<%s> ", sender);

    memcpy(message + used, data, length);
    return (struct chat_text){message, used + length};
}
