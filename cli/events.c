#include "events.h"

#include <string.h>

#include "common/exit.h"
#include "common/report.h"
#include "configure.h"
#include "peer/deliver.h"
#include "peer/ending.h"
#include "peer/feedback.h"
#include "peer/outgoing.h"
#include "peer/peer.h"
#include "report/jsonevents.h"
#include "sessions.h"

/* ---- data ----------------------------------------------------------------------------------- */

static int on_write(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct app *app = dtls_get_app_data(dtls);

    response_note_request(&app->response, data, length);
    net_send(&app->net, session, data, length);
    return (int)length;
}

static int on_write_batch(dtls_context_t *dtls, session_t *session, uint8 *datagrams, size_t length,
                          size_t segment)
{
    struct app *app = dtls_get_app_data(dtls);

    net_send_batch(&app->net, session, datagrams, length, segment);
    return (int)length;
}

/* Counts messages that the socket did not accept. They are lost, even if the peer later confirms
 * all that it received. */
static void on_unsent(void *hook, const session_t *to, size_t messages)
{
    struct app *app = hook;
    struct peer *peer = peer_find(app, to);

    if (peer != NULL && peer->state == PEER_HANDSHAKE)
        app->early.unsent += messages;
    else if (peer != NULL)
        peer->out.unsent += messages;
}

static void on_answer(struct peer *peer, struct feedback_answer answer)
{
    if (answer.kind == FEEDBACK_ECHO)
        outgoing_echoed(peer, answer.serial);
    else if (answer.kind == FEEDBACK_REPORT)
        outgoing_reported(peer, answer.serial, &answer.received, answer.room);
}

static void on_heartbeat(void *hook, const session_t *session, bool request, const uint8_t *payload,
                         size_t length)
{
    struct peer *peer = peer_of_callback(hook);

    (void)session;
    if (peer == NULL || (peer->state != PEER_OPEN && peer->state != PEER_CLOSING))
        return;
    on_answer(peer, feedback_received(peer, request, payload, length));
    due_touch(peer);
}

static int on_read(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct app *app = dtls_get_app_data(dtls);
    struct peer *peer = peer_of_callback(app);

    if (peer == NULL)
        peer = peer_add(app, session);
    if (peer == NULL)
        dtls_abort(dtls, session, DTLS_ALERT_INTERNAL_ERROR);
    if (peer == NULL)
        return 0;
    feedback_count(peer, length);
    if (peer->state != PEER_HANDSHAKE)
        deliver_message(peer, data, length);
    else if (!queue_put(&peer->early, data, length))
        peer_reject(peer, DTLS_ALERT_INTERNAL_ERROR);
    due_touch(peer);
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
    const struct app *app = dtls_get_app_data(dtls);
    const struct credential *own = &app->psk->ring.entries[0];
    const char *hint = app->options->hint != NULL ? app->options->hint : "";
    const struct key *key;

    (void)session;
    switch (type) {
    case DTLS_PSK_HINT: return copy_out(result, result_length, hint, strlen(hint));
    case DTLS_PSK_IDENTITY:
        return copy_out(result, result_length, own->identity, own->identity_length);
    case DTLS_PSK_KEY:
        key = keyring_find(&app->psk->ring, desc, desc_len);
        if (key != NULL)
            return copy_out(result, result_length, key->data, key->length);
    }
    return dtls_alert_fatal_create(DTLS_ALERT_UNKNOWN_PSK_IDENTITY);
}

static void on_ticket(void *hook, const session_t *session, const uint8_t *state, size_t length,
                      uint32_t lifetime_s)
{
    const struct app *app = hook;

    (void)session, (void)lifetime_s;
    ticketfile_store(&app->ticket, state, length);
}

static void on_refused(void *hook, const session_t *session, dtls_error_t error)
{
    sessions_refused(hook, session, error);
}

