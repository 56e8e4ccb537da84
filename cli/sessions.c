#include "sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/child.h"
#include "peer/connecting.h"
#include "peer/deliver.h"
#include "peer/early.h"
#include "peer/ending.h"
#include "peer/liveness.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "report/jsonevents.h"
#include "report/mismatch.h"
#include "report/outcome.h"
#include "sandbox/sandbox.h"

/* A wrong key is reported even without -v. The number of reports about failed handshakes is limited,
 * so that clients that cannot authenticate do not fill the log of a listener: REPORTS_AT_ONCE, and
 * then one per REPORT_US. With -v both limits are VERBOSE_RATE times as high. */
#define REPORTS_AT_ONCE 10
#define REPORT_US 1000000
#define VERBOSE_RATE 10

/* ---- sessions begin ------------------------------------------------------------------------- */

void sessions_connected(struct app *app, const session_t *session)
{
    char name[NET_NAME_MAX];
    struct peer *peer = peer_of_callback(app);

    if (peer == NULL)
        peer = peer_add(app, session);
    if (peer == NULL)
        dtls_abort(app->dtls, session, DTLS_ALERT_INTERNAL_ERROR);
    app->response.watching = false;
    if (!app->options->listen)
        sandbox_connected();
    if (peer == NULL || !peer_open(peer))
        return;
    outgoing_start(peer);
    bool early = !queue_is_empty(&peer->early) || !queue_is_empty(&app->early.cached);
    if (peer->info.early_data == DTLS_EARLY_ACCEPTED && !early)
        peer->info.early_data =
            DTLS_EARLY_NONE; /* the server would accept early data, but the client sent none */
    if (app->options->reports)
        summary_connected(net_name(name, session), peer);
    jsonevents_connected(session, &peer->info, &peer->stats);
    if (!summary_export(peer))
        peers_close(app, EXIT_IO, "closed because --export failed");
    deliver_early(peer);
    early_connected(peer);
    if (app->options->probe_key && peer->state == PEER_OPEN)
        liveness_finish(peer, "closed after the handshake (-z)");
}

void sessions_moved(struct app *app, const session_t *session)
{
    char from[NET_NAME_MAX], to[NET_NAME_MAX];
    struct peer *peer = peer_of_callback(app);
    dtls_info_t info;

    if (peer == NULL || dtls_get_info(app->dtls, session, &info) < 0)
        return;
    net_flush(&app->net); /* queued datagrams must go to the old address */
    peer->session = info.address;
    path_moved(peer);
    jsonevents_moved(session, &info.address, true);
    if (app->options->verbose > 0)
        report_note("%s moved to %s", net_name(from, session), net_name(to, &info.address));
}

void sessions_unverified(struct app *app, const session_t *session)
{
    char from[NET_NAME_MAX], to[NET_NAME_MAX];
    struct peer *peer = peer_of_callback(app);
    dtls_info_t info;

    if (peer == NULL || peer->unverified_reported || dtls_get_info(app->dtls, session, &info) < 0)
        return;
    peer->unverified_reported = true;
    jsonevents_moved(session, &info.address, false);
    if (!app->options->reports)
        return;
    report_note(
        "%s now sends from %s, but that address cannot be verified: data is still sent to the "
        "old address; to send to the new one, use --cid-move newest",
        net_name(from, session), net_name(to, &info.address));
}

/* ---- sessions end --------------------------------------------------------------------------- */

static bool may_report_failure(struct app *app)
{
    int64_t now = clock_us(), oldest = now - REPORTS_AT_ONCE * REPORT_US;
    int64_t cost = app->options->verbose > 0 ? REPORT_US / VERBOSE_RATE : REPORT_US;

    if (app->failure_reports_us < oldest)
        app->failure_reports_us = oldest;
    if (app->failure_reports_us + cost > now) {
        app->failures_unreported++;
        return false;
    }
    app->failure_reports_us += cost;
    if (app->failures_unreported > 0)
        report_note("%" PRIu64 " more failed handshake%s not reported, because of their number",
                    app->failures_unreported, app->failures_unreported == 1 ? " was" : "s were");
    app->failures_unreported = 0;
    return true;
}

static void report_outcome(const struct app *app, const dtls_info_t *info, bool connected,
                           const char *name)
{
    char mismatch[MISMATCH_MAX] = "";

    if (!connected)
        mismatch_text(mismatch, app->options, info, dtls_callback_hello(app->dtls));
    outcome_report(info, connected, name, app->psk, app->options->handshake_ms, mismatch);
}

/* Reports a failed handshake of a listener. The listener continues. */
static void on_handshake_ended(struct app *app, const session_t *session, unsigned event)
{
    dtls_info_t info;
    dtls_stats_t stats;
    char name[NET_NAME_MAX];

    if (dtls_get_stats(app->dtls, session, &stats) == 0)
        jsonevents_count(&stats);
    if (event == DTLS_EVENT_CLOSED || dtls_get_info(app->dtls, session, &info) < 0 ||
        info.connected)
        return;
    int code = outcome_code(&info, false);
    jsonevents_failed(session, &info, false, code);
    if ((app->options->verbose > 0 || code == EXIT_AUTH) && may_report_failure(app))
        report_outcome(app, &info, false, net_name(name, session));
}

/* An attacker can send ClientHellos from forged addresses, so these reports need -v, and their rate
 * is limited. */
void sessions_refused(struct app *app, const session_t *session, dtls_error_t error)
{
    const dtls_info_t info = {.error = error};
    char name[NET_NAME_MAX];

    jsonevents_failed(session, &info, false, outcome_code(&info, false));
    if (app->options->verbose > 0 && may_report_failure(app))
        report_outcome(app, &info, false, net_name(name, session));
}

