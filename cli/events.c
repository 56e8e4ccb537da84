#include "events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "configure.h"
#include "peer/calling.h"
#include "peer/child.h"
#include "peer/incoming.h"
#include "peer/life.h"
#include "peer/peer.h"
#include "report/outcome.h"
#include "report/report.h"

#define DEFAULT_HANDSHAKE_MS 20000

/* Wrong keys are worth a line unasked, but strangers must not fill the log of a quiet listener:
 * so many at once, and later one a second. */
#define COMPLAINTS 10
#define COMPLAINT_US 1000000

static uint32_t handshake_limit(const struct cat *cat)
{
    return cat->options->wait_ms > 0 ? cat->options->wait_ms : DEFAULT_HANDSHAKE_MS;
}

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

/* ---- sessions begin ------------------------------------------------------------------------- */

static void on_connected(struct cat *cat, const session_t *session)
{
    char name[NET_NAME_MAX];
    struct peer *peer = peer_find(cat, session);

    if (peer == NULL)
        peer = peer_add(cat, session);
    if (peer == NULL)
        dtls_abort(cat->dtls, session, DTLS_ALERT_INTERNAL_ERROR);
    cat->answer.watching = false;
    if (peer == NULL || !peer_open(peer))
        return;
    outgoing_start(peer);
    bool early = !queue_is_empty(&peer->early) || !queue_is_empty(&cat->early.kept);
    if (peer->info.early_data == DTLS_EARLY_ACCEPTED && !early)
        peer->info.early_data = DTLS_EARLY_NONE; /* it was possible, and there was none */
    if (cat->options->reports)
        report_connected(net_name(name, session), peer);
    if (!report_export(peer))
        peers_close(cat, EXIT_IO, "closed, as nobody can be told what is exported");
    incoming_early(peer);
    early_connected(peer);
    if (cat->options->probe_key && peer->state == PEER_OPEN)
        peer_finish(peer, "closed, since -z wants no more");
}

static void on_moved(struct cat *cat, const session_t *session)
{
    char from[NET_NAME_MAX], to[NET_NAME_MAX];
    struct peer *peer = peer_find(cat, session);
    dtls_info_t info;

    if (peer == NULL || dtls_get_info(cat->dtls, session, &info) < 0)
        return;
    net_flush(&cat->net); /* while the peer is known by the address that they go to */
    peer->session = info.address;
    path_moved(peer);
    if (cat->options->verbose > 0)
        say("%s moved to %s", net_name(from, session), net_name(to, &info.address));
}

static void on_unverified(struct cat *cat, const session_t *session)
{
    char from[NET_NAME_MAX], to[NET_NAME_MAX];
    struct peer *peer = peer_find(cat, session);
    dtls_info_t info;

    if (peer == NULL || peer->unverified_said || !cat->options->reports ||
        dtls_get_info(cat->dtls, session, &info) < 0)
        return;
    peer->unverified_said = true;
    say("%s sends from %s now, and knows no way to show that it receives there: its old address is "
        "answered (see --cid-move)",
        net_name(from, session), net_name(to, &info.address));
}

/* ---- sessions end --------------------------------------------------------------------------- */

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
static void on_stranger_ended(struct cat *cat, const session_t *session, unsigned event)
{
    dtls_info_t info;
    char name[NET_NAME_MAX];

    if (event == DTLS_EVENT_CLOSED || dtls_get_info(cat->dtls, session, &info) < 0 ||
        info.connected)
        return;
    bool auth = outcome_code(&info, false) == EXIT_AUTH;
    if (cat->options->verbose > 0 || (auth && may_complain(cat)))
        outcome_say(&info, false, net_name(name, session), cat->psk, handshake_limit(cat));
}

/* Said only where asked for, and rarely: the address may be forged. */
static void on_refused(void *hook, const session_t *session, dtls_error_t error)
{
    struct cat *cat = hook;
    const dtls_info_t info = {.error = error};
    char name[NET_NAME_MAX];

    if (cat->options->verbose > 0 && may_complain(cat))
        outcome_say(&info, false, net_name(name, session), cat->psk, handshake_limit(cat));
}

