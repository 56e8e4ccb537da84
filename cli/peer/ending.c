#include "peer/ending.h"

#include "common/clock.h"
#include "common/exit.h"
#include "peer/childio.h"
#include "peer/peer.h"
#include "peer/summary.h"
#include "report/jsonevents.h"

void peer_dismiss(struct peer *peer)
{
    dtls_peer_t *known = dtls_get_peer(peer->app->dtls, &peer->session);

    if (known != NULL)
        dtls_set_peer_data(known, NULL);
    peer->state = PEER_GONE;
    due_touch(peer);
}

/* ---- ending --------------------------------------------------------------------------------- */

void peers_none_left(struct app *app)
{
    if (app->serving == 0 && app->state == ENDING)
        app->state = OVER;
}

bool peer_is_session(const struct peer *peer)
{
    return peer->state != PEER_GONE &&
           (peer->state != PEER_HANDSHAKE || !peer->app->options->listen);
}

/* Reports what --json tells of the end of a session. A handshake that has failed is reported elsewhere. */
static void put_events(const struct peer *peer)
{
    const struct jsonevents_loss loss = {.in = peer->stats.lost,
                                         .out = peer->out.peer_lost,
                                         .too_long = peer->stats.too_long,
                                         .unread = peer->unread,
                                         .unsent = peer->out.unsent};

    jsonevents_count(&peer->stats);
    if (summary_has_loss(peer))
        jsonevents_lost(&peer->session, &loss);
    if (peer->end != NULL)
        jsonevents_closed(&peer->session, peer->end, &peer->stats);
}

static void retire(struct peer *peer, const char *end)
{
    struct app *app = peer->app;

    net_flush(&app->net); /* so that the summary counts datagrams that cannot be sent */
    peer->out.unsent += queue_count(&peer->out.queue);
    peer->end = end;
    put_events(peer);
    summary_session(peer);
    progress_add(&app->progress.ended, &peer->stats);
    app->lossy |= summary_has_loss(peer);
    if (peer->child != NULL && peer->child->out.had_errors && !app->options->keep)
        app_set_code(app, EXIT_IO);
    app->serving -= peer_is_session(peer);
    peer_dismiss(peer);
}

void peer_replaced(struct peer *peer)
{
    retire(peer, "replaced by a new session of the peer");
}

void peer_gone(struct peer *peer, int code, const char *end)
{
    struct app *app = peer->app;

    retire(peer, end);
    if (!app->options->keep) {
        app_set_code(app, code);
        app->state = ENDING;
    }
    peers_none_left(app);
}

bool peer_accepts_data(const struct peer *peer)
{
    return peer->state == PEER_OPEN && peer->finishing == NULL;
}

void peer_leave(struct peer *peer, int code, const char *end)
{
    due_touch(peer);
    if (peer->state == PEER_CLOSING) {
        if (peer->code == EXIT_DONE)
            peer->code = code;
        return;
    }
    peer->state = PEER_CLOSING;
    jsonevents_state(&peer->session, "closing");
    peer->closed_us = clock_us();
    peer->code = code;
    peer->end = end;
    if (dtls_close(peer->app->dtls, &peer->session) < 0)
        peer_gone(peer, code, end);
}

void peer_abandon(struct peer *peer, int code, const char *end)
{
    dtls_context_t *dtls = peer->app->dtls;
    dtls_peer_t *known = dtls_get_peer(dtls, &peer->session);

    feedback_get_stats(peer, &peer->stats);
    peer_gone(peer, code, end);
    if (known != NULL)
        dtls_reset_peer(dtls, known);
}

void peer_refuse(struct peer *peer, int code, const char *end)
{
    if (!peer->info.heartbeat) {
        peer_leave(peer, code, end);
        return;
    }
    feedback_get_stats(peer, &peer->stats);
    peer_gone(peer, code, end);
    dtls_abort(peer->app->dtls, &peer->session, DTLS_ALERT_INTERNAL_ERROR);
}

bool peer_reject(struct peer *peer, dtls_alert_t alert)
{
    if (peer->app->options->listen)
        peer_dismiss(peer);
    else
        peer_gone(peer, EXIT_IO, NULL);
    dtls_abort(peer->app->dtls, &peer->session, alert);
    return false;
}

void peers_close(struct app *app, int code, const char *end)
{
    app_set_code(app, code);
    if (app->state == RUNNING)
        app->state = ENDING;
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer_is_session(peer))
            peer_leave(peer, code, end);
    peers_none_left(app);
}
