#include "jar.h"

#include <string.h>

static void keep(void *hook, const session_t *session, const uint8_t *state, size_t length,
                 uint32_t lifetime_s)
{
    jar_t *jar = ((node_t *)hook)->user;
    (void)session;

    CHECK(length <= sizeof(jar->state));
    memcpy(jar->state, state, length);
    jar->length = length;
    jar->lifetime_s = lifetime_s;
    jar->count++;
}

void jar_use(node_t *client, jar_t *jar)
{
    memset(jar, 0, sizeof(*jar));
    client->user = jar;
    client->config.ticket = keep;
}

int resume(node_t *client, node_t *server, const jar_t *jar, uint64_t age_ms)
{
    return dtls_resume(client->ctx, &server->address, jar->state, jar->length, age_ms);
}
