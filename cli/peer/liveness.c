#include "peer/liveness.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/ending.h"
#include "peer/peer.h"
#include "peer/summary.h"

/* With --keepalive a peer is given up after this number of intervals of silence. */
#define KEEPALIVES 3
/* A peer is given up only if at least this number of requests (liveness.h) is unanswered. */
#define UNANSWERED 6
/* A peer is given up after this silence if ICMP has reported a closed port. */
#define REFUSED_US 3000000
/* A heartbeat is sent this long after the first unconfirmed record. */
#define HEARTBEAT_US 2000000
/* Without heartbeats, a KeyUpdate is sent this long after the first unconfirmed record. */
#define KEY_UPDATE_US 10000000
/* After this silence we check whether the kernel would now choose another local address. */
#define FOLLOW_US 1000000
/* After this time without an answer to our first heartbeat, falls_back() checks the peer. */
#define FALLBACK_US 3000000
/* A peer that has sent close_notify is given up after this silence. */
#define CLOSED_US 3000000
/* Tolerance for the times of the library, which are in milliseconds. */
#define TICK_US 2000
/* A request (liveness.h) that is unanswered is checked again after this time. */
#define AGAIN_US 100000
/* If stdin is a terminal, a peer is probed after this silence. */
#define TERMINAL_US 30000000

bool liveness_can_ask(const struct peer *peer)
{
    return peer->info.heartbeat || peer->info.version == DTLS13;
}

bool liveness_is_confirmed(const struct peer *peer)
{
    return peer->proven && outgoing_is_confirmed(&peer->out);
}

/* If a request was sent, calls due_touch(), so that the loop sets the next deadline of the peer
 * anew: the request has deadlines of its own. */
void liveness_ask(struct peer *peer)
{
    uint64_t before = peer->out.window.serial;

    outgoing_ask(peer);
    if (peer->out.window.serial != before)
        due_touch(peer);
}

void liveness_refused(struct peer *peer)
{
    peer->refused_us = clock_us();
    if (peer->state == PEER_OPEN && liveness_can_ask(peer))
        liveness_ask(peer);
    due_touch(peer);
}

int64_t liveness_received_any(struct peer *peer, int64_t now)
{
    dtls_info_t info;

    if (dtls_get_info(peer->app->dtls, &peer->session, &info) == 0) {
        peer->received_any_us = now - (int64_t)info.silent_ms * 1000;
        peer->confirmed_us = now - (int64_t)info.unanswered_ms * 1000;
        peer->info.unanswered = info.unanswered;
        peer->info.heartbeat_seen = info.heartbeat_seen;
    }
    return peer->received_any_us;
}

static bool received_any_since(struct peer *peer, int64_t at, int64_t now)
{
    return liveness_received_any(peer, now) > at + TICK_US;
}

/* ---- requests ------------------------------------------------------------------------------ */

/* Returns after how much silence a peer is probed, in microseconds; 0: the peer is not probed. */
static int64_t silence(const struct peer *peer)
{
    const struct options *options = peer->app->options;

    if (options->keepalive_ms > 0)
        return options->keepalive_ms * 1000;
    return peer->app->terminal ? TERMINAL_US : 0;
}

/* Returns the time at which the next request is due. */
static int64_t due(struct peer *peer, int64_t now)
{
    const struct window *window = &peer->out.window;
    int64_t at = CLOCK_NEVER, quiet = silence(peer);
    int64_t after = peer->info.heartbeat ? HEARTBEAT_US : KEY_UPDATE_US;

    if (peer->finishing != NULL)
        return now;
    if (window_has_news(window))
        at = window->news_us + after;
    if (quiet > 0 && peer->received_any_us + quiet <= now)
        liveness_received_any(peer, now);
    if (quiet > 0 && peer->received_any_us + quiet < at)
        at = peer->received_any_us + quiet;
    return at;
}

static int64_t ask_in_time(struct peer *peer, int64_t now)
{
    int64_t at = due(peer, now);

    if (at > now)
        return at;
    liveness_ask(peer);
    return now + AGAIN_US;
}

/* ---- giving a peer up ----------------------------------------------------------------------- */

/* A DTLS 1.2 peer that has closed sends nothing more (RFC 5246 section 7.2.1), so its silence
 * proves nothing. If the peer waits for our close_notify, it repeats its own close_notify. */
static bool may_be_silent(struct peer *peer, int64_t now)
{
    return peer->left_us > 0 && peer->info.version != DTLS13 &&
           !received_any_since(peer, peer->left_us, now);
}

