#include "peer/outgoing.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/numbers.h"
#include "common/report.h"
#include "peer/ending.h"
#include "peer/feedback.h"
#include "peer/peer.h"
#include "report/jsonevents.h"

#define QUEUE_BYTES (1 << 20)
#define BURSTS 1000 /* bursts per second to a peer that reports what it has received (feedback.h) */
#define BLIND_BURSTS 4000   /* bursts per second to a peer that only echoes heartbeats */
#define LOCAL_RATE 20000000 /* bytes per second to a peer on this host without heartbeats */
#define BLIND_RATE 1000000  /* bytes per second to a peer on another host without heartbeats */

void outgoing_init(struct outgoing *out)
{
    *out = (struct outgoing){.unsent = 0};
    queue_init(&out->queue, QUEUE_BYTES);
}

/* Returns the rate for a peer without heartbeats. Such a peer shows neither what it has delivered
 * nor what was lost. */
static int64_t blind_rate(const struct peer *peer)
{
    return address_is_loopback(&peer->session) ? LOCAL_RATE : BLIND_RATE;
}

static void start_flow(struct peer *peer)
{
    const struct options *options = peer->app->options;
    struct outgoing *out = &peer->out;
    bool heartbeat = peer->info.heartbeat;
    int64_t now = clock_us(), rate = heartbeat ? 0 : blind_rate(peer);

    if (options->rate >= 0)
        rate = options->rate;
    window_start(&out->window, heartbeat ? options->window : 0);
    congestion_start(&out->congestion, dtls_max_payload(peer->app->dtls, &peer->session), now);
    pace_init(&out->pace, rate, options->delay_ms * 1000, now);
    pace_init(&out->path_pace, 0, 0, now);
}

void outgoing_start(struct peer *peer)
{
    start_flow(peer);
    path_start(peer);
}

