#include "common_sim.h"

#include <stdlib.h>

enum { SEGMENT = 1514, HOST_US = 200 }; /* HOST_US: the longest delay by a host */

#define BILLION INT64_C(1000000000)

int64_t sim_now_us(const sim_t *sim)
{
    return sim->now_ns / 1000;
}

/* Returns a number from 0 to less than 1, by xorshift. */
static double random_share(sim_t *sim)
{
    sim->random ^= sim->random << 13;
    sim->random ^= sim->random >> 7;
    sim->random ^= sim->random << 17;
    return (double)(sim->random >> 11) / (double)(UINT64_C(1) << 53);
}

/* ---- events ---- */

static bool is_before(const sim_event_t *a, const sim_event_t *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void swap(sim_event_t *a, sim_event_t *b)
{
    sim_event_t other = *a;

    *a = *b;
    *b = other;
}

void sim_add(sim_t *sim, sim_event_t event)
{
    if (sim->count == sim->room) {
        sim->room = sim->room > 0 ? 2 * sim->room : 1024;
        sim->events = realloc(sim->events, sim->room * sizeof *sim->events);
        if (sim->events == NULL)
            abort();
    }
    event.order = sim->order++;
    sim->events[sim->count] = event;
    for (size_t i = sim->count++; i > 0 && is_before(&sim->events[i], &sim->events[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(&sim->events[i], &sim->events[(i - 1) / 2]);
}

static sim_event_t next_event(sim_t *sim)
{
    sim_event_t *events = sim->events, first = events[0];
    size_t i = 0, child;

    events[0] = events[--sim->count];
    while ((child = 2 * i + 1) < sim->count) {
        if (child + 1 < sim->count && is_before(&events[child + 1], &events[child]))
            child++;
        if (!is_before(&events[child], &events[i]))
            break;
        swap(&events[child], &events[i]);
        i = child;
    }
    return first;
}

/* ---- the path ---- */

/* The square makes long delays rare. */
static int64_t host_ns(sim_t *sim)
{
    double share = random_share(sim);

    return (int64_t)(share * share * (double)HOST_US * 1000);
}

static int64_t in_order(int64_t *last_ns, int64_t at_ns)
{
    if (at_ns > *last_ns)
        *last_ns = at_ns;
    return *last_ns;
}

bool sim_forward(sim_t *sim, sim_flow_t *flow, int64_t bytes, int64_t *arrives_ns)
{
    const sim_path_t *path = sim->path;
    int64_t begins_ns = sim->free_ns > sim->now_ns ? sim->free_ns : sim->now_ns;
    double waiting = (double)(begins_ns - sim->now_ns) * (double)path->rate / (double)BILLION;

    /* One datagram is being sent, and is not in the queue. */
    if ((int64_t)waiting + bytes > path->queue + SEGMENT)
        return false;
    sim->free_ns = begins_ns + bytes * BILLION / path->rate;
    if (random_share(sim) < path->loss)
        return false;
    *arrives_ns =
        in_order(&flow->arrival_ns, sim->free_ns + path->trip_us * 1000 / 2 + host_ns(sim));
    return true;
}

bool sim_back(sim_t *sim, sim_flow_t *flow, int64_t sent_ns, int64_t *arrives_ns)
{
    if (random_share(sim) < sim->path->loss)
        return false;
    *arrives_ns = in_order(&flow->back_ns, sent_ns + sim->path->trip_us * 1000 / 2 + host_ns(sim));
    return true;
}

void sim_count(sim_t *sim, sim_flow_t *flow, int64_t bytes, bool arrives, int64_t arrives_ns)
{
    flow->datagrams++;
    flow->missing += !arrives;
    if (arrives && arrives_ns >= sim->from_ns && arrives_ns <= sim->end_ns)
        flow->arrived += bytes;
}

/* ---- the run ---- */

static void start(sim_t *sim, sim_flow_t *flow)
{
    if (flow->kind == SIM_TCP)
        sim_tcp_start(sim, flow);
    else
        sim_own_start(sim, flow);
    sim_add(sim, (sim_event_t){.at_ns = flow->start_us * 1000, .flow = flow, .kind = SIM_TICK});
}

static void finish(const sim_t *sim, sim_flow_t *flow)
{
    flow->rate = (double)flow->arrived * (double)BILLION / (double)(sim->end_ns - sim->from_ns);
    flow->lost = (double)flow->missing / (double)(flow->datagrams > 0 ? flow->datagrams : 1);
}

void sim_run(const sim_path_t *path, uint64_t seed, int64_t from_us, int64_t end_us,
             sim_flow_t *flows, size_t count)
{
    sim_t sim = {.path = path,
                 .random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15),
                 .from_ns = from_us * 1000,
                 .end_ns = end_us * 1000};

    for (size_t i = 0; i < count; i++)
        start(&sim, &flows[i]);
    while (sim.count > 0 && sim.now_ns <= sim.end_ns) {
        sim_event_t event = next_event(&sim);
        sim.now_ns = event.at_ns;
        if (event.flow->kind == SIM_TCP)
            sim_tcp_event(&sim, event.flow, &event);
        else
            sim_own_event(&sim, event.flow, &event);
    }
    for (size_t i = 0; i < count; i++)
        finish(&sim, &flows[i]);
    free(sim.events);
}
