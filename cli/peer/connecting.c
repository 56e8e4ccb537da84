#include "peer/connecting.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/ending.h"
#include "peer/peer.h"

/* The addresses of the host name are tried in rounds. In the first round, each address has this
 * time to answer, or less if the time limit of the handshake is short. If no address has answered,
 * the next round gives each twice the time, since the path may be slow. */
#define SHARE_MS 2000

/* A load balancer keeps the datagrams of one address and port at one server, even if that server is
 * gone. So a client without an answer continues from another port, after this number of timers
 * (--timer) and each time this time has doubled. By default the first port has 4.8 seconds: the
 * answer to an abandoned port is lost, and some paths are slow. */
#define PORT_TIMERS 12

static void limit_attempt(struct peer *peer)
{
    const struct app *app = peer->app;
    int64_t left = (app->connect_until_us - clock_us()) / 1000;
    int64_t addresses = 1, share = (int64_t)SHARE_MS << app->rounds;

    for (const struct addrinfo *next = app->net.next; next != NULL; next = next->ai_next)
        addresses++;
    if (!net_has_others(&app->net) || share > left / addresses)
        share = left / addresses;
    dtls_set_limits(app->dtls, &peer->session, share > 0 ? (uint32_t)share : 1,
                    left > 0 ? (uint32_t)left : 1);
}

/* Returns how long the client waits for an answer before it changes its port for the first time. */
static int64_t port_interval_us(const struct options *options)
{
    dtls_config_t config;

    dtls_config_init(&config); /* has the default of --timer */
    return INT64_C(1000) * PORT_TIMERS *
           (options->timer_ms > 0 ? options->timer_ms : config.timer_ms);
}

static int start_handshake(struct app *app, struct peer *peer)
{
    peer->session = app->net.peer;
    app->attempt_us = clock_us();
    app->port_us = app->attempt_us + port_interval_us(app->options);
    ticketfile_consume(&app->ticket);
    int result = dtls_resume(app->dtls, &peer->session, app->ticket.state, app->ticket.length,
                             ticketfile_age_ms(&app->ticket));
    if (result > 0)
        limit_attempt(peer);
    if (result > 0 && app->options->early_data)
        early_send(peer);
    if (result > 0 || peer->state == PEER_GONE)
        return EXIT_DONE;
    report("cannot start the handshake: %s", dtls_error_text((dtls_error_t)-result));
    return EXIT_IO;
}

bool connecting_next(struct peer *peer, bool silent, const char *why)
{
    struct app *app = peer->app;
    char from[NET_NAME_MAX], to[NET_NAME_MAX];

    app->silent |= silent;
    if (app->net.next == NULL) {
        if (!app->silent || !net_has_others(&app->net) || clock_us() >= app->connect_until_us)
            return false;
        app->net.next = app->net.found;
        app->silent = false;
        app->rounds++;
    }
    net_name(from, &peer->session);
    dtls_reset_peer(app->dtls, dtls_get_peer(app->dtls, &peer->session));
    int code = net_connect_next(&app->net, &app->options->net);
    if (code == EXIT_DONE && app->options->verbose > 0)
        report_note("%s: %s, trying %s", from, why, net_name(to, &app->net.peer));
    if (code == EXIT_DONE)
        code = start_handshake(app, peer);
    if (code != EXIT_DONE)
        peer_gone(peer, code, NULL);
    return true;
}

int connecting_begin(struct app *app)
{
    struct peer *peer = peer_new(app);

    if (peer == NULL) {
        report("cannot start the handshake: out of memory");
        return EXIT_IO;
    }
    app->serving = 1;
    app->response.watching = true;
    app->connect_until_us = clock_us() + (int64_t)app->options->handshake_ms * 1000;
    return start_handshake(app, peer);
}

/* Early data is not sent from two ports: a server may take it for the data of two clients. */
static bool may_change_port(const struct app *app)
{
    return !app->options->listen && app->options->net.source_port == 0 && !app->options->early_data;
}

int64_t connecting_check(struct peer *peer, int64_t now)
{
    struct app *app = peer->app;
    char server[NET_NAME_MAX], own[NET_NAME_MAX];
    dtls_info_t info;

    if (!may_change_port(app) || dtls_get_info(app->dtls, &peer->session, &info) < 0 ||
        info.received_any)
        return CLOCK_NEVER;
    if (now < app->port_us)
        return app->port_us;
    if (net_change_port(&app->net) && app->options->verbose > 0)
        report_note("%s: no answer yet, now sending from %s", net_name(server, &peer->session),
                    net_local_name(own, &app->net));
    return app->port_us = now + (now - app->attempt_us);
}
