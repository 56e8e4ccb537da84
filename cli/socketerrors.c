#include "socketerrors.h"

#include <string.h>

#include "common/exit.h"
#include "common/report.h"
#include "peer/connecting.h"
#include "peer/ending.h"
#include "peer/liveness.h"
#include "peer/path.h"
#include "peer/peer.h"

static void on_port_refused(struct app *app)
{
    struct peer *peer = app->peers;
    char name[NET_NAME_MAX];
    dtls_info_t info;
    const char *why = strerror(app->net.refused);

    app->net.refused = 0;
    if (app->options->listen || peer == NULL)
        return; /* a listener: the ICMP message is about a client that has ended */
    net_name(name, &peer->session);
    bool trusted = peer->state == PEER_HANDSHAKE &&
                   dtls_get_info(app->dtls, &peer->session, &info) == 0 && !info.received_any;
    if (trusted && !connecting_next(peer, false, "refused")) {
        report("%s: %s: nothing listens on that UDP port; is the server running?", name, why);
        peer_gone(peer, EXIT_REFUSED, NULL);
    } else if (!trusted) {
        liveness_refused(peer);
        if (app->options->verbose > 0 && !app->refused_reported)
            report_note("%s: %s (from ICMP, which can be forged: the session continues)", name,
                        why);
        app->refused_reported = true;
    }
}

/* Tries the next address of the host name, which may have a route. The failed address is tried
 * again in the next round. */
static bool tries_next_address(struct app *app, const char *why)
{
    struct peer *peer = app->peers;
    dtls_info_t info;

    return peer != NULL && peer->state == PEER_HANDSHAKE && app->net.next != NULL &&
           dtls_get_info(app->dtls, &peer->session, &info) == 0 && !info.received_any &&
           connecting_next(peer, true, why);
}

static void on_failing(struct app *app)
{
    const char *why = strerror(app->net.failing);

    app->net.failing = 0;
    if (!app->options->listen && tries_next_address(app, why))
        return;
    if (!app->options->listen && app->peers != NULL)
        liveness_follow(app->peers);
    if (app->options->reports && !app->failing_reported)
        report_note("cannot send: %s; datagrams are lost until the network accepts them again",
                    why);
    app->failing_reported = true;
}

static void on_broken(struct app *app)
{
    if (app->code == EXIT_DONE)
        report("cannot send: %s", strerror(app->net.broken));
    app->net.broken = 0;
    peers_close(app, EXIT_IO, "closed because sending failed");
}

static void on_too_long(struct app *app)
{
    struct peer *peer = peer_find(app, &app->net.too_long_to);

    app->net.too_long = false;
    if (peer == NULL)
        return;
    path_shrunk(peer);
    due_touch(peer);
}

void socketerrors_check(struct app *app)
{
    if (app->net.refused != 0)
        on_port_refused(app);
    if (app->net.failing != 0)
        on_failing(app);
    if (app->net.broken != 0)
        on_broken(app);
    if (app->net.too_long)
        on_too_long(app);
}
