#include "peer.h"

#include <string.h>

#include "clock.h"
#include "configure.h"
#include "exit.h"
#include "outcome.h"
#include "report.h"
#include "say.h"

#define DEFAULT_HANDSHAKE_MS 20000

/* Wrong keys are worth a line unasked, but strangers must not fill the log of a quiet listener:
 * so many at once, and later one a second. */
#define COMPLAINTS 10
#define COMPLAINT_US 1000000

static uint32_t handshake_limit(const struct cat *cat)
{
    return cat->options->wait_ms > 0 ? cat->options->wait_ms : DEFAULT_HANDSHAKE_MS;
}

static bool is_ours(const struct cat *cat, const session_t *session)
{
    bool chosen = !cat->options->listen || cat->state == OPEN || cat->state == CLOSING;

    return chosen && dtls_session_equals(&cat->peer, session);
}

/* ---- callbacks ------------------------------------------------------------------------------ */

static int on_write(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct cat *cat = dtls_get_app_data(dtls);

    return net_send(&cat->net, session, data, length);
}

static int on_read(dtls_context_t *dtls, session_t *session, uint8 *data, size_t length)
{
    struct cat *cat = dtls_get_app_data(dtls);

    if (is_ours(cat, session)) {
        sink_put(&cat->out, data, length);
        cat->moved_us = clock_us();
    } else if (!held_put(&cat->held, session, data, length)) {
        dtls_abort(dtls, session, DTLS_ALERT_INTERNAL_ERROR);
    }
    return 0;
}

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

/* ---- events --------------------------------------------------------------------------------- */

static void on_connected(struct cat *cat, const session_t *session)
{
    char name[NET_NAME_MAX];

    net_name(name, session);
    if (cat->state != WAITING) {
        if (cat->options->verbose > 0)
            say("%s: refused: one session at a time", name);
        dtls_abort(cat->dtls, session, DTLS_ALERT_ACCESS_DENIED);
        held_release(&cat->held, session, NULL);
        return;
    }
    cat->peer = *session;
    cat->state = OPEN;
    cat->moved_us = clock_us();
    dtls_get_info(cat->dtls, session, &cat->info);
    dtls_get_stats(cat->dtls, session, &cat->stats);
    bool early = held_release(&cat->held, session, &cat->out) || cat->early.count > 0;
    if (cat->info.early_data == DTLS_EARLY_ACCEPTED && !early)
        cat->info.early_data = DTLS_EARLY_NONE; /* it was possible, and there was none */
    if (cat->options->verbose > 0)
        report_connected(name, &cat->info, &cat->stats);
    if (!report_export(cat))
        peer_close(cat, EXIT_IO, "closed, as nothing could be exported");
    dtls_hold_heartbeats(cat->dtls, session, true); /* until what came before is written */
    outgoing_connected(cat);
}

static void on_moved(struct cat *cat, const session_t *session)
{
    char from[NET_NAME_MAX], to[NET_NAME_MAX];
    dtls_info_t info;

    if (!is_ours(cat, session) || dtls_get_info(cat->dtls, session, &info) < 0)
        return;
    cat->peer = info.address;
    if (cat->options->verbose > 0)
        say("%s moved to %s", net_name(from, session), net_name(to, &info.address));
}

static bool may_complain(struct cat *cat)
{
    int64_t now = clock_us(), oldest = now - COMPLAINTS * COMPLAINT_US;

    if (cat->complaints_us < oldest)
        cat->complaints_us = oldest;
    if (cat->complaints_us + COMPLAINT_US > now)
        return false;
    cat->complaints_us += COMPLAINT_US;
    return true;
}

/* A handshake that failed does not end a listener. */
static void on_other_ended(struct cat *cat, const session_t *session, unsigned event)
{
    dtls_info_t info;
    char name[NET_NAME_MAX];

    held_release(&cat->held, session, NULL);
    if (event == DTLS_EVENT_CLOSED || dtls_get_info(cat->dtls, session, &info) < 0 ||
        info.connected)
        return;
    bool auth = outcome_code(&info, false) == EXIT_AUTH;
    if (cat->options->verbose > 0 || (auth && may_complain(cat)))
        outcome_say(&info, false, net_name(name, session), cat->psk, handshake_limit(cat));
}

static void peer_over(struct cat *cat, int code, const char *end)
{
    cat->state = OVER;
    cat->code = code;
    cat->end = end;
    if (!cat->options->keep || cat->last)
        return;
    report_session(cat);
    cat->state = WAITING;
    cat->code = EXIT_DONE;
    cat->end = NULL;
    cat->info = (dtls_info_t){.client = false};
    cat->stats = (dtls_stats_t){.lost = 0};
}