void outgoing_without_heartbeats(struct peer *peer)
{
    struct amount sent = peer->out.window.sent;

    peer->info.heartbeat = false;
    start_flow(peer);
    peer->out.window.sent = sent;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void ask(struct peer *peer, bool wants_report)
{
    struct outgoing *out = &peer->out;
    int64_t now = clock_us();

    if (!peer->info.heartbeat) {
        if (dtls_update_keys(peer->app->dtls, &peer->session, false) == 0)
            window_asked(&out->window, now);
    } else if (feedback_ask(peer, out->window.serial + 1, wants_report)) {
        congestion_asked(&out->congestion, window_asked(&out->window, now), now);
    }
}

bool outgoing_is_confirmed(const struct outgoing *out)
{
    return window_unconfirmed(&out->window).records == 0 &&
           (!out->congestion.reports || out->reported == out->window.sent.records);
}

void outgoing_ask(struct peer *peer)
{
    const struct outgoing *out = &peer->out;
    bool repeats = out->congestion.reports && !window_has_news(&out->window);

    if (!out->window.asking && (!repeats || congestion_timeout_at(&out->congestion) <= clock_us()))
        ask(peer, true);
}

/* Returns true if it is time to ask the peer what it has received (feedback.h). If the peer sends no
 * reports, only the loss of a request shows that data was lost. So the request is then sent last,
 * when the flow window is full. A peer that sends reports is asked twice in each window: more data
 * is then in flight while its first answer is under way. */
static bool window_is_due(const struct outgoing *out)
{
    bool several = out->congestion.reports && out->path.state != PATH_WAITS;

    if (out->window.asking && !several)
        return false;
    return out->congestion.reports ? window_wants_request(&out->window)
                                   : !window_is_open(&out->window);
}

/* For congestion control the peer's report (feedback.h) answers a request, even if the
 * HeartbeatResponse is late or lost. */
static bool congestion_is_due(const struct outgoing *out)
{
    return !congestion_is_unanswered(&out->congestion) &&
           congestion_wants_request(&out->congestion);
}

static void ask_if_due(struct peer *peer)
{
    const struct outgoing *out = &peer->out;

    if (peer->info.heartbeat && (window_is_due(out) || congestion_is_due(out)))
        ask(peer, !out->congestion.reports);
}

/* Sends another request after the time-out if the last request has no answer. Does so too if the
 * peer has sent a report (feedback.h) but no HeartbeatResponse, and enough data was sent since.
 * Returns the microseconds until the time-out. */
static int64_t repeat_request(struct peer *peer, int64_t now_us)
{
    struct outgoing *out = &peer->out;
    bool unanswered = congestion_is_unanswered(&out->congestion);

    if (!peer->info.heartbeat || out->path.state == PATH_ASKED ||
        !(unanswered || (out->window.asking && congestion_wants_request(&out->congestion))))
        return OUTGOING_STOPPED;
    int64_t left = congestion_timeout_at(&out->congestion) - now_us;
    if (left > 0)
        return left;
    if (unanswered)
        congestion_timed_out(&out->congestion, now_us);
    ask(peer, true);
    return congestion_timeout_at(&out->congestion) - now_us;
}

/* ---- answers -------------------------------------------------------------------------------- */

/* If the peer sends no reports (feedback.h), the data in flight should end with a full burst. A
 * short burst may fit a queue that is almost full, and the request after it then shows no loss. */
static void follow_congestion(struct outgoing *out)
{
    int64_t rate = (int64_t)out->congestion.rate;
    int64_t burst = rate / (out->congestion.reports ? BURSTS : BLIND_BURSTS);
    int64_t least = 2 * (int64_t)out->congestion.datagram;

    pace_change(&out->path_pace, rate, burst > least ? burst : least, clock_us());
}

static void confirmed(struct peer *peer, uint64_t serial)
{
    window_confirmed(&peer->out.window, serial);
    peer->proven = true;
    peer->moved_us = clock_us();
    path_ask(peer);
    ask_if_due(peer);
}

void outgoing_echoed(struct peer *peer, uint64_t serial)
{
    struct outgoing *out = &peer->out;

    out->ever_answered = true;
    if (feedback_is_short(out) && serial == out->window.serial)
        path_request_lost(peer);
    congestion_echoed(&out->congestion, serial, clock_us());
    follow_congestion(out);
    confirmed(peer, serial);
}

void outgoing_reported(struct peer *peer, uint64_t serial, const struct amount *received,
                       uint32_t room)
{
    struct outgoing *out = &peer->out;
    const struct amount *sent = &out->window.asked[serial % WINDOW_REQUESTS];

    if (serial == 0 || serial > out->window.serial ||
        out->window.serial - serial >= WINDOW_REQUESTS ||
        received->records > out->window.sent.records || sent->records < out->reported)
        return; /* ignore a report that is invalid, or older than the last one */
    out->ever_answered = true;
    out->peer_lost = sent->records > received->records ? sent->records - received->records : 0;
    out->reported = sent->records;
    path_reported(peer, sent, received->records);
    congestion_reported(&out->congestion, serial, received->bytes, clock_us());
    follow_congestion(out);
    if (!peer->app->options->window_given && room > 0)
        out->window.size = room;
    ask_if_due(peer);
}

void outgoing_acknowledged(struct peer *peer)
{
    if (!peer->info.heartbeat)
        confirmed(peer, peer->out.window.serial);
}

void outgoing_path_probed(struct peer *peer)
{
    struct outgoing *out = &peer->out;
    bool narrower = path_probed(peer);

    congestion_resize(&out->congestion, dtls_max_payload(peer->app->dtls, &peer->session));
    if (narrower) {
        congestion_restart(&out->congestion);
        follow_congestion(out);
    }
    ask_if_due(peer);
}

/* ---- records -------------------------------------------------------------------------------- */

void outgoing_count(struct peer *peer, size_t length)
{
    int64_t now = clock_us();

    pace_consume(&peer->out.pace, (int64_t)length, now);
    pace_consume(&peer->out.path_pace, (int64_t)length, now);
    window_consume(&peer->out.window, length, now);
    congestion_sent(&peer->out.congestion, length, now);
    peer->moved_us = peer->out.sent_us = now;
}

/* Returns how many bytes of data fit the datagrams of one batch. */
static size_t batch_room(const struct peer *peer, size_t payload)
{
    size_t mtu = path_mtu(peer);
    size_t count = (BATCH_BYTES - BATCH_REQUEST) / (mtu > payload ? mtu : payload);

    return payload * (count < 1 ? 1 : count < BATCH_DATAGRAMS ? count : BATCH_DATAGRAMS - 1);
}

static void count_records(struct peer *peer, const uint8_t *data, size_t length, size_t piece)
{
    struct outgoing *out = &peer->out;
    size_t counted = 0;

    do {
        size_t some = length - counted < piece ? length - counted : piece;
        dump_data(&peer->app->dump, DUMP_SENT, data + counted, some);
        if (peer->app->trace.json)
            jsonevents_data(&peer->session, true, data + counted, some);
        outgoing_count(peer, some);
        out->window.sent.full += some >= out->congestion.datagram;
        counted += some;
    } while (counted < length);
}

static int write_records(struct peer *peer, uint8_t *data, size_t length, size_t piece)
{
    struct app *app = peer->app;
    dtls_peer_t *to = dtls_get_peer(app->dtls, &peer->session);

    if (to == NULL)
        return -DTLS_ERR_STATE;
    app->net.message = true;
    int sent = length > piece ? dtls_peer_write_batch(to, data, length, piece, NULL, 0)
                              : dtls_peer_write(to, data, length);
    app->net.message = false;
    return sent;
}

/* Sends the pieces of data as records, in one batch. If the library accepts only a part of a batch,
 * sends the rest in another one, or reports the error that prevents this. */
static void send_records(struct peer *peer, uint8_t *data, size_t length, size_t piece)
{
    char name[NET_NAME_MAX];
    int sent = write_records(peer, data, length, piece);
    size_t accepted = sent > 0 ? (size_t)sent : length;

    if (peer->state != PEER_OPEN)
        return;
    if (sent < 0) {
        report("%s: cannot send: %s", net_name(name, &peer->session),
               dtls_error_text((dtls_error_t)-sent));
        peer_leave(peer, EXIT_IO, "closed because sending failed");
        return;
    }
    count_records(peer, data, accepted, piece);
    ask_if_due(peer);
    if (accepted < length)
        send_records(peer, data + accepted, length - accepted, piece);
}

/* Sends a message. Splits a stream into records; counts a message that does not fit one record as
 * unsent. */
static void send_message(struct peer *peer, uint8_t *data, size_t length)
{
    size_t piece = dtls_max_payload(peer->app->dtls, &peer->session);

    if (length > piece && !options_is_stream(peer->app->options)) {
        peer->out.unsent++;
        return;
    }
    if (length >= piece && options_is_stream(peer->app->options)) {
        path_bulk(peer);
        piece = dtls_max_payload(peer->app->dtls, &peer->session);
        congestion_resize(&peer->out.congestion, piece);
    }
    if (piece == 0)
        piece = length; /* no data fits: pass all to the library, which returns the error */
    size_t most = length > piece ? batch_room(peer, piece) : length;
    for (; length > most && peer->state == PEER_OPEN; length -= most, data += most)
        send_records(peer, data, most, piece);
    if (peer->state == PEER_OPEN)
        send_records(peer, data, length, piece);
}

size_t outgoing_room(struct peer *peer)
{
    const struct options *options = peer->app->options;
    const struct outgoing *out = &peer->out;
    size_t payload = dtls_max_payload(peer->app->dtls, &peer->session);

    if (!options_is_stream(options) || !peer->info.heartbeat || options->rate > 0 ||
        options->delay_ms > 0 || payload == 0)
        return payload;
    uint64_t room =
        number_min(window_room(&out->window, payload),
                   number_min(congestion_room(&out->congestion), pace_room(&out->path_pace)));
    room = number_min(room / payload * payload, batch_room(peer, payload));
    return room > payload ? (size_t)room : payload;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* Reports once that the rate is limited because the peer has no heartbeats. */
static void report_slow(struct peer *peer)
{
    char name[NET_NAME_MAX];

    if (peer->out.slow_reported || peer->info.heartbeat || peer->app->options->rate >= 0 ||
        !peer->app->options->reports)
        return;
    peer->out.slow_reported = true;
    report_note("%s: the peer supports no heartbeats, which would show congestion: sending at most "
                "%g MB/s; to send faster, use --rate",
                net_name(name, &peer->session), (double)peer->out.pace.rate / 1e6);
}

/* Like outgoing_wait(), for the first message of the queue. */
static int64_t record_wait(struct peer *peer, int64_t now_us)
{
    struct outgoing *out = &peer->out;

    if (peer->state != PEER_OPEN || !window_is_open(&out->window))
        return OUTGOING_STOPPED;
    int64_t wait = pace_wait(&out->pace, now_us);
    if (wait > 0 && out->pace.waiting)
        report_slow(peer);
    if (!peer->info.heartbeat)
        return wait;
    int64_t path_wait = pace_wait(&out->path_pace, now_us);
    bool open = congestion_is_open(&out->congestion);
    if (!open || path_wait > wait)
        congestion_blocked(&out->congestion);
    if (!open)
        return OUTGOING_STOPPED;
    return path_wait > wait ? path_wait : wait;
}

int64_t outgoing_wait(struct peer *peer, int64_t now_us)
{
    bool free = peer_accepts_data(peer) && queue_is_empty(&peer->out.queue);

    return free ? record_wait(peer, now_us) : OUTGOING_STOPPED;
}

void outgoing_put(struct peer *peer, uint8_t *data, size_t length)
{
    if (outgoing_wait(peer, clock_us()) == 0)
        send_message(peer, data, length);
    else if (!queue_put(&peer->out.queue, data, length))
        peer->out.unsent++;
}

int64_t outgoing_run(struct peer *peer)
{
    struct queue *queue = &peer->out.queue;
    int64_t wait = OUTGOING_STOPPED;

    while (!queue_is_empty(queue) && (wait = record_wait(peer, clock_us())) == 0) {
        send_message(peer, queue->first->data, queue->first->length);
        queue_drop(queue);
        wait = OUTGOING_STOPPED;
    }
    int64_t repeat = repeat_request(peer, clock_us());
    return wait == OUTGOING_STOPPED || (repeat != OUTGOING_STOPPED && repeat < wait) ? repeat
                                                                                     : wait;
}
