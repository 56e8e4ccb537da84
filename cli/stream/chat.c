#include "stream/chat.h"

#include <stdio.h>
#include <string.h>

#include "common/report.h"
#include "dtls.h"

/* Makes one line of the message. Otherwise a second line could begin with the name of another
 * sender, and the message could control the terminals of its readers. */
static void make_one_line(uint8_t *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\n')
        length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
            text[i] = ' ';
    report_hide_controls((char *)text, length);
}

struct chat_text chat_message(const char *sender, const uint8_t *data, size_t length)
{
    static uint8_t message[SHOWN_MAX + CHAT_SIGNS + DTLS_MAX_BUF];
    size_t used = (size_t)snprintf((char *)message, SHOWN_MAX + CHAT_SIGNS, "<%s> ", sender);

    memcpy(message + used, data, length);
    make_one_line(message + used, length);
    return (struct chat_text){message, used + length};
}