/* Whether the close comes too soon: -W still waits for messages, or input is not sent. Returns the exit code. */
static int judge_close(struct peer *peer)
{
    const struct cat *cat = peer->cat;
    uint64_t limit = cat->options->message_limit;
    char unsent[MISSING_MAX];

    if (cat->options->keep)
        return EXIT_DONE;
    if (limit > 0 && cat->received < limit) {
        say("closed by peer after %" PRIu64 " of %" PRIu64 " messages (-W)", cat->received, limit);
        return EXIT_IDLE;
    }
    if (report_unsent(unsent, peer)) {
        say("closed by peer, with %s of input not sent", unsent);
        return EXIT_PEER;
    }
    return EXIT_DONE;
}

/* Nothing can be asked any more. */
static void say_open_questions(const struct peer *peer)
{
    char name[NET_NAME_MAX];

    if (!peer->cat->options->reports)
        return;
    net_name(name, &peer->session);
    if (peer->child != NULL && !peer->finished)
        say("%s: what its program still writes is discarded, since the peer has closed", name);
    if (!life_is_confirmed(peer))
        say("%s: delivery of what was sent last is not confirmed", name);
}

static void on_closed_by_peer(struct peer *peer)
{
    int code = judge_close(peer);

    say_open_questions(peer);
    peer_gone(peer, code, "closed by peer");
}

/* A program may go on writing, and a peer that takes heartbeats still confirms what it got. */
static void on_half_closed(struct peer *peer)
{
    if (peer->child != NULL) {
        child_end_input(peer->child);
        return;
    }
    if (peer->state != PEER_OPEN || peer->finishing != NULL)
        return;
    int code = judge_close(peer);
    if (code == EXIT_DONE && peer->info.heartbeat && !life_is_confirmed(peer)) {
        peer->left_us = clock_us();
        peer_finish(peer, "closed by peer");
        return;
    }
    say_open_questions(peer);
    peer_abandon(peer, code, "closed by peer");
}

static void on_peer_failed(struct peer *peer, unsigned event)
{
    struct cat *cat = peer->cat;
    bool connected = peer->state == PEER_OPEN;
    char name[NET_NAME_MAX];

    if (event == DTLS_EVENT_CLOSED) /* before the end of the handshake: not what we wanted */
        peer->info.error = DTLS_ERR_ALERT;
    if (connected && peer->info.alert != DTLS_ALERT_CLOSE_NOTIFY)
        ticketfile_forget(&cat->ticket);
    net_name(name, &peer->session);
    int code = outcome_code(&peer->info, connected);
    if (code == EXIT_NO_ANSWER && calling_next(peer, true, "no answer"))
        return;
    if (code == EXIT_NO_ANSWER && net_has_others(&cat->net))
        snprintf(name, sizeof name, "%.40s port %u, all addresses", cat->options->net.host,
                 cat->options->net.port);
    if (code == EXIT_NO_ANSWER && cat->answer.came) {
        answer_say(&cat->answer);
        code = EXIT_HANDSHAKE;
    } else {
        outcome_say(&peer->info, connected, name, cat->psk, handshake_limit(cat));
    }
    peer_gone(peer, code, connected ? "lost" : NULL);
}

static void close_ended(struct peer *peer)
{
    bool answered = peer->info.alert_received;

    peer_gone(peer, answered ? peer->code : life_close_unanswered(peer), peer->end);
}

static void on_ended(struct peer *peer, unsigned event)
{
    struct cat *cat = peer->cat;

    dtls_get_info(cat->dtls, &peer->session, &peer->info);
    dtls_get_stats(cat->dtls, &peer->session, &peer->stats);
    if (peer->state == PEER_CLOSING)
        close_ended(peer);
    else if (event == DTLS_EVENT_CLOSED && peer->state == PEER_OPEN)
        on_closed_by_peer(peer);
    else if (peer->info.error == DTLS_ERR_REPLACED)
        peer_replaced(peer);
    else
        on_peer_failed(peer, event);
}

