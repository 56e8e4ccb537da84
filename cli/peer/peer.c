#include "peer/peer.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/exit.h"
#include "common/say.h"
#include "peer/child.h"
#include "peer/ending.h"

/* So much is held of a client until its handshake is done, with what the records take besides. */
#define HELD_BYTES (2 * EARLY_BYTES)

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
