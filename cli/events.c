#include "events.h"

#include <string.h>

#include "common/exit.h"
#include "common/say.h"
#include "configure.h"
#include "peer/ending.h"
#include "peer/incoming.h"
#include "peer/outgoing.h"
#include "peer/peer.h"
#include "sessions.h"

/* ---- data ----------------------------------------------------------------------------------- */

static int on_write(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct cat *cat = dtls_get_app_data(dtls);

    answer_sent(&cat->answer, data, length);
    net_send(&cat->net, session, data, length);
    return (int)length;
}

/* Messages that the network did not take are lost: a later question cannot confirm them. */
static void on_unsent(void *hook, const session_t *to, size_t messages)
{
    struct cat *cat = hook;
    struct peer *peer = peer_find(cat, to);

    if (peer != NULL && peer->state == PEER_HANDSHAKE)
        cat->early.unsent += messages;
    else if (peer != NULL)
        peer->out.unsent += messages;
}

static int on_read(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct cat *cat = dtls_get_app_data(dtls);
    struct peer *peer = peer_find(cat, session);

    if (peer == NULL)
        peer = peer_add(cat, session);
    if (peer == NULL)
        dtls_abort(dtls, session, DTLS_ALERT_INTERNAL_ERROR);
    else if (peer->state != PEER_HANDSHAKE)
        incoming_put(peer, data, length);
    else if (!queue_put(&peer->early, data, length))
        peer_send_away(peer, DTLS_ALERT_INTERNAL_ERROR);
    return 0;
}

/* ---- keys and tickets ----------------------------------------------------------------------- */

static int copy_out(unsigned char *result, size_t room, const void *bytes, size_t length)
{
    if (length > room)
        return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    memcpy(result, bytes, length);
    return (int)length;
}

static int on_psk(dtls_context_t *dtls, const session_t *session, dtls_credentials_type_t type,
                  const unsigned char *desc, size_t desc_len, unsigned char *result,
                  size_t result_length)
{
    const struct cat *cat = dtls_get_app_data(dtls);
    const struct credential *own = &cat->psk->ring.entries[0];
    const char *hint = cat->options->hint != NULL ? cat->options->hint : "";
    const struct key *key;

    (void)session;
    switch (type) {
    case DTLS_PSK_HINT: return copy_out(result, result_length, hint, strlen(hint));
    case DTLS_PSK_IDENTITY:
        return copy_out(result, result_length, own->identity, own->identity_length);
    case DTLS_PSK_KEY:
        key = keyring_find(&cat->psk->ring, desc, desc_len);
        if (key != NULL)
            return copy_out(result, result_length, key->data, key->length);
    }
    return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
}

static void on_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                      uint32_t lifetime_s)
{
    const struct cat *cat = hook;

    (void)session, (void)lifetime_s;
    ticketfile_store(&cat->ticket, state, length);
}

static void on_refused(void *hook, const session_t *session, dtls_error_t error)
{
    sessions_refused(hook, session, error);
}

static int on_event(dtls_context_t *dtls, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    struct cat *cat = dtls_get_app_data(dtls);
    struct peer *peer;

    if (level != 0)
        return 0; /* an alert that ends something comes again as an event */
    switch (code) {
    case DTLS_EVENT_CONNECT:
        if (!cat->options->listen)
            dtls_set_peer_data(dtls_get_peer(dtls, session), cat->peers);
        break;
    case DTLS_EVENT_CONNECTED: sessions_connected(cat, session); break;
    case DTLS_EVENT_HEARTBEAT:
        peer = peer_find(cat, session);
        if (peer != NULL)
            outgoing_answered(peer);
        break;
    case DTLS_EVENT_KEYS_UPDATED:
        peer = peer_find(cat, session);
        if (peer != NULL && !peer->info.heartbeat)
            outgoing_answered(peer);
        break;
    case DTLS_EVENT_HALF_CLOSED:
        peer = peer_find(cat, session);
        if (peer != NULL)
            sessions_half_closed(peer);
        break;
    case DTLS_EVENT_MTU:
        peer = peer_find(cat, session);
        if (peer != NULL)
            outgoing_path_answered(peer);
        break;
    case DTLS_EVENT_MOVED: sessions_moved(cat, session); break;
    case DTLS_EVENT_UNVERIFIED: sessions_unverified(cat, session); break;
    case DTLS_EVENT_CLOSED:
    case DTLS_EVENT_FAILED:
    case DTLS_EVENT_TIMEOUT: sessions_ended(cat, session, code); break;
    default: break;
    }
    return 0;
}

/* ---- the context --------------------------------------------------------------------------- */

/* The library knows which labels are its own, before there is any peer. */
static bool may_export(struct cat *cat)
{
    const char *label = cat->options->export_label;
    session_t nobody;
    uint8_t byte;

    dtls_session_init(&nobody);
    if (cat->options->export_length == 0 ||
        dtls_export(cat->dtls, &nobody, label, NULL, 0, &byte, 1) != -DTLS_ERR_ARGUMENT)
        return true;
    say("--export: the label \"%s\" belongs to the handshake", label);
    return false;
}

static void on_trace(void *hook, const dtls_trace_t *event)
{
    trace_show(&((struct cat *)hook)->trace, event);
}

static void on_log(void *hook, dtls_log_t level, const char *message)
{
    trace_log(&((struct cat *)hook)->trace, level, message);
}

static void on_secret(void *hook, const char *label, const uint8_t *client_random,
                      const uint8_t *secret, size_t length)
{
    trace_key(&((struct cat *)hook)->trace, label, client_random, secret, length);
}

int events_start(struct cat *cat)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    dtls_config_t config;

    dtls_config_init(&config);
    configure(&config, cat->options);
    config.hook = cat;
    config.handshake_ms = cat->options->handshake_ms;
    if (cat->options->resume != NULL)
        config.ticket = on_ticket;
    config.refused = on_refused;
    config.log = on_log;
    if (trace_wants_messages(&cat->trace))
        config.trace = on_trace;
    if (trace_wants_keys(&cat->trace))
        config.keylog = on_secret;
    cat->net.unsent = on_unsent;
    cat->net.hook = cat;
    cat->mtu = config.mtu;
    cat->dtls = dtls_new_context_config(cat, &config);
    if (cat->dtls == NULL) {
        say("cannot start: libcrypto failed, or memory is short");
        return EXIT_IO;
    }
    dtls_set_handler(cat->dtls, &handler);
    return may_export(cat) ? EXIT_DONE : EXIT_USAGE;
}
