#include "socketerrors.h"

#include <string.h>

#include "common/exit.h"
#include "common/say.h"
#include "peer/calling.h"
#include "peer/ending.h"
#include "peer/life.h"
#include "peer/path.h"
#include "peer/peer.h"

static void on_refused(struct cat *cat)
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

static void on_failing(struct cat *cat)
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

static void on_broken(struct cat *cat)
{
    if (cat->code == EXIT_DONE)
        say("cannot send: %s", strerror(cat->net.broken));
    cat->net.broken = 0;
    peers_close(cat, EXIT_IO, "closed, as sending failed");
}

void socketerrors_check(struct cat *cat)
{
    if (cat->net.refused != 0)
        on_refused(cat);
    if (cat->net.failing != 0)
        on_failing(cat);
    if (cat->net.broken != 0)
        on_broken(cat);
    if (cat->net.too_long)
        path_shrunk(cat);
}
