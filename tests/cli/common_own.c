/*
 * common_own.c - a flow of dtlscat: sends as outgoing.c does, to a peer that does what feedback.c does.
 */
#include "common_sim.h"

enum {
    ROOM = 1 << 20,      /* bytes that a peer that reports can buffer */
    REQUEST = 120,       /* bytes of a datagram with a request, to a peer that reports */
    REPEAT_US = 100000,  /* after which the library repeats a request */
    BURSTS = 1000,       /* per second */
    BLIND_BURSTS = 4000, /* the same to a peer that does not report */
    BATCH = 32,          /* datagrams that a host sends in BATCH_US */
    BATCH_US = 100
};

static void follow(sim_t *sim, sim_flow_t *flow)
{
    int64_t rate = (int64_t)flow->control.rate;
    int64_t burst = rate / (flow->control.reports ? BURSTS : BLIND_BURSTS);

    pace_change(&flow->pace, rate, burst > 2 * SIM_DATA ? burst : 2 * SIM_DATA, sim_now_us(sim));
}

static void run_at(sim_t *sim, sim_flow_t *flow, int64_t at_us)
{
    int64_t at_ns = at_us * 1000 > sim->now_ns ? at_us * 1000 : sim->now_ns + 1000;

    if (flow->tick_ns > sim->now_ns && flow->tick_ns <= at_ns)
        return;
    flow->tick_ns = at_ns;
    sim_add(sim, (sim_event_t){.at_ns = at_ns, .flow = flow, .kind = SIM_TICK});
}

/* ---- requests ---- */

static void respond(sim_t *sim, sim_flow_t *flow, bool wants_report, int64_t arrived_ns)
{
    sim_event_t event = {.flow = flow,
                         .serial = flow->control.serial,
                         .received = flow->received,
                         .lost = flow->missing};

    event.kind = SIM_REPORT;
    if (flow->kind == SIM_REPORTS && (wants_report || flow->missing != flow->known_lost) &&
        sim_back(sim, flow, arrived_ns, &event.at_ns))
        sim_add(sim, event);
    event.kind = SIM_ECHO;
    if (sim_back(sim, flow, arrived_ns, &event.at_ns))
        sim_add(sim, event);
}

static void ask(sim_t *sim, sim_flow_t *flow, bool wants_report)
{
    struct congestion *control = &flow->control;
    bool is_long = flow->kind == SIM_ECHOES && control->answered > 0;
    int64_t arrives_ns;

    congestion_asked(control, window_asked(&flow->window, sim_now_us(sim)), sim_now_us(sim));
    if (sim_forward(sim, flow, is_long ? SIM_DATA + SIM_HEADERS : REQUEST, &arrives_ns))
        respond(sim, flow, wants_report, arrives_ns);
}

static bool window_is_due(const sim_flow_t *flow)
{
    if (flow->window.asking)
        return false;
    return flow->control.reports ? window_wants_request(&flow->window)
                                 : !window_is_open(&flow->window);
}

static void ask_if_due(sim_t *sim, sim_flow_t *flow)
{
    const struct congestion *control = &flow->control;

    if (window_is_due(flow) ||
        (!congestion_is_unanswered(control) && congestion_wants_request(control)))
        ask(sim, flow, !control->reports);
}

/* After a report without a response, the library repeats the request late. */
static void repeat_request(sim_t *sim, sim_flow_t *flow)
{
    struct congestion *control = &flow->control;
    bool unanswered = congestion_is_unanswered(control);
    int64_t at_us = congestion_timeout_at(control), now_us = sim_now_us(sim);

    if (!flow->window.asking)
        return;
    if (!unanswered && !congestion_wants_request(control))
        at_us += REPEAT_US;
    if (at_us <= now_us) {
        if (unanswered)
            congestion_timed_out(control, now_us);
        ask(sim, flow, true);
        at_us = congestion_timeout_at(control);
    }
    run_at(sim, flow, at_us);
}

/* ---- data ---- */

static void send_datagram(sim_t *sim, sim_flow_t *flow)
{
    int64_t arrives_ns = 0, now_us = sim_now_us(sim);
    bool arrives = sim_forward(sim, flow, SIM_DATA + SIM_HEADERS, &arrives_ns);

    sim_count(sim, flow, SIM_DATA, arrives, arrives_ns);
    if (arrives)
        flow->received += SIM_DATA;
    pace_consume(&flow->pace, SIM_DATA, now_us);
    window_consume(&flow->window, SIM_DATA, now_us);
    congestion_sent(&flow->control, SIM_DATA, now_us);
    ask_if_due(sim, flow);
}

static void run(sim_t *sim, sim_flow_t *flow)
{
    for (unsigned i = 0; window_is_open(&flow->window); i++) {
        int64_t wait_us = pace_wait(&flow->pace, sim_now_us(sim));
        bool open = congestion_is_open(&flow->control);
        if (!open || wait_us > 0)
            congestion_blocked(&flow->control);
        if (!open)
            break;
        if (i == BATCH || wait_us > 0) {
            run_at(sim, flow, sim_now_us(sim) + (wait_us > 0 ? wait_us : BATCH_US));
            break;
        }
        send_datagram(sim, flow);
    }
    repeat_request(sim, flow);
}

void sim_own_start(sim_t *sim, sim_flow_t *flow)
{
    (void)sim;
    congestion_start(&flow->control, SIM_DATA, flow->start_us);
    window_start(&flow->window, WINDOW_BYTES);
    pace_init(&flow->pace, 0, 0, flow->start_us);
}

void sim_own_event(sim_t *sim, sim_flow_t *flow, const sim_event_t *event)
{
    if (event->kind == SIM_REPORT) {
        flow->known_lost = event->lost;
        flow->window.size = ROOM;
        congestion_reported(&flow->control, event->serial, event->received, sim_now_us(sim));
    } else if (event->kind == SIM_ECHO) {
        congestion_echoed(&flow->control, event->serial, sim_now_us(sim));
        window_confirmed(&flow->window, event->serial);
    }
    if (event->kind != SIM_TICK) {
        follow(sim, flow);
        if (!flow->window.asking)
            ask_if_due(sim, flow);
    }
    run(sim, flow);
}