/* Returns how long a request may be unanswered, in microseconds; CLOCK_NEVER: no limit. */
static int64_t patience(struct peer *peer, int64_t now)
{
    const struct options *options = peer->app->options;
    int64_t limit = options->lost_ms > 0 ? options->lost_ms * 1000 : CLOCK_NEVER;

    /* the request is sent after one interval of silence, and that interval counts too */
    if (options->keepalive_ms > 0)
        limit = (KEEPALIVES - 1) * options->keepalive_ms * 1000;
    if (limit > CLOSED_US && may_be_silent(peer, now))
        limit = CLOSED_US;
    return peer->refused_us > peer->received_any_us && limit > REFUSED_US ? REFUSED_US : limit;
}

static void give_up(struct peer *peer, int64_t limit)
{
    char name[NET_NAME_MAX], lost[MISSING_MAX];
    bool missing = summary_unconfirmed(lost, peer),
         silent = peer->received_any_us + limit <= clock_us();

    if (!peer->app->options->keep || missing || peer->app->options->reports)
        report("%s: %s from the peer for %g s%s%s%s", net_name(name, &peer->session),
               silent ? "nothing received" : "no answer", (double)limit / 1e6, missing ? "; " : "",
               missing ? lost : "", missing ? " that the peer has not confirmed may be lost" : "");
    peer->app->lossy |= missing;
    peer_abandon(peer, EXIT_PEER, "given up, since the peer does not answer");
}

static bool has_never_confirmed(const struct peer *peer)
{
    return peer->info.heartbeat && !peer->out.ever_answered;
}

/* A peer that negotiated heartbeats, is alive, and neither answers nor sends heartbeats does not
 * use them. Then limit the sending rate, since no response confirms the data. To find out whether a
 * DTLS 1.3 peer that sends no data is alive, send a KeyUpdate: the peer has to acknowledge it. */
static bool falls_back(struct peer *peer, int64_t now)
{
    int64_t asked_us = peer->out.window.asked_us;
    char name[NET_NAME_MAX];

    if (!has_never_confirmed(peer) || now < asked_us + FALLBACK_US)
        return false;
    bool alive = received_any_since(peer, asked_us, now);
    if (peer->info.heartbeat_seen)
        return false;
    if (!alive) {
        dtls_update_keys(peer->app->dtls, &peer->session, false);
        return false;
    }
    if (peer->app->options->reports)
        report_note(
            "%s: the peer negotiated heartbeats but does not answer them: limiting the sending "
            "rate",
            net_name(name, &peer->session));
    outgoing_without_heartbeats(peer);
    due_touch(peer);
    return true;
}

static void end_finished(struct peer *peer)
{
    char name[NET_NAME_MAX];

    if (peer->left_us == 0) {
        peer_leave(peer, EXIT_DONE, peer->finishing);
        return;
    }
    if (!liveness_is_confirmed(peer) && peer->app->options->reports)
        report_note("%s: the peer has not confirmed the last data", net_name(name, &peer->session));
    peer_abandon(peer, EXIT_DONE, peer->finishing);
}

/* Returns the time since which a response is missing. While a request is outstanding, other records
 * of the peer do not count: the peer may send without receiving. */
static int64_t unconfirmed_since(const struct peer *peer)
{
    const struct window *window = &peer->out.window;

    if (!window->asking)
        return peer->received_any_us;
    int64_t since = peer->confirmed_us > window->asked_us ? peer->confirmed_us : window->asked_us;
    return peer->left_us > since ? peer->left_us : since;
}

/* Gives the peer up if its time limit has passed. Call this while a request is outstanding, or
 * after ICMP has reported a closed port. Returns the time of the next call. */
static int64_t check_limit(struct peer *peer, int64_t now)
{
    int64_t limit = patience(peer, now);

    if (falls_back(peer, now))
        return now + AGAIN_US;
    if (limit != CLOCK_NEVER && unconfirmed_since(peer) + limit <= now) {
        liveness_received_any(peer, now);
        limit = patience(peer, now);
    }
    if (limit == CLOCK_NEVER)
        return CLOCK_NEVER;
    int64_t end = unconfirmed_since(peer) + limit;
    if (end > now)
        return has_never_confirmed(peer) && end > now + FALLBACK_US ? now + FALLBACK_US : end;
    if (liveness_can_ask(peer) && peer->info.unanswered < UNANSWERED)
        return now + AGAIN_US;
    if (may_be_silent(peer, now)) {
        end_finished(peer);
        return CLOCK_NEVER;
    }
    if (!feed_is_settled(&peer->app->feed, now))
        return now + AGAIN_US;
    give_up(peer, limit);
    return CLOCK_NEVER;
}

/* After our address has changed, the peer recognizes us only by a connection ID. This does not
 * matter before the first answer of the peer: until then it does not know our address. */