static void on_end(struct cat *cat, const session_t *session, unsigned event)
{
    struct peer *peer = peer_find(cat, session);

    if (peer != NULL && (!cat->options->listen || peer->state != PEER_HANDSHAKE)) {
        on_ended(peer, event);
        return;
    }
    on_stranger_ended(cat, session, event);
    if (peer != NULL)
        peer_dismiss(peer); /* what came early is thrown away */
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
    case DTLS_EVENT_CONNECTED: on_connected(cat, session); break;
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
            on_half_closed(peer);
        break;
    case DTLS_EVENT_MTU:
        peer = peer_find(cat, session);
        if (peer != NULL)
            outgoing_path_answered(peer);
        break;
    case DTLS_EVENT_MOVED: on_moved(cat, session); break;
    case DTLS_EVENT_UNVERIFIED: on_unverified(cat, session); break;
    case DTLS_EVENT_CLOSED:
    case DTLS_EVENT_FAILED:
    case DTLS_EVENT_TIMEOUT: on_end(cat, session, code); break;
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

int events_start(struct cat *cat)
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
    config.refused = on_refused;
    cat->net.unsent = on_unsent;
    cat->net.hook = cat;
    trace_hook(&cat->trace, &config);
    cat->mtu = config.mtu;
    cat->dtls = dtls_new_context_config(cat, &config);
    if (cat->dtls == NULL) {
        say("cannot start: libcrypto failed, or memory is short");
        return EXIT_IO;
    }
    dtls_set_handler(cat->dtls, &handler);
    return may_export(cat) ? EXIT_DONE : EXIT_USAGE;
}

int events_call(struct cat *cat)
{
    struct peer *peer = peer_new(cat);

    if (peer == NULL) {
        say("out of memory");
        return EXIT_IO;
    }
    cat->serving = 1;
    cat->answer.watching = true;
    cat->call_until_us = clock_us() + (int64_t)handshake_limit(cat) * 1000;
    return calling_start(cat, peer);
}

void events_refused(struct cat *cat)
{
    struct peer *peer = cat->peers;
    char name[NET_NAME_MAX];
    dtls_info_t info;
    const char *why = strerror(cat->net.refused);

    cat->net.refused = 0;
    if (cat->options->listen || peer == NULL)
        return; /* of some client that has gone */
    net_name(name, &peer->session);
    bool trusted = peer->state == PEER_HANDSHAKE &&
                   dtls_get_info(cat->dtls, &peer->session, &info) == 0 && !info.heard;
    if (trusted && !calling_next(peer, false, "refused")) {
        say("%s: %s: nothing listens on that UDP port; is the peer running?", name, why);
        peer_gone(peer, EXIT_REFUSED, NULL);
    } else if (!trusted) {
        life_refused(peer);
        if (cat->options->verbose > 0 && !cat->refused_said)
            say("%s: %s (ICMP)", name, why);
        cat->refused_said = true;
    }
}

/* Another address of the peer's name may have a route. Those that were tried have their turn again later. */
static bool goes_elsewhere(struct cat *cat, const char *why)
{
    struct peer *peer = cat->peers;
    dtls_info_t info;

    return peer != NULL && peer->state == PEER_HANDSHAKE && cat->net.next != NULL &&
           dtls_get_info(cat->dtls, &peer->session, &info) == 0 && !info.heard &&
           calling_next(peer, true, why);
}

void events_failing(struct cat *cat)
{
    const char *why = strerror(cat->net.failing);

    cat->net.failing = 0;
    if (!cat->options->listen && goes_elsewhere(cat, why))
        return;
    if (!cat->options->listen && cat->peers != NULL)
        life_follow(cat->peers);
    if (cat->options->reports && !cat->failing_said)
        say("cannot send: %s; datagrams are lost until the network takes them again", why);
    cat->failing_said = true;
}

void events_broken(struct cat *cat)
{
    if (cat->code == EXIT_DONE)
        say("cannot send: %s", strerror(cat->net.broken));
    cat->net.broken = 0;
    peers_close(cat, EXIT_IO, "closed, as sending failed");
}
