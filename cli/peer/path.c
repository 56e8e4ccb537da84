#include "peer/path.h"

#include "common/clock.h"
#include "common/report.h"
#include "peer/peer.h"

/* UDP payload in bytes. With the longest headers, the packet has the 576 bytes that each IPv4 host
 * accepts (RFC 791). */
#define SHORT 508
/* Time between two probes of a path that carries long datagrams, if the peer does not report. */
#define ASK_US 1000000
/* Time between two probes of a narrow path. */
#define RAISE_US 60000000
/* The path is probed if this number of reports in a row shows that no full datagram has arrived. */
#define SILENT 2

static size_t mtu_of(struct peer *peer)
{
    dtls_info_t info;

    return dtls_get_info(peer->app->dtls, &peer->session, &info) == 0 ? info.mtu : 0;
}

/* Returns the UDP payload in bytes of the longest datagram to send. The kernel knows the MTU of the
 * interface, and an MTU that a router has reported. */
static size_t longest(const struct peer *peer)
{
    const struct app *app = peer->app;
    size_t known = net_mtu(&app->net, &peer->session);

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
    return peer->info.heartbeat && peer->app->options->mtu == 0;
}

void path_ask(struct peer *peer)
{
    struct path *path = &peer->out.path;
    struct app *app = peer->app;

    if (path->state != PATH_WAITS || peer->out.window.asking)
        return;
    net_flush(&app->net);
    if (dtls_probe_mtu(app->dtls, &peer->session, path->most) == 0) {
        path->state = PATH_ASKED;
        path->asked_us = clock_us();
    }
    /* Send the probe alone: some devices change the sizes of the datagrams of a batch. */
    net_flush(&app->net);
}

/* Probes at once if the library has lowered the MTU during the handshake, since loss may have been
 * the only cause. */
void path_start(struct peer *peer)
{
    struct app *app = peer->app;
    struct path *path = &peer->out.path;

    path->most = longest(peer);
    path->state = PATH_KNOWN;
    if (app->options->mtu == 0)
        lower(peer, path->most);
    if (!may_ask(peer))
        return;
    net_forbid_fragments(&app->net);
    if (path->most > SHORT)
        path->state = mtu_of(peer) < path->most ? PATH_WAITS : PATH_NEW;
    path_ask(peer);
}

/* Lowers the MTU by one byte, and requests a probe. The library raises the MTU again if the probe
 * is answered, so the MTU shows the result. */
static void confirm(struct peer *peer)
{
    lower(peer, peer->out.path.most - 1);
    peer->out.path.state = PATH_WAITS;
}

/* Requests a probe if the MTU that the kernel knows has grown again. */
static void raise_again(struct peer *peer)
{
    struct path *path = &peer->out.path;

    path->most = longest(peer);
    path->asked_us = clock_us();
    if (mtu_of(peer) < path->most)
        path->state = PATH_WAITS;
}

/* If the peer reports, its reports show at once that long datagrams are lost. Otherwise only a lost
 * request shows this, and a request may be shorter than the data: probe from time to time. */
static void check_again(struct peer *peer)
{
    int64_t since_us = clock_us() - peer->out.path.asked_us;

    if (since_us >= RAISE_US)
        raise_again(peer);
    else if (since_us >= ASK_US && mtu_of(peer) > SHORT && !peer->out.congestion.reports)
        confirm(peer);
}

void path_bulk(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state == PATH_KNOWN && may_ask(peer))
        check_again(peer);
    if (path->state == PATH_NEW) {
        path->state = PATH_WAITS;
        lower(peer, SHORT);
    }
    path_ask(peer);
}

/* Call this when full datagrams do not arrive, but shorter datagrams do. Ordinary loss may be the
 * cause too, so a probe decides. */
static void suspect(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state != PATH_KNOWN || mtu_of(peer) <= SHORT || !may_ask(peer) ||
        !options_is_stream(peer->app->options))
        return;
    path->silent = 0;
    path->state = PATH_WAITS;
    lower(peer, SHORT);
    path_ask(peer);
}

void path_reported(struct peer *peer, const struct amount *asked, uint64_t received)
{
    struct path *path = &peer->out.path;
    uint64_t full = asked->full - path->reported.full;
    uint64_t others = asked->records - path->reported.records - full;

    if (asked->full <= path->reported.full)
        return;
    if (received > path->received + others)
        path->silent = 0;
    else
        path->silent++;
    path->reported = *asked;
    path->received = received;
    if (path->silent >= SILENT)
        suspect(peer);
}

void path_request_lost(struct peer *peer)
{
    suspect(peer);
}

/* Reports the MTU of a path that has become narrow. */
static void report_narrow(const struct peer *peer)
{
    char name[NET_NAME_MAX];

    if (peer->app->options->verbose > 0)
        report("%s: path MTU is below %zu bytes; sending at most %d bytes per datagram",
               net_name(name, &peer->session), peer->out.path.most, SHORT);
}

bool path_probed(struct peer *peer)
{
    struct path *path = &peer->out.path;
    size_t mtu = mtu_of(peer);
    bool was_narrow = path->narrow;

    path->state = path->moved ? PATH_NEW : PATH_KNOWN;
    path->moved = false;
    path->silent = 0;
    path->narrow = mtu < path->most;
    if (mtu > path->most)
        lower(peer, path->most); /* path_shrunk() has lowered path->most during the probe */
    if (path->narrow)
        lower(peer, SHORT);
    if (!path->narrow || was_narrow)
        return false;
    report_narrow(peer);
    return true;
}

void path_moved(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state == PATH_NEW || !may_ask(peer))
        return;
    path->most = longest(peer);
    path->moved = path->state == PATH_ASKED; /* the probe was sent on the old path */
    if (path->state == PATH_KNOWN)
        path->state = PATH_NEW;
}

void path_shrunk(struct peer *peer)
{
    if (peer->app->options->mtu > 0 || peer->state != PEER_OPEN)
        return;
    peer->out.path.most = longest(peer);
    lower(peer, peer->out.path.most);
}