/* Returns the exit code after a close by the peer. The close is a failure if input is not sent, or
 * if -W expects more messages. */
static int code_of_close(struct peer *peer)
{
    const struct app *app = peer->app;
    uint64_t limit = app->options->message_limit;
    char unsent[MISSING_MAX];

    if (app->options->keep)
        return EXIT_DONE;
    if (limit > 0 && app->received < limit) {
        report("the peer closed after sending %" PRIu64 " of the %" PRIu64
               " messages that -W expects",
               app->received, limit);
        return EXIT_IDLE;
    }
    if (summary_unsent(unsent, peer)) {
        report("the peer closed before all input was sent: %s not sent", unsent);
        return EXIT_PEER;
    }
    return EXIT_DONE;
}

/* Reports data that a peer cannot receive or confirm any more, after it has closed. */
static void report_unconfirmed(const struct peer *peer)
{
    char name[NET_NAME_MAX];

    if (!peer->app->options->reports)
        return;
    net_name(name, &peer->session);
    if (peer->child != NULL && !peer->program_done)
        report_note("%s: the peer has closed; further output of the program is discarded", name);
    if (!liveness_is_confirmed(peer))
        report_note("%s: the peer has not confirmed the last data", name);
}

static void on_closed_by_peer(struct peer *peer)
{
    int code = code_of_close(peer);

    report_unconfirmed(peer);
    peer_gone(peer, code, "closed by peer");
}

/* A peer that has sent close_notify still receives. So a program may continue to write, and a peer
 * with heartbeats can still confirm what it received. */
void sessions_half_closed(struct peer *peer)
{
    jsonevents_state(&peer->session, "half_closed");
    if (peer->child != NULL) {
        child_end_input(peer->child);
        return;
    }
    if (peer->state != PEER_OPEN || peer->finishing != NULL)
        return;
    int code = code_of_close(peer);
    if (code == EXIT_DONE && peer->info.heartbeat && !liveness_is_confirmed(peer)) {
        peer->left_us = clock_us();
        liveness_finish(peer, "closed by peer");
        return;
    }
    report_unconfirmed(peer);
    peer_abandon(peer, code, "closed by peer");
}

static void on_peer_failed(struct peer *peer, unsigned event)
{
    struct app *app = peer->app;
    bool connected = peer->state == PEER_OPEN;
    char name[NET_NAME_MAX];

    if (event == DTLS_EVENT_CLOSED) /* close_notify before the end of the handshake is a failure */
        peer->info.error = DTLS_ERR_ALERT;
    if (connected && peer->info.alert != DTLS_ALERT_CLOSE_NOTIFY)
        ticketfile_forget(&app->ticket);
    net_name(name, &peer->session);
    int code = outcome_code(&peer->info, connected);
    if (code == EXIT_NO_ANSWER && connecting_next(peer, true, "no answer"))
        return;
    if (code == EXIT_NO_ANSWER && net_has_others(&app->net))
        snprintf(name, sizeof name, "%.40s port %u, all addresses", app->options->net.host,
                 app->options->net.port);
    if (code == EXIT_NO_ANSWER && app->response.received) {
        response_report(&app->response);
        code = EXIT_HANDSHAKE;
    } else {
        report_outcome(app, &peer->info, connected, name);
        if (connected)
            summary_lost(peer);
    }
    jsonevents_failed(&peer->session, &peer->info, connected, code);
    peer_gone(peer, code, connected ? "connection lost" : NULL);
}

/* A new key file has another key for the identity of the peer, or none. */
static void on_key_changed(struct peer *peer)
{
    const dtls_info_t *info = &peer->info;
    const struct keyring *ring = &peer->app->psk->ring;
    bool removed = keyring_find(ring, info->identity, info->identity_length) == NULL;
    char name[NET_NAME_MAX], identity[SHOWN_MAX];

    report("%s identity %s: closed because its key was %s", net_name(name, &peer->session),
           show_bytes(identity, info->identity, info->identity_length),
           removed ? "removed" : "changed");
    peer_gone(peer, EXIT_AUTH, "closed because its key was changed or removed");
}

static void close_ended(struct peer *peer)
{
    bool answered = peer->info.alert_received;

    peer_gone(peer, answered ? peer->code : liveness_close_unconfirmed(peer), peer->end);
}

static void on_ended(struct peer *peer, unsigned event)
{
    struct app *app = peer->app;

    dtls_get_info(app->dtls, &peer->session, &peer->info);
    feedback_get_stats(peer, &peer->stats);
    if (peer->state == PEER_CLOSING)
        close_ended(peer);
    else if (event == DTLS_EVENT_CLOSED && peer->state == PEER_OPEN)
        on_closed_by_peer(peer);
    else if (peer->info.error == DTLS_ERR_REPLACED)
        peer_replaced(peer);
    else if (peer->info.error == DTLS_ERR_KEY_CHANGED)
        on_key_changed(peer);
    else
        on_peer_failed(peer, event);
}

void sessions_ended(struct app *app, const session_t *session, unsigned event)
{
    struct peer *peer = peer_of_callback(app);

    if (peer != NULL && (!app->options->listen || peer->state != PEER_HANDSHAKE)) {
        on_ended(peer, event);
        return;
    }
    on_handshake_ended(app, session, event);
    if (peer != NULL)
        peer_dismiss(peer); /* discards the early data of the failed handshake */
}
