#include "held.h"

#include <stdlib.h>
#include <string.h>

struct held {
    struct held *next;
    session_t client;
    size_t length;
    uint8_t data[EARLY_BYTES];
};

/* Where the client's is, or the NULL at the end. */
static struct held **find(struct held **all, const session_t *client)
{
    while (*all != NULL && !dtls_session_equals(&(*all)->client, client))
        all = &(*all)->next;
    return all;
}

bool held_put(struct held **all, const session_t *client, const uint8_t *data, size_t length)
{
    struct held **place = find(all, client);

    if (*place == NULL) {
        *place = calloc(1, sizeof **place);
        if (*place == NULL)
            return false;
        (*place)->client = *client;
    }
    struct held *held = *place;
    if (length > sizeof held->data - held->length)
        return false;
    memcpy(held->data + held->length, data, length);
    held->length += length;
    return true;
}

bool held_release(struct held **all, const session_t *client, struct sink *sink)
{
    struct held **place = find(all, client), *held = *place;

    if (held == NULL)
        return false;
    if (sink != NULL)
        sink_put(sink, held->data, held->length);
    *place = held->next;
    explicit_bzero(held->data, held->length);
    free(held);
    return true;
}

void held_clear(struct held **all)
{
    while (*all != NULL)
        held_release(all, &(*all)->client, NULL);
}
