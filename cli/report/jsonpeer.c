#include "report/jsonpeer.h"

#include "net/address.h"

/* Formatting an address takes longer than the rest of an event about data, and successive events are mostly about the
 * same peer. */
static struct {
    session_t session;
    char text[NET_NAME_MAX];
} last;

void jsonpeer_put(struct json_writer *writer, const char *name, const session_t *session)
{
    if (last.text[0] == '\0' || dtls_session_equals(&last.session, session) == 0) {
        last.session = *session;
        net_name(last.text, session);
    }
    json_string(writer, name, last.text);
}
