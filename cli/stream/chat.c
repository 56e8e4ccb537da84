#include "stream/chat.h"

#include <stdio.h>
#include <string.h>

#include "common/say.h"
#include "peer/peer.h"

static size_t put_speaker(char *text, size_t size, const struct peer *from)
{
    char name[NET_NAME_MAX], identity[SHOWN_MAX];

    if (from == NULL)
        return (size_t)snprintf(text, size, CHAT_HOST);
    bool named = from->cat->psk->ring.entries[0].identity != NULL;
    const dtls_info_t *info = &from->info;
    int used = named ? snprintf(text, size, "<%s> ",
                                show_bytes(identity, info->identity, info->identity_length))
                     : snprintf(text, size, "<%s> ", net_name(name, &from->session));
    return (size_t)used;
}

struct spoken chat_message(const struct peer *from, const uint8_t *data, size_t length)
{
    static uint8_t message[SHOWN_MAX + DTLS_MAX_BUF];
    size_t used = put_speaker((char *)message, SHOWN_MAX, from);

    memcpy(message + used, data, length);
    return (struct spoken){message, used + length};
}
