/*
 * common_sim.h - a path with one bottleneck, and flows that share it, on a virtual clock.
 *
 * The bottleneck has a rate and a queue that drops what does not fit. The way back has no queue. Datagrams of one
 * flow arrive in order. All random numbers follow from the seed.
 */
#ifndef COMMON_SIM_H
#define COMMON_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/congestion.h"
#include "stream/pace.h"
#include "stream/window.h"

enum { SIM_DATA = 1190, SIM_HEADERS = 70 }; /* bytes of data in a full datagram, and around it */

typedef struct {
    int64_t rate;    /* bytes per second */
    int64_t queue;   /* bytes */
    int64_t trip_us; /* the round trip without a queue */
    double loss;     /* share of the datagrams that is lost at random, in both directions */
} sim_path_t;

typedef enum {
    SIM_REPORTS, /* the peer is a dtlscat */
    SIM_ECHOES,  /* the peer echoes heartbeats */
    SIM_TCP      /* CUBIC */
} sim_kind_t;

/* The state of a TCP sender: RFC 9438. The window is in segments. */
typedef struct {
    double window, threshold, most, reno;
    uint64_t in_flight;
    int64_t cut_us, trip_us, least_us;
} sim_tcp_t;

typedef struct {
    sim_kind_t kind;
    int64_t start_us;

    /* results */
    double rate;        /* bytes of data per second that have arrived in the measured time */
    double lost;        /* share of the datagrams with data */
    int64_t arrived;    /* bytes of data in the measured time */
    uint64_t datagrams; /* sent with data */
    uint64_t missing;   /* of these, lost */

    /* state */
    int64_t arrival_ns; /* of the last datagram, since datagrams stay in order */
    int64_t back_ns;    /* the same for the way back */
    int64_t tick_ns;    /* when the flow runs next */
    struct congestion control;
    struct pace pace;
    struct window window;
    uint64_t received;   /* bytes of data */
    uint64_t known_lost; /* datagrams that the last report has shown to be lost */
    sim_tcp_t tcp;
} sim_flow_t;

typedef enum { SIM_TICK, SIM_REPORT, SIM_ECHO, SIM_ACK, SIM_LOSS } sim_event_kind_t;

typedef struct {
    int64_t at_ns;
    uint64_t order; /* of events at the same time */
    sim_flow_t *flow;
    sim_event_kind_t kind;
    uint64_t serial;
    uint64_t received, lost; /* SIM_REPORT */
    int64_t sent_us;         /* SIM_ACK */
} sim_event_t;

typedef struct {
    const sim_path_t *path;
    uint64_t random, order;
    int64_t now_ns, free_ns; /* free_ns: when the queue will be empty */
    int64_t from_ns, end_ns; /* the measured time */
    sim_event_t *events;     /* a heap */
    size_t count, room;
} sim_t;

/* Runs the flows until end_us. The measured time begins at from_us. */
void sim_run(const sim_path_t *path, uint64_t seed, int64_t from_us, int64_t end_us,
             sim_flow_t *flows, size_t count);

/* ---- for flows ---- */

int64_t sim_now_us(const sim_t *sim);
/* Adds an event: at_ns is not before now. */
void sim_add(sim_t *sim, sim_event_t event);
/* Sends a datagram through the bottleneck. Returns false if it is lost. */
bool sim_forward(sim_t *sim, sim_flow_t *flow, int64_t bytes, int64_t *arrives_ns);
/* Sends a datagram back, at sent_ns. Returns false if it is lost. */
bool sim_back(sim_t *sim, sim_flow_t *flow, int64_t sent_ns, int64_t *arrives_ns);
/* A datagram with data was sent: counts it. */
void sim_count(sim_t *sim, sim_flow_t *flow, int64_t bytes, bool arrives, int64_t arrives_ns);

void sim_own_start(sim_t *sim, sim_flow_t *flow);
void sim_own_event(sim_t *sim, sim_flow_t *flow, const sim_event_t *event);
void sim_tcp_start(sim_t *sim, sim_flow_t *flow);
void sim_tcp_event(sim_t *sim, sim_flow_t *flow, const sim_event_t *event);

#endif
