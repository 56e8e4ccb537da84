#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "exit.h"
#include "outgoing.h"
#include "peer.h"
#include "say.h"
#include "signals.h"

#define BATCH 64 /* datagrams taken in a row before stdin and stdout get their turn */
#define NEVER (-1)

/* ---- when ----------------------------------------------------------------------------------- */

/* When the silence after EOF has lasted long enough. What stdout has not taken is no silence. */
static int64_t linger_end(const struct cat *cat)
{
    int64_t linger_ms = cat->options->linger_ms;
    int64_t since = cat->moved_us > cat->eof_us ? cat->moved_us : cat->eof_us;
    bool counts = cat->state == OPEN && cat->in.ended && !cat->options->listen && linger_ms >= 0;

    return counts && !sink_pending(&cat->out) ? since + linger_ms * 1000 : NEVER;
}

static int64_t idle_end(const struct cat *cat)
{
    bool counts = cat->state == OPEN && cat->options->wait_ms > 0;

    return counts ? cat->moved_us + (int64_t)cat->options->wait_ms * 1000 : NEVER;
}

static int64_t sooner(int64_t a, int64_t b)
{
    if (a == NEVER || b == NEVER)
        return a == NEVER ? b : a;
    return a < b ? a : b;
}

/* Microseconds until something is due, NEVER if nothing is. */
static int64_t time_left(struct cat *cat, int64_t now)
{
    int64_t end = sooner(linger_end(cat), idle_end(cat));
    int library = cat->state != OVER ? dtls_next_timeout(cat->dtls) : NEVER;

    if (end != NEVER)
        end = end > now ? end - now : 0;
    if (library != NEVER)
        end = sooner(end, (int64_t)library * 1000);
    int64_t pause = outgoing_wanted(cat) ? outgoing_wait(cat, now) : 0;
    return pause > 0 ? sooner(end, pause) : end;
}

static void check_limits(struct cat *cat, int64_t now)
{
    int64_t linger = linger_end(cat), idle = idle_end(cat);

    if (linger != NEVER && linger <= now) {
        peer_close(cat, EXIT_DONE, "closed after the end of stdin");
    } else if (idle != NEVER && idle <= now) {
        say("nothing came or went for %g s (-w): closed", cat->options->wait_ms / 1000.0);
        peer_leave(cat, EXIT_IDLE, "closed for silence");
    }
}

/* ---- the peer to stdout --------------------------------------------------------------------- */

static void pump_stdout(struct cat *cat)
{
    enum pipe_result result = sink_flush(&cat->out);

    if (result == PIPE_FAILED) {
        say("cannot write to stdout: %s", strerror(errno));
        peer_close(cat, EXIT_IO, "closed, as stdout failed");
    } else if (result == PIPE_END) {
        peer_close(cat, EXIT_DONE, "closed, as nobody reads stdout");
    }
}

/* Those that came with the data which is now handed on; the next ones wait again. */
static void answer_heartbeats(struct cat *cat)
{
    if (cat->state != OPEN || sink_pending(&cat->out))
        return;
    dtls_hold_heartbeats(cat->dtls, &cat->peer, false);
    dtls_hold_heartbeats(cat->dtls, &cat->peer, true);
}

static void pump_socket(struct cat *cat)
{
    static uint8_t data[DTLS_MAX_BUF];
    session_t from;

    for (int i = 0; i < BATCH && cat->state != OVER && sink_has_room(&cat->out); i++) {
        ssize_t length = net_receive(&cat->net, &from, data, sizeof data);
        if (length < 0 && errno == EAGAIN)
            return;
        if (length >= 0)
            dtls_handle_message(cat->dtls, &from, data, (int)length);
    }
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void on_signal(struct cat *cat, int number)
{
    if (cat->state == OVER)
        sink_break(&cat->out); /* all that it can be waiting for */
    peer_close(cat, EXIT_SIGNAL + number, "closed by a signal");
}

static void turn(struct cat *cat)
{
    enum { SIGNALS, SOCKET, STDIN, STDOUT, COUNT };
    int64_t now = clock_us(), left = time_left(cat, now);
    bool sending = outgoing_wanted(cat) && outgoing_wait(cat, now) == 0;
    bool receiving = cat->state != OVER && sink_has_room(&cat->out);
    struct timespec timeout = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    struct pollfd ready[COUNT] = {
        [SIGNALS] = {.fd = signals_fd(), .events = POLLIN},
        [SOCKET] = {.fd = receiving ? cat->net.fd : -1, .events = POLLIN},
        [STDIN] = {.fd = sending ? cat->in.fd : -1, .events = POLLIN},
        [STDOUT] = {.fd = sink_pending(&cat->out) ? cat->out.fd : -1, .events = POLLOUT},
    };

    if (ppoll(ready, COUNT, left == NEVER ? NULL : &timeout, NULL) < 0)
        return; /* EINTR: the signal's byte is there in the next turn */
    if (ready[SIGNALS].revents != 0)
        on_signal(cat, signals_take());
    if (ready[SOCKET].revents != 0)
        pump_socket(cat);
    if (cat->state != OVER)
        dtls_check_retransmit(cat->dtls, NULL);
    if (cat->net.refused != 0)
        peer_refused(cat);
    pump_stdout(cat);
    answer_heartbeats(cat);
    if (ready[STDIN].revents != 0 && outgoing_wanted(cat))
        outgoing_pump(cat);
    check_limits(cat, clock_us());
}

void loop_run(struct cat *cat)
{
    while (cat->state != OVER || sink_pending(&cat->out))
        turn(cat);
}
