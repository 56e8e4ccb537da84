#include "stream/chat.h"

#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "dtls.h"

struct spoken chat_message(const char *speaker, const uint8_t *data, size_t length)
{
    static uint8_t message[SHOWN_MAX + CHAT_SIGNS + DTLS_MAX_BUF];
    size_t used = (size_t)snprintf((char *)message, SHOWN_MAX + CHAT_SIGNS, "<%s> ", speaker);

    memcpy(message + used, data, length);
    return (struct spoken){message, used + length};
}
