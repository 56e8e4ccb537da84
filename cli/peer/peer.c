#include "peer/peer.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/child.h"
#include "peer/ending.h"

/* Limit in bytes of the queue with the early data of a client whose handshake is not complete. */
#define HELD_BYTES (2 * EARLY_BYTES)

/* ---- the list ------------------------------------------------------------------------------- */

static struct peer *data_of(const dtls_peer_t *known)
{
    return known != NULL ? dtls_get_peer_data(known) : NULL;
}

struct peer *peer_find(struct app *app, const session_t *session)
{
    return data_of(dtls_get_peer(app->dtls, session));
}

struct peer *peer_of_callback(struct app *app)
{
    return data_of(dtls_callback_peer(app->dtls));
}

struct peer *peer_new(struct app *app)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL || !due_add(&app->due)) {
        free(peer);
        return NULL;
    }
    peer->app = app;
    due_touch(peer);
    queue_init(&peer->early, HELD_BYTES);
    outgoing_init(&peer->out);
    peer->next = app->peers;
    peer->place = &app->peers;
    if (peer->next != NULL)
        peer->next->place = &peer->next;
    app->peers = peer;
    return peer;
}

struct peer *peer_add(struct app *app, const session_t *session)
{
    struct peer *peer = peer_new(app);
    char name[NET_NAME_MAX];

    if (peer == NULL) {
        report("%s: refused: out of memory", net_name(name, session));
        return NULL;
    }
    peer->session = *session;
    dtls_set_peer_data(dtls_get_peer(app->dtls, session), peer);
    return peer;
}

void peer_free(struct peer *peer)
{
    *peer->place = peer->next;
    if (peer->next != NULL)
        peer->next->place = peer->place;
    due_remove(peer);
    readers_remove(peer);
    peerlist_remove(&peer->held);
    queue_clear(&peer->early);
    queue_clear(&peer->out.queue);
    programs_detach(&peer->child);
    free(peer);
}

void peers_clear(struct app *app)
{
    while (app->peers != NULL)
        peer_free(app->peers);
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Programs whose session has ended (programs_detach()) count too. Otherwise a client could connect
 * and leave again and again, and start any number of programs. */
static bool has_room(const struct app *app)
{
    return app->serving + app->programs.detached < app->options->max_clients;
}

/* Returns true if our Finished is the last message of the handshake: then no message of the peer
 * has confirmed it yet. */
static bool is_finished_last(const dtls_info_t *info)
{
    return info->version == DTLS13 ? info->client : info->client == info->resumed;
}

bool peer_open(struct peer *peer)
{
    struct app *app = peer->app;
    const struct options *options = app->options;
    char name[NET_NAME_MAX];

    net_name(name, &peer->session);
    if (options->listen && (app->state != RUNNING || !has_room(app))) {
        if (options->reports)
            report_note("%s: refused: %s", name,
                        !options->keep          ? "only one session is served without -k: add -k"
                        : app->state != RUNNING ? "this listener is ending"
                                                : "the limit of -m is reached: raise -m");
        return peer_reject(peer, DTLS_ALERT_ACCESS_DENIED);
    }
    dtls_get_info(app->dtls, &peer->session, &peer->info);
    if (options->program != NULL && !child_start(&peer->child, peer))
        return peer_reject(peer, DTLS_ALERT_INTERNAL_ERROR);
    dtls_get_stats(app->dtls, &peer->session, &peer->stats);
    peer->state = PEER_OPEN;
    peer->moved_us = peer->received_any_us = peer->confirmed_us = clock_us();
    peer->repeats = peer->stats.resent;
    peer->proven = !is_finished_last(&peer->info);
    app->serving += options->listen;
    return true;
}