void liveness_follow(struct peer *peer)
{
    struct app *app = peer->app;
    char name[NET_NAME_MAX];
    dtls_info_t info;

    if (!app->net.connected || dtls_get_info(app->dtls, &peer->session, &info) < 0 ||
        !(info.cid_out || (peer->state == PEER_HANDSHAKE && !info.received_any)) ||
        !net_follow(&app->net))
        return;
    path_moved(peer);
    if (app->options->reports)
        report_note("the local address has changed: now sending from %s",
                    net_local_name(name, &app->net));
}

/* The kernel may continue to send from a removed address without an error: silence is the only
 * sign. */
static int64_t follow_in_time(struct peer *peer, int64_t now)
{
    if (!peer->app->net.connected || !peer->info.cid_out)
        return CLOCK_NEVER;
    if (peer->follow_us < peer->out.window.asked_us + FOLLOW_US)
        peer->follow_us = peer->out.window.asked_us + FOLLOW_US;
    if (peer->follow_us > now)
        return peer->follow_us;
    if (liveness_received_any(peer, now) + FOLLOW_US <= now)
        liveness_follow(peer);
    return peer->follow_us = now + FOLLOW_US;
}

/* Returns true if ICMP has reported a closed port, no record has arrived since, and the peer has
 * not confirmed all data. */
static bool is_refused(const struct peer *peer)
{
    return peer->refused_us > peer->received_any_us && !liveness_is_confirmed(peer);
}

int64_t liveness_check(struct peer *peer, int64_t now)
{
    if (peer->finishing != NULL && (liveness_is_confirmed(peer) || !liveness_can_ask(peer))) {
        end_finished(peer);
        return CLOCK_NEVER;
    }
    if (peer->out.window.asking) {
        int64_t end = check_limit(peer, now), next = CLOCK_NEVER;
        if (peer->state == PEER_OPEN)
            next = follow_in_time(peer, now);
        return next < end ? next : end;
    }
    if (liveness_can_ask(peer))
        return ask_in_time(peer, now);
    return is_refused(peer) ? check_limit(peer, now) : CLOCK_NEVER;
}

/* ---- after our close ------------------------------------------------------------------------ */

int64_t liveness_closing(struct peer *peer, int64_t now)
{
    if (peer->refused_us <= liveness_received_any(peer, now))
        return CLOCK_NEVER;
    int64_t end = peer->received_any_us + REFUSED_US;
    return end > now ? end : 0;
}

/* Returns true if the peer sent data after our close. Without a close_notify, this data may be
 * incomplete. */
static bool is_cut_off(const struct peer *peer)
{
    return peer->info.heartbeat && peer->received_data_us > peer->closed_us;
}

/* Returns true if the peer seems to lack our Finished: a DTLS 1.2 peer then repeats its last
 * flight, and we resend ours. */
static bool lacks_finished(const struct peer *peer)
{
    return !peer->proven && peer->stats.resent > peer->repeats;
}

/* A missing response to our close is not a failure by itself: a DTLS 1.2 peer may end without one.
 * The last data has certainly arrived only if the peer has confirmed it. */
int liveness_close_unconfirmed(struct peer *peer)
{
    const struct options *options = peer->app->options;
    char name[NET_NAME_MAX];
    const char *why = is_cut_off(peer)               ? "data from the peer may be incomplete"
                      : lacks_finished(peer)         ? "the peer has not completed the handshake"
                      : !liveness_is_confirmed(peer) ? "the peer has not confirmed the last data"
                                                     : "the peer has confirmed all data";

    liveness_received_any(peer, clock_us());
    bool failed = is_cut_off(peer) || lacks_finished(peer) || is_refused(peer);
    if (peer->code != EXIT_DONE)
        return peer->code;
    if (options->reports || (failed && !options->keep))
        report("%s: the peer sent no answer to the close; %s", net_name(name, &peer->session), why);
    return failed ? EXIT_PEER : EXIT_DONE;
}

/* ---- our close ---------------------------------------------------------------- */

void liveness_finish(struct peer *peer, const char *end)
{
    if (peer->state != PEER_OPEN || liveness_is_confirmed(peer) || !liveness_can_ask(peer)) {
        peer_leave(peer, EXIT_DONE, end);
        return;
    }
    if (peer->finishing == NULL) {
        outgoing_ask(peer);
        due_touch(peer);
    }
    peer->finishing = end;
    peer->moved_us = clock_us();
}

void liveness_finish_all(struct app *app, const char *end)
{
    if (app->state == RUNNING)
        app->state = ENDING;
    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer_is_session(peer))
            liveness_finish(peer, end);
    peers_none_left(app);
}
