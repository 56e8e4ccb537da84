#include "peer/peer.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "peer/child.h"
#include "peer/incoming.h"
#include "peer/life.h"
#include "report/report.h"

/* ---- the list ------------------------------------------------------------------------------- */

struct peer *peer_find(struct cat *cat, const session_t *session)
{
    const dtls_peer_t *known = dtls_get_peer(cat->dtls, session);

    return known != NULL ? dtls_get_peer_data(known) : NULL;
}

struct peer *peer_new(struct cat *cat)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL)
        return NULL;
    peer->cat = cat;
    queue_init(&peer->early, HELD_BYTES);
    outgoing_init(&peer->out);
    peer->next = cat->peers;
    cat->peers = peer;
    return peer;
}

struct peer *peer_add(struct cat *cat, const session_t *session)
{
    struct peer *peer = peer_new(cat);

    if (peer == NULL)
        return NULL;
    peer->session = *session;
    dtls_set_peer_data(dtls_get_peer(cat->dtls, session), peer);
    return peer;
}

static void forget(struct peer *peer)
{
    queue_clear(&peer->early);
    queue_clear(&peer->out.queue);
    child_detach(&peer->child, &peer->cat->detached);
    free(peer);
}

static void sweep(struct cat *cat, bool all)
{
    struct peer **place = &cat->peers;

    while (*place != NULL) {
        struct peer *peer = *place;
        if (!all && peer->state != PEER_GONE) {
            place = &peer->next;
            continue;
        }
        *place = peer->next;
        forget(peer);
    }
}

void peers_sweep(struct cat *cat)
{
    sweep(cat, false);
}

void peers_clear(struct cat *cat)
{
    sweep(cat, true);
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* Programs that outlive their clients count: who comes and goes must not fill the machine with them. */
static bool has_room(const struct cat *cat)
{
    return cat->serving + children_count(cat->detached) < cat->options->max_clients;
}

void peer_dismiss(struct peer *peer)
{
    dtls_peer_t *known = dtls_get_peer(peer->cat->dtls, &peer->session);

    if (known != NULL)
        dtls_set_peer_data(known, NULL);
    peer->state = PEER_GONE;
}

bool peer_send_away(struct peer *peer, dtls_alert_t alert)
{
    if (peer->cat->options->listen)
        peer_dismiss(peer);
    else
        peer_gone(peer, EXIT_IO, NULL);
    dtls_abort(peer->cat->dtls, &peer->session, alert);
    return false;
}

/* Our Finished is the last message of the handshake, so that nothing has answered it yet. */
static bool is_finished_last(const dtls_info_t *info)
{
    return info->version == DTLS13 ? info->client : info->client == info->resumed;
}

bool peer_open(struct peer *peer)
{
    struct cat *cat = peer->cat;
    const struct options *options = cat->options;
    char name[NET_NAME_MAX];

    net_name(name, &peer->session);
    if (options->listen && (cat->state != RUNNING || !has_room(cat))) {
        if (options->reports)
            say("%s: refused: %s", name,
                options->keep ? "there are as many clients as -m allows" : "one session at a time");
        return peer_send_away(peer, DTLS_ALERT_ACCESS_DENIED);
    }
    dtls_get_info(cat->dtls, &peer->session, &peer->info);
    if (options->program != NULL && !child_start(&peer->child, peer))
        return peer_send_away(peer, DTLS_ALERT_INTERNAL_ERROR);
    dtls_get_stats(cat->dtls, &peer->session, &peer->stats);
    peer->state = PEER_OPEN;
    peer->moved_us = peer->heard_us = peer->answered_us = clock_us();
    peer->repeats = peer->stats.resent;
    peer->proven = !is_finished_last(&peer->info);
    cat->serving += options->listen;
    return true;
}

/* ---- ending --------------------------------------------------------------------------------- */

static void nobody_left(struct cat *cat)
{
    if (cat->serving == 0 && cat->state == ENDING)
        cat->state = OVER;
}

/* For a listener nothing is, before its handshake is done. */
static bool is_session(const struct peer *peer)
{
    return peer->state != PEER_GONE &&
           (peer->state != PEER_HANDSHAKE || !peer->cat->options->listen);
}

static void retire(struct peer *peer, const char *end)
{
    struct cat *cat = peer->cat;

    net_flush(&cat->net); /* what cannot be sent belongs into the summary */
    peer->out.unsent += queue_count(&peer->out.queue);
    peer->end = end;
    report_session(peer);
    progress_add(&cat->progress, &peer->stats);
    cat->lossy |= report_is_missing(peer);
    if (peer->child != NULL && peer->child->out.spoilt && !cat->options->keep)
        cat_set_code(cat, EXIT_IO);
    cat->serving -= is_session(peer);
    peer_dismiss(peer);
}

void peer_replaced(struct peer *peer)
{
    retire(peer, "replaced by the peer, which started anew");
}

void peer_gone(struct peer *peer, int code, const char *end)
{
    struct cat *cat = peer->cat;

    retire(peer, end);
    if (!cat->options->keep) {
        cat_set_code(cat, code);
        cat->state = ENDING;
    }
    nobody_left(cat);
}

bool peer_takes_data(const struct peer *peer)
{
    return peer->state == PEER_OPEN && peer->finishing == NULL;
}

void peer_leave(struct peer *peer, int code, const char *end)
{
    if (peer->state == PEER_CLOSING) {
        if (peer->code == EXIT_DONE)
            peer->code = code;
        return;
    }
    peer->state = PEER_CLOSING;
    peer->closed_us = clock_us();
    peer->code = code;
    peer->end = end;
    if (dtls_close(peer->cat->dtls, &peer->session) < 0)
        peer_gone(peer, code, end);
}

void peer_finish(struct peer *peer, const char *end)
{
    if (peer->state != PEER_OPEN || life_is_confirmed(peer) || !life_can_ask(peer)) {
        peer_leave(peer, EXIT_DONE, end);
        return;
    }
    if (peer->finishing == NULL)
        outgoing_ask(peer);
    peer->finishing = end;
    peer->moved_us = clock_us();
}

void peer_abandon(struct peer *peer, int code, const char *end)
{
    dtls_context_t *dtls = peer->cat->dtls;
    dtls_peer_t *known = dtls_get_peer(dtls, &peer->session);

    dtls_get_stats(dtls, &peer->session, &peer->stats);
    peer_gone(peer, code, end);
    if (known != NULL)
        dtls_reset_peer(dtls, known);
}

void peers_close(struct cat *cat, int code, const char *end)
{
    cat_set_code(cat, code);
    if (cat->state == RUNNING)
        cat->state = ENDING;
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        if (is_session(peer))
            peer_leave(peer, code, end);
    nobody_left(cat);
}

void peers_finish(struct cat *cat, const char *end)
{
    if (cat->state == RUNNING)
        cat->state = ENDING;
    for (struct peer *peer = cat->peers; peer != NULL; peer = peer->next)
        if (is_session(peer))
            peer_finish(peer, end);
    nobody_left(cat);
}
