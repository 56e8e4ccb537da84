/*
 * common_tcp.c - a TCP flow with CUBIC (RFC 9438) and slow start, as the Linux kernel does it. Data that is lost is not
 * sent again: only the window matters here.
 */
#include "common_sim.h"

#include <math.h>

enum { SEGMENT = 1448, HEADERS = 66, FIRST = 10 };

#define CUBIC_C 0.4
#define BETA 0.7
#define RENO_SHARE (3 * (1 - BETA) / (1 + BETA))

static void run(sim_t *sim, sim_flow_t *flow)
{
    for (; (double)flow->tcp.in_flight < flow->tcp.window; flow->tcp.in_flight++) {
        sim_event_t event = {.flow = flow, .kind = SIM_ACK, .sent_us = sim_now_us(sim)};
        int64_t arrives_ns = 0;
        bool arrives = sim_forward(sim, flow, SEGMENT + HEADERS, &arrives_ns);

        sim_count(sim, flow, SEGMENT, arrives, arrives_ns);
        event.at_ns = arrives_ns + sim->path->trip_us * 500;
        if (!arrives) { /* the acknowledgements of later segments show it */
            event.kind = SIM_LOSS;
            event.at_ns = (sim->free_ns > sim->now_ns ? sim->free_ns : sim->now_ns) +
                          sim->path->trip_us * 1000;
        }
        sim_add(sim, event);
    }
}

/* RFC 9438 sections 4.2 and 4.3. */
static void avoid_congestion(sim_tcp_t *tcp, int64_t now_us)
{
    double seconds = (double)(now_us - tcp->cut_us) / 1e6;
    double from_most = seconds - cbrt(tcp->most * (1 - BETA) / CUBIC_C);
    double target = CUBIC_C * from_most * from_most * from_most + tcp->most;

    tcp->reno += RENO_SHARE / tcp->window;
    if (tcp->reno > target)
        target = tcp->reno;
    if (target > 1.5 * tcp->window)
        target = 1.5 * tcp->window;
    if (target > tcp->window)
        tcp->window += (target - tcp->window) / tcp->window;
}

static void acknowledged(sim_flow_t *flow, int64_t sent_us, int64_t now_us)
{
    sim_tcp_t *tcp = &flow->tcp;

    tcp->trip_us = now_us - sent_us;
    if (tcp->least_us == 0 || tcp->trip_us < tcp->least_us)
        tcp->least_us = tcp->trip_us;
    if (tcp->window < tcp->threshold)
        tcp->window += 1;
    else
        avoid_congestion(tcp, now_us);
}

/* The window is cut once a round trip. */
static void lost(sim_flow_t *flow, int64_t now_us)
{
    sim_tcp_t *tcp = &flow->tcp;

    if (now_us - tcp->cut_us < tcp->trip_us)
        return;
    tcp->most = tcp->window;
    tcp->window = tcp->window * BETA > 2 ? tcp->window * BETA : 2;
    tcp->threshold = tcp->reno = tcp->window;
    tcp->cut_us = now_us;
}

void sim_tcp_start(sim_t *sim, sim_flow_t *flow)
{
    (void)sim;
    flow->tcp = (sim_tcp_t){.window = FIRST, .threshold = INFINITY, .cut_us = flow->start_us};
}

void sim_tcp_event(sim_t *sim, sim_flow_t *flow, const sim_event_t *event)
{
    if (event->kind != SIM_TICK)
        flow->tcp.in_flight--;
    if (event->kind == SIM_ACK)
        acknowledged(flow, event->sent_us, sim_now_us(sim));
    else if (event->kind == SIM_LOSS)
        lost(flow, sim_now_us(sim));
    run(sim, flow);
}