static void on_ours_ended(struct cat *cat, const session_t *session, unsigned event)
{
    bool connected = cat->state == OPEN;
    char name[NET_NAME_MAX];

    dtls_get_info(cat->dtls, session, &cat->info);
    dtls_get_stats(cat->dtls, session, &cat->stats);
    net_name(name, session);
    if (cat->state == CLOSING) {
        peer_over(cat, cat->code, cat->end);
    } else if (event == DTLS_EVENT_CLOSED && connected) {
        peer_over(cat, EXIT_DONE, "closed by peer");
    } else if (cat->info.error == DTLS_ERR_REPLACED) {
        if (cat->options->verbose > 0)
            report_closed("replaced by the peer, which started anew", &cat->stats);
        cat->state = WAITING; /* for the CONNECTED that follows */
    } else {
        if (event == DTLS_EVENT_CLOSED) /* before the end of the handshake: not what we wanted */
            cat->info.error = DTLS_ERR_ALERT;
        outcome_say(&cat->info, connected, name, cat->psk, handshake_limit(cat));
        peer_over(cat, outcome_code(&cat->info, connected), connected ? "lost" : NULL);
    }
    cat->info.identity = cat->info.hint = NULL;
}

static int on_event(dtls_context_t *dtls, session_t *session, dtls_alert_level_t level,
                    unsigned short code)
{
    struct cat *cat = dtls_get_app_data(dtls);

    if (level != 0)
        return 0; /* an alert that ends something comes again as an event */
    switch (code) {
    case DTLS_EVENT_CONNECTED: on_connected(cat, session); break;
    case DTLS_EVENT_HEARTBEAT:
        if (is_ours(cat, session))
            outgoing_answered(cat);
        break;
    case DTLS_EVENT_MOVED: on_moved(cat, session); break;
    case DTLS_EVENT_CLOSED:
    case DTLS_EVENT_FAILED:
    case DTLS_EVENT_TIMEOUT:
        if (is_ours(cat, session))
            on_ours_ended(cat, session, code);
        else
            on_other_ended(cat, session, code);
        break;
    default: break;
    }
    return 0;
}

/* ---- from outside --------------------------------------------------------------------------- */

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

int peer_start(struct cat *cat)
{
    static const dtls_handler_t handler = {
        .write = on_write, .read = on_read, .event = on_event, .get_psk_info = on_psk};
    dtls_config_t config;

    dtls_config_init(&config);
    configure(&config, cat->options);
    config.hook = cat;
    config.handshake_ms = handshake_limit(cat);
    if (cat->options->resume != NULL)
        config.ticket = on_ticket;
    trace_hook(&cat->trace, &config);
    cat->dtls = dtls_new_context_config(cat, &config);
    if (cat->dtls == NULL) {
        say("cannot start: libcrypto failed, or memory is short");
        return EXIT_IO;
    }
    dtls_set_handler(cat->dtls, &handler);
    return may_export(cat) ? EXIT_DONE : EXIT_USAGE;
}

int peer_call(struct cat *cat)
{
    cat->peer = cat->net.peer;
    ticketfile_take(&cat->ticket);
    int result = dtls_resume(cat->dtls, &cat->peer, cat->ticket.state, cat->ticket.length,
                             ticketfile_age_ms(&cat->ticket));
    if (result > 0 && cat->options->early_data)
        outgoing_early(cat);
    if (result > 0 || cat->state == OVER)
        return EXIT_DONE;
    say("cannot start the handshake: %s", dtls_error_text((dtls_error_t)-result));
    return EXIT_IO;
}

void peer_close(struct cat *cat, int code, const char *end)
{
    cat->last = true;
    peer_leave(cat, code, end);
}

void peer_leave(struct cat *cat, int code, const char *end)
{
    bool nobody = cat->options->listen && cat->state == WAITING;

    if (cat->state == CLOSING || cat->state == OVER) {
        if (cat->code == EXIT_DONE)
            cat->code = code;
        return;
    }
    cat->code = code;
    cat->end = end;
    cat->state = nobody ? OVER : CLOSING;
    if (!nobody && dtls_close(cat->dtls, &cat->peer) < 0)
        peer_over(cat, code, end);
}

/* The next address of the peer's name, if it has one. */
static bool call_next(struct cat *cat)
{
    if (cat->net.next == NULL)
        return false;
    dtls_reset_peer(cat->dtls, dtls_get_peer(cat->dtls, &cat->peer));
    int code = net_call_next(&cat->net, cat->options);
    if (code == EXIT_DONE)
        code = peer_call(cat);
    if (code != EXIT_DONE)
        peer_over(cat, code, NULL);
    return true;
}

void peer_refused(struct cat *cat)
{
    char name[NET_NAME_MAX];
    dtls_info_t info;
    int error = cat->net.refused;

    cat->net.refused = 0;
    net_name(name, &cat->peer);
    bool trusted =
        cat->state == WAITING && dtls_get_info(cat->dtls, &cat->peer, &info) == 0 && !info.heard;
    if (trusted && !call_next(cat)) {
        say("%s: %s: nothing listens on that UDP port; is the peer running?", name,
            strerror(error));
        peer_over(cat, EXIT_REFUSED, NULL);
    } else if (!trusted && cat->options->verbose > 0 && !cat->refused_said) {
        /* Anybody can send such an ICMP message: not a reason to end a session. */
        cat->refused_said = true;
        say("%s: %s (ICMP), ignored", name, strerror(error));
    }
}
