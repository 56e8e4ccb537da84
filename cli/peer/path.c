#include "peer/path.h"

#include "common/clock.h"
#include "common/report.h"
#include "peer/peer.h"

/* UDP payload in bytes. With the longest headers, the packet has the 576 bytes that each IPv4 host
 * accepts (RFC 791). */
#define SHORT 508
#define ETHERNET 1472                              /* fills an IPv4 packet of 1500 bytes */
#define WIDEST ((BATCH_BYTES - BATCH_REQUEST) / 4) /* four fill a batch; 16 kB */
/* Bytes of data after which longer datagrams are probed. A probe that fails delays the data by up
 * to seven times the timer of the library. */
#define LARGE 1000000
/* Time between two probes of a path that carries long datagrams, if the peer sends no reports
 * (feedback.h). */
#define ASK_US 1000000
/* Time between two probes of a path that carries only short datagrams. */
#define RAISE_US 60000000
/* The path is probed if this number of the peer's reports (feedback.h) in a row shows that no full
 * datagram has arrived. */
#define SILENT 2

size_t path_mtu(const struct peer *peer)
{
    dtls_info_t info;

    return dtls_get_info(peer->app->dtls, &peer->session, &info) == 0 ? info.mtu : 0;
}

/* Returns the limit of the length of datagrams: at most a quarter of --window, so that the window
 * holds at least four datagrams. */
static size_t widest_of(const struct options *options)
{
    bool narrow = options->window_given && options->window > 0 && options->window / 4 < WIDEST;

    return narrow ? (size_t)options->window / 4 : WIDEST;
}

/* Finds the lengths of datagrams to probe. The kernel knows the MTU of the interface, and an MTU
 * that a router has reported. */
static void look_up(struct peer *peer)
{
    const struct app *app = peer->app;
    struct path *path = &peer->out.path;
    size_t known = net_mtu(&app->net, &peer->session), widest = widest_of(app->options);

    path->most = path->wide = app->mtu;
    if (known > app->mtu && widest > app->mtu)
        path->wide = known < widest ? known : widest;
    else if (known > 0)
        path->most = path->wide = known > SHORT ? known : SHORT;
}

static void lower(struct peer *peer, size_t mtu)
{
    if (mtu < path_mtu(peer))
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
    if (dtls_probe_mtu(app->dtls, &peer->session, path->asked) == 0) {
        path->state = PATH_ASKED;
        path->asked_us = clock_us();
    }
    /* Send the probe alone: some devices change the sizes of the datagrams of a batch. */
    net_flush(&app->net);
}

static void probe(struct peer *peer, size_t length)
{
    peer->out.path.asked = length;
    peer->out.path.state = PATH_WAITS;
    path_ask(peer);
}

/* Probes at once if the library has lowered the MTU during the handshake, since loss may have been
 * the only cause. */
void path_start(struct peer *peer)
{
    struct app *app = peer->app;
    struct path *path = &peer->out.path;

    look_up(peer);
    path->proven = path->most;
    path->state = PATH_KNOWN;
    if (app->options->mtu == 0)
        lower(peer, path->most);
    if (!may_ask(peer))
        return;
    net_forbid_fragments(&app->net);
    if (path->most <= SHORT)
        return;
    if (path_mtu(peer) < path->most)
        probe(peer, path->most);
    else
        path->state = PATH_NEW;
}

/* Lowers the MTU by one byte, and requests a probe. The library raises the MTU again if the probe
 * is answered, so the MTU then shows the result of the probe. */
static void confirm(struct peer *peer)
{
    size_t mtu = path_mtu(peer);

    lower(peer, mtu - 1);
    probe(peer, mtu);
}

/* Requests a probe if the MTU that the kernel knows has grown again. */
static void raise_again(struct peer *peer)
{
    look_up(peer);
    peer->out.path.asked_us = clock_us();
    if (path_mtu(peer) < peer->out.path.most)
        probe(peer, peer->out.path.most);
}

/* Sends in short datagrams until a probe has shown what the path carries. */
static void probe_anew(struct peer *peer)
{
    lower(peer, SHORT);
    probe(peer, peer->out.path.most);
}

/* If the peer sends reports (feedback.h), they show at once that long datagrams are lost. Without
 * reports, only a lost request shows this, and a request may be shorter than the data. So probe
 * from time to time. */
static void check_again(struct peer *peer)
{
    int64_t since_us = clock_us() - peer->out.path.asked_us;

    if (since_us >= RAISE_US)
        raise_again(peer);
    else if (since_us >= ASK_US && path_mtu(peer) > SHORT && !peer->out.congestion.reports)
        confirm(peer);
}

/* Returns true if the path carries datagrams of path->most bytes, and longer datagrams have not
 * been probed yet. */
static bool may_be_wide(const struct path *path)
{
    return path->state == PATH_KNOWN && path->asked == path->most && path->proven == path->most &&
           path->wide > path->most;
}

void path_bulk(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state == PATH_KNOWN && may_ask(peer))
        check_again(peer);
    if (may_be_wide(path) && peer->out.window.sent.bytes > LARGE)
        probe(peer, path->wide);
    if (path->state == PATH_NEW)
        probe_anew(peer);
    path_ask(peer);
}

/* Call this when full datagrams do not arrive, but shorter datagrams do. Ordinary loss may be the
 * cause too, so a probe decides. */
static void suspect(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state != PATH_KNOWN || path_mtu(peer) <= SHORT || !may_ask(peer) ||
        !options_is_stream(peer->app->options))
        return;
    path->silent = 0;
    probe_anew(peer);
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
static void report_narrow(const struct peer *peer, size_t mtu)
{
    char name[NET_NAME_MAX];

    if (peer->app->options->verbose > 0)
        report_note("%s: path MTU is below %zu bytes; sending at most %zu bytes per datagram",
                    net_name(name, &peer->session), peer->out.path.asked, mtu);
}

/* Returns the length of the next probe, or 0 if the last one was the end of the search. */
static size_t next_length(const struct path *path, size_t mtu)
{
    bool arrived = mtu >= path->asked;

    if (path->asked <= path->most)
        return arrived && path->proven > path->most && path->wide > path->most ? path->wide : 0;
    if (!arrived && mtu > path->most)
        return path->most; /* the path carried such datagrams earlier */
    return !arrived && path->asked > ETHERNET && path->most < ETHERNET ? ETHERNET : 0;
}

bool path_probed(struct peer *peer)
{
    struct path *path = &peer->out.path;
    size_t next = next_length(path, path_mtu(peer));

    path->state = path->moved ? PATH_NEW : PATH_KNOWN;
    path->silent = 0;
    lower(peer, path->wide); /* path_shrunk() may have lowered path->wide */
    if (path_mtu(peer) < path->most || next == path->most)
        lower(peer, SHORT);
    if (next > 0 && !path->moved) {
        probe(peer, next);
        return false;
    }
    path->moved = false;
    size_t before = path->proven;
    path->proven = path_mtu(peer);
    if (path->proven < before && path->proven < path->asked)
        report_narrow(peer, path->proven);
    return path->proven < before;
}

void path_moved(struct peer *peer)
{
    struct path *path = &peer->out.path;

    if (path->state == PATH_NEW || !may_ask(peer))
        return;
    look_up(peer);
    path->moved = path->state == PATH_ASKED; /* the probe was sent on the old path */
    if (path->state == PATH_KNOWN)
        path->state = PATH_NEW;
}

void path_shrunk(struct peer *peer)
{
    if (peer->app->options->mtu > 0 || peer->state != PEER_OPEN)
        return;
    look_up(peer);
    lower(peer, peer->out.path.wide);
}