/* Handles an event of a peer, which may be NULL before the handshake is complete. */
static void handle_event(struct app *app, session_t *session, struct peer *peer, unsigned event)
{
    switch (event) {
    case DTLS_EVENT_CONNECT:
        jsonevents_state(session, "handshake");
        if (!app->options->listen)
            dtls_set_peer_data(dtls_callback_peer(app->dtls), app->peers);
        break;
    case DTLS_EVENT_CONNECTED: sessions_connected(app, session); break;
    case DTLS_EVENT_KEYS_UPDATED:
        if (peer != NULL)
            outgoing_acknowledged(peer);
        break;
    case DTLS_EVENT_HALF_CLOSED:
        if (peer != NULL)
            sessions_half_closed(peer);
        break;
    case DTLS_EVENT_MTU:
        if (peer != NULL)
            outgoing_path_probed(peer);
        break;
    case DTLS_EVENT_MOVED: sessions_moved(app, session); break;
    case DTLS_EVENT_UNVERIFIED: sessions_unverified(app, session); break;
    case DTLS_EVENT_CLOSED:
    case DTLS_EVENT_FAILED:
    case DTLS_EVENT_TIMEOUT: sessions_ended(app, session, event); break;
    default: break;
    }
}

static int on_event(dtls_context_t *dtls, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    struct app *app = dtls_get_app_data(dtls);

    if (level != 0)
        return 0; /* an alert: if it ends the association, the library reports an event next */
    struct peer *peer = peer_of_callback(app);
    handle_event(app, session, peer, code);
    if (peer != NULL)
        due_touch(peer);
    return 0;
}

/* ---- the context --------------------------------------------------------------------------- */

/* Checks the label of --export before any handshake. The library checks a label before it looks for
 * the peer, so an address without an association serves for the check. */
static bool may_export(struct app *app)
{
    const char *label = app->options->export_label;
    session_t unspecified;
    uint8_t byte;

    dtls_session_init(&unspecified);
    if (app->options->export_length == 0 ||
        dtls_export(app->dtls, &unspecified, label, NULL, 0, &byte, 1) != -DTLS_ERR_ARGUMENT)
        return true;
    report("--export: the label \"%s\" is reserved for the handshake: choose another label", label);
    return false;
}

static void on_trace(void *hook, const dtls_trace_t *event)
{
    trace_show(&((struct app *)hook)->trace, event);
}

static void on_log(void *hook, dtls_log_t level, const char *message)
{
    trace_log(&((struct app *)hook)->trace, level, message);
}

static void on_secret(void *hook, const char *label, const uint8_t *client_random,
                      const uint8_t *secret, size_t length)
{
    trace_key(&((struct app *)hook)->trace, label, client_random, secret, length);
}

int events_set_secrets(struct app *app)
{
    if (app->secrets.count == 0 || app->dtls == NULL)
        return EXIT_DONE;
    int result = dtls_set_secrets(app->dtls, app->secrets.bytes, app->secrets.count);
    secrets_clear(&app->secrets); /* the library has a copy */
    if (result == 0)
        return EXIT_DONE;
    report("cannot derive keys from the secrets: libcrypto failed");
    return EXIT_IO;
}

/* The first byte of a connection ID is the number of the worker, by which the kernel finds the
 * socket of the worker. */
static void configure_worker(dtls_config_t *config, const struct app *app)
{
    if (app->options->workers == 0 || config->cid_length == 0)
        return;
    config->cid_prefix = &app->worker;
    config->cid_prefix_length = sizeof app->worker;
}

int events_start(struct app *app)
{
    static const dtls_handler_t handler = {.write = on_write,
                                           .write_batch = on_write_batch,
                                           .read = on_read,
                                           .event = on_event,
                                           .get_psk_info = on_psk};
    dtls_config_t config;

    dtls_config_init(&config);
    configure(&config, app->options);
    configure_worker(&config, app);
    config.hook = app;
    config.handshake_ms = app->options->handshake_ms;
    if (app->options->resume != NULL)
        config.ticket = on_ticket;
    config.refused = on_refused;
    config.heartbeat_received = on_heartbeat;
    config.log = on_log;
    if (trace_wants_messages(&app->trace))
        config.trace = on_trace;
    if (trace_wants_keys(&app->trace))
        config.keylog = on_secret;
    app->net.unsent = on_unsent;
    app->net.hook = app;
    app->mtu = config.mtu;
    app->dtls = dtls_new_context_config(app, &config);
    if (app->dtls == NULL) {
        report("cannot start DTLS: libcrypto failed, or memory is exhausted");
        return EXIT_IO;
    }
    dtls_set_handler(app->dtls, &handler);
    if (!may_export(app))
        return EXIT_USAGE;
    return events_set_secrets(app);
}
