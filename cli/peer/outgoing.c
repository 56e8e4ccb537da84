#include "peer/outgoing.h"

#include "common/clock.h"
#include "common/exit.h"
#include "common/report.h"
#include "peer/ending.h"
#include "peer/peer.h"

#define QUEUE_BYTES (1 << 20)

void outgoing_init(struct outgoing *out)
{
    *out = (struct outgoing){.unsent = 0};
    queue_init(&out->queue, QUEUE_BYTES);
}

/* A peer without heartbeats cannot confirm what it delivered, so the rate is limited instead. */
static void start_flow(struct peer *peer)
{
    const struct options *options = peer->app->options;
    uint64_t window = peer->info.heartbeat ? options->window : 0;
    int64_t rate = window > 0 ? 0 : PACE_RATE;

    if (options->rate >= 0)
        rate = options->rate;
    window_start(&peer->out.window, window);
    pace_init(&peer->out.pace, rate, options->delay_ms * 1000, clock_us());
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

/* The payload of a heartbeat is the number of bytes sent before, for the reader of a trace. */
static bool send_request(struct peer *peer)
{
    dtls_context_t *dtls = peer->app->dtls;
    uint64_t sent = peer->out.window.sent.bytes;

    if (peer->info.heartbeat)
        return dtls_heartbeat(dtls, &peer->session, (const uint8_t *)&sent, sizeof sent) == 0;
    return dtls_update_keys(dtls, &peer->session, false) == 0;
}

void outgoing_ask(struct peer *peer)
{
    struct window *window = &peer->out.window;

    if (!window->asking && send_request(peer))
        window_asked(window, clock_us());
}

static void ask_by_window(struct peer *peer)
{
    if (window_wants_heartbeat(&peer->out.window))
        outgoing_ask(peer);
}

void outgoing_confirmed(struct peer *peer)
{
    window_confirmed(&peer->out.window, clock_us());
    peer->proven = true;
    peer->moved_us = clock_us();
    path_ask(peer);
    ask_by_window(peer);
}

void outgoing_path_probed(struct peer *peer)
{
    path_probed(peer);
    ask_by_window(peer);
}

/* ---- records -------------------------------------------------------------------------------- */

static void send_record(struct peer *peer, uint8_t *data, size_t length)
{
    struct app *app = peer->app;
    int64_t now = clock_us();

    app->net.message = true;
    int sent = dtls_write(app->dtls, &peer->session, data, length);
    app->net.message = false;
    if (peer->state != PEER_OPEN)
        return;
    if (sent < 0) {
        report("cannot send: %s", dtls_error_text((dtls_error_t)-sent));
        peer_leave(peer, EXIT_IO, "closed, as sending failed");
        return;
    }
    dump_data(&app->dump, DUMP_SENT, data, length);
    pace_consume(&peer->out.pace, (int64_t)length, now);
    window_consume(&peer->out.window, length, now);
    peer->moved_us = peer->out.sent_us = now;
    ask_by_window(peer);
}

/* A stream is split into records; a message that does not fit one record is not sent. */
static void send_message(struct peer *peer, uint8_t *data, size_t length)
{
    size_t room = dtls_max_payload(peer->app->dtls, &peer->session);

    if (length > room && !options_is_stream(peer->app->options)) {
        peer->out.unsent++;
        return;
    }
    if (length >= room && options_is_stream(peer->app->options)) {
        path_bulk(peer, length);
        room = dtls_max_payload(peer->app->dtls, &peer->session);
    }
    for (; length > room && room > 0 && peer->state == PEER_OPEN; length -= room, data += room)
        send_record(peer, data, room);
    if (peer->state == PEER_OPEN)
        send_record(peer, data, length);
}

/* ---- messages ------------------------------------------------------------------------------- */

/* Like outgoing_wait(), for the first message of the queue. */
static int64_t record_wait(struct peer *peer, int64_t now_us)
{
    if (peer->state != PEER_OPEN || !window_is_open(&peer->out.window))
        return OUTGOING_STOPPED;
    return pace_wait(&peer->out.pace, now_us);
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
    return wait;
}
