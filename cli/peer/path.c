#include "peer/path.h"

#include "common/clock.h"
#include "common/report.h"
#include "peer/peer.h"

#define SHORT 508 /* fits the 576 bytes that each IPv4 host accepts, with the longest headers */
#define ASK_BYTES (512 * 1024) /* sent in long datagrams, until they are probed again */
#define ASK_US 2000000         /* since the last probe, until long datagrams are probed again */
#define RAISE_US 60000000      /* since the last probe, until a narrow path is probed again */

static size_t mtu_of(struct peer *peer)
{
    dtls_info_t info;

    return dtls_get_info(peer->app->dtls, &peer->session, &info) == 0 ? info.mtu : 0;
}

/* A connected socket knows the MTU of its interface, and of routers that reported one. */
static size_t longest(struct app *app)
{
    size_t known = app->net.connected ? net_mtu(&app->net) : 0;

    if (known == 0 || known > app->mtu)
        return app->mtu;
    return known > SHORT ? known : SHORT;
}

static void lower(struct peer *peer, size_t mtu)
{
    if (mtu < mtu_of(peer))
        dtls_set_mtu(peer->app->dtls, &peer->session, mtu);
}

static bool may_ask(const struct peer *peer)
{
    return peer->info.heartbeat && peer->app->options->mtu == 0 && peer->out.path.most > SHORT;
}

void path_ask(struct peer *peer)
{
    struct path *path = &peer->out.path;
    struct app *app = peer->app;

    if (path->state != PATH_WAITS)
        return;
    net_flush(&app->net);
    if (dtls_probe_mtu(app->dtls, &peer->session, path->most) == 0) {
        path->state = PATH_ASKED;
        path->asked_us = clock_us();
        path->unasked = 0;
    }
    net_flush(&app->net); /* not in a batch with others, whose segmentation some devices change */
}

/* If the handshake has lowered the MTU, that may have been mere loss: probe at once. */
void path_start(struct peer *peer)
{
    struct app *app = peer->app;
    struct path *path = &peer->out.path;

    path->most = longest(app);
    path->state = PATH_KNOWN;
    if (app->options->mtu == 0)
        lower(peer, path->most);
    if (!may_ask(peer))
        return;
    path->state = mtu_of(peer) < path->most ? PATH_WAITS : PATH_NEW;
    path_ask(peer);
}

/* The MTU is lowered by one byte until the probe is answered, so that the result shows in it. */
static void confirm(struct peer *peer)
{
    lower(peer, peer->out.path.most - 1);
    peer->out.path.state = PATH_WAITS;
}

static void check_again(struct peer *peer, size_t length)
{
    struct path *path = &peer->out.path;
    int64_t since_us = clock_us() - path->asked_us;

    if (path->narrow) {
        path->state = since_us >= RAISE_US ? PATH_WAITS : PATH_KNOWN;
        return;
    }
    path->unasked += length;
    if (path->unasked >= ASK_BYTES || since_us >= ASK_US)
        confirm(peer);
}

void path_bulk(struct peer *peer, size_t length)
{
    struct path *path = &peer->out.path;

    if (path->state == PATH_KNOWN && may_ask(peer))
        check_again(peer, length);
    if (path->state == PATH_NEW) {
        path->state = PATH_WAITS;
        lower(peer, SHORT);
    }
    path_ask(peer);
}

void path_probed(struct peer *peer)
{
    char name[NET_NAME_MAX];
    struct path *path = &peer->out.path;
    size_t mtu = mtu_of(peer);

    path->state = PATH_KNOWN;
    path->narrow = mtu < path->most;
    if (mtu > path->most)
        lower(peer, path->most); /* the longest datagram has shrunk during the probe */
    if (mtu + 1 == path->most)
        lower(peer, SHORT); /* the probe was not answered, see confirm() */
    if (path->narrow && peer->app->options->verbose > 0)
        report("%s: path MTU is below %zu bytes; sending at most %zu bytes per datagram",
               net_name(name, &peer->session), path->most, mtu_of(peer));
}

void path_moved(struct peer *peer)
{
    if (peer->out.path.state == PATH_KNOWN && may_ask(peer))
        peer->out.path.state = PATH_NEW;
}

void path_shrunk(struct app *app)
{
    struct peer *peer = app->peers;

    app->net.too_long = false;
    if (app->options->mtu > 0 || !app->net.connected || peer == NULL || peer->state != PEER_OPEN)
        return;
    peer->out.path.most = longest(app);
    lower(peer, peer->out.path.most);
}
