#include "stream/congestion.h"

#include "common/numbers.h"

#define MILLION UINT64_C(1000000)
#define FIRST 10            /* limit in datagrams until the first answer (RFC 6928) */
#define LEAST 5             /* lowest limit in datagrams, so that one loss does not stop the flow */
#define LEAST_US 500        /* the limit is at least what the path delivers in this time */
#define JITTER_US 1500      /* least allowance for hosts that answer late */
#define JITTER_MAX_US 4000  /* greatest allowance for late answers, on a path without loss */
#define IDLE_US 1000000     /* time without data after which congestion control starts anew */
#define OWN_QUEUE_US 8000   /* longest queue that flows of this program are expected to cause */
#define LONG_ROUNDS 5       /* rounds with a long queue after which COMPETE follows CRUISE */
#define CHECK_US 2000000    /* COMPETE: least time between two checks for the other sender */
#define CHECK_TRIPS 20      /* COMPETE: least round trips between checks for the other sender */
#define FLAT_ROUNDS 3       /* START ends after this number of rounds without a higher rate */
#define START_QUEUE_US 1000 /* START ends if the queue exceeds this plus half a round trip */
#define LONG_PATH_US 5000   /* START: on a path with a longer round trip the limit may be doubled */
#define START_LOST 6        /* START ends if an answer shows 5 % and START_LOST datagrams lost */
#define LOST_TIMEOUTS 4     /* after this number of time-outs in a row the control starts anew */

/* In CRUISE the rate of each round is the path's rate times one of these gains, in sixteenths:
 * probe for a higher rate, drain the queue that the probe has caused, then keep the rate. */
static const unsigned gains[] = {20, 12, 16, 16, 16, 16, 16, 16};
enum { PROBE, DRAIN, KEEP, PHASES = sizeof gains / sizeof *gains };

/* What an answer shows about the data that was sent between its request and the request of the
 * previous answer. */
struct answer {
    uint64_t covered, delivered; /* bytes that were sent; bytes that have newly arrived */
    int64_t lost;                /* bytes; negative: data that counted as lost has arrived */
    uint64_t peak;               /* most bytes in flight since the previous answer */
    int64_t asked_us, now_us;
    bool ends_round;
    bool lossy;     /* the average loss is high */
    bool congested; /* lossy, and the loss shows congestion */
};

static uint64_t in_time(uint64_t rate, int64_t time_us)
{
    uint64_t time = (uint64_t)time_us;

    return rate / MILLION * time + rate % MILLION * time / MILLION;
}

static uint64_t in_flight(const struct congestion *control)
{
    return control->sent - control->settled;
}

static uint64_t floor_of(const struct congestion *control)
{
    return number_max(LEAST * control->datagram, in_time(pathrate_of(&control->path), LEAST_US));
}

void congestion_start(struct congestion *control, size_t datagram, int64_t now_us)
{
    *control =
        (struct congestion){.limit = FIRST * datagram, .datagram = datagram, .sent_us = now_us};
    pathrate_start(&control->path, now_us);
    roundtrip_start(&control->trip, now_us);
    lossbound_start(&control->bound, datagram);
    reno_start(&control->reno, FIRST * datagram);
}

/* Enters START. Keeps what lossbound.h and roundtrip.h have measured. */
static void start_again(struct congestion *control, uint64_t limit)
{
    pathrate_forget(&control->path);
    control->state = CONGESTION_START;
    control->flat = 0;
    control->start_rate = 0;
    control->limit = number_min(limit, control->limit);
    control->rate = 0;
}

void congestion_restart(struct congestion *control)
{
    start_again(control, control->limit);
    lossbound_start(&control->bound, control->datagram);
    reno_start(&control->reno, control->limit);
    control->ignored = control->sent;
}

void congestion_resize(struct congestion *control, size_t datagram)
{
    control->datagram = datagram;
    if (control->answered == 0)
        control->limit = control->reno.window = FIRST * datagram;
    control->limit = number_max(control->limit, LEAST * datagram);
}

void congestion_sent(struct congestion *control, uint64_t bytes, int64_t now_us)
{
    if (now_us - control->sent_us > IDLE_US && in_flight(control) == 0)
        start_again(control, FIRST * control->datagram);
    control->sent_us = now_us;
    control->sent += bytes;
    control->peak = number_max(control->peak, in_flight(control));
}

void congestion_blocked(struct congestion *control)
{
    pathrate_limited(&control->path);
}

static struct congestion_request *request_of(struct congestion *control, uint64_t serial)
{
    return &control->asked[serial % CONGESTION_REQUESTS];
}

bool congestion_wants_request(const struct congestion *control)
{
    uint64_t asked = control->asked[control->serial % CONGESTION_REQUESTS].sent;
    uint64_t part = control->reports ? control->limit / 4 : control->limit;

    return control->sent > asked && (!congestion_is_open(control) || control->sent - asked >= part);
}

void congestion_asked(struct congestion *control, uint64_t serial, int64_t now_us)
{
    control->serial = serial;
    *request_of(control, serial) =
        (struct congestion_request){.at_us = now_us, .sent = control->sent};
}

bool congestion_is_unanswered(const struct congestion *control)
{
    return control->answered != control->serial;
}

int64_t congestion_timeout_at(const struct congestion *control)
{
    return control->asked[control->serial % CONGESTION_REQUESTS].at_us +
           roundtrip_timeout_us(&control->trip, control->timeouts);
}

void congestion_timed_out(struct congestion *control, int64_t now_us)
{
    control->timeouts++;
    if (!control->reports) {
        reno_cut(&control->reno, 50, LEAST * control->datagram, now_us, now_us);
        control->limit = control->reno.window;
    } else if (control->timeouts == LOST_TIMEOUTS) {
        start_again(control, LEAST * control->datagram);
    }
}

/* ---- the limit ------------------------------------------------------------------------------ */

static int64_t jitter_us(const struct congestion *control)
{
    int64_t usual_us = (control->trip.smooth_us - control->trip.least_us) / 2 * 3;

    if (lossbound_has_loss(&control->bound) || usual_us < JITTER_US)
        return JITTER_US;
    return usual_us < JITTER_MAX_US ? usual_us : JITTER_MAX_US;
}

/* Returns true if the queue is longer than flows of this program cause together. Then another kind
 * of sender must have filled it. */
static bool has_long_queue(const struct congestion *control)
{
    uint64_t own_us = 6 * control->datagram * MILLION / (pathrate_of(&control->path) + 1);
    int64_t long_us = control->trip.least_us / 8 + 2 * jitter_us(control);

    if (control->reports)
        long_us += (int64_t)number_min(own_us, OWN_QUEUE_US);
    return control->trip.queue_us > long_us;
}

/* Sets the limit to twice what the path holds, plus the allowance for late answers. Twice, because
 * an answer covers only data sent a round trip earlier. The rate is doubled if the path has shown
 * neither loss nor a queue. */
static void follow_path(struct congestion *control, unsigned gain)
{
    uint64_t rate = pathrate_of(&control->path);
    uint64_t limit = 2 * in_time(rate, control->trip.least_us) + in_time(rate, jitter_us(control)) +
                     3 * control->datagram;
    bool is_free = !lossbound_has_loss(&control->bound) && control->trip.queue_us <= JITTER_US;

    if (gain == gains[PROBE])
        limit += limit / 4;
    control->limit = number_max(number_min(limit, control->bound.bytes), floor_of(control));
    control->rate = number_max(rate / 16 * gain * (is_free ? 2 : 1), 2 * control->datagram);
}

/* Sets the limit to the window, and the rate to gain / 4 windows per round trip (RFC 9002 section
 * 7.7). */
static void follow_window(struct congestion *control, uint64_t window, unsigned gain)
{
    control->limit = number_max(window, LEAST * control->datagram);
    control->rate = control->limit / 4 * gain * MILLION / (uint64_t)control->trip.smooth_us;
}

/* ---- states --------------------------------------------------------------------------------- */

static void start_cruising(struct congestion *control)
{
    control->state = CONGESTION_CRUISE;
    control->phase = KEEP;
    control->phase_rate = pathrate_of(&control->path);
    control->long_queue = 0;
    follow_path(control, gains[KEEP]);
}

static bool start_is_over(struct congestion *control, const struct answer *answer, bool queued)
{
    uint64_t rate = pathrate_of(&control->path);

    if (answer->ends_round && rate > control->start_rate / 4 * 5) {
        control->start_rate = rate;
        control->flat = 0;
    } else if (answer->ends_round) {
        control->flat++;
    }
    return rate > 0 && (queued || control->flat >= FLAT_ROUNDS);
}

/* With a short round trip, doubling would overflow the path's queue: the limit grows by half. */
static void run_start(struct congestion *control, const struct answer *answer)
{
    bool lossy = answer->lost >= (int64_t)(START_LOST * control->datagram) &&
                 (uint64_t)answer->lost * 20 > answer->covered;
    bool queued = lossy || control->trip.queue_us > START_QUEUE_US + control->trip.least_us / 2;
    bool full = answer->peak + 2 * control->datagram > control->limit;

    if (!start_is_over(control, answer, queued)) {
        unsigned part = control->trip.least_us > LONG_PATH_US ? 1 : 2;
        uint64_t growth = full && !queued ? answer->delivered / part : 0;
        follow_window(control, lossy ? control->limit / 2 : control->limit + growth, 8);
        return;
    }
    if (lossy) {
        control->bound.bytes = number_max(answer->peak / 10 * 7, floor_of(control));
        control->bound.step = number_max(control->limit / 4, control->datagram);
    }
    control->state = CONGESTION_DRAIN;
    control->drain_until_us = answer->now_us + 3 * control->trip.smooth_us;
    follow_path(control, gains[DRAIN] / 2);
}

static void run_drain(struct congestion *control, const struct answer *answer)
{
    uint64_t path = in_time(pathrate_of(&control->path), control->trip.least_us);

    if (in_flight(control) > path + 2 * control->datagram &&
        answer->now_us < control->drain_until_us)
        follow_path(control, gains[DRAIN] / 2);
    else
        start_cruising(control);
}

/* Probes again if the rate has grown by 8 % since the probe began. On a long path the growth shows
 * only in the round after the probe, which is DRAIN. */
static void next_phase(struct congestion *control, bool congested)
{
    uint64_t rate = pathrate_of(&control->path);
    bool found = !congested && control->phase <= DRAIN && rate > control->phase_rate / 100 * 108;

    control->phase = found ? PROBE : (control->phase + 1) % PHASES;
    if (control->phase == DRAIN && !congested)
        lossbound_raise(&control->bound, control->limit);
    if (control->phase == PROBE)
        control->phase_rate = rate;
}

static void run_cruise(struct congestion *control, const struct answer *answer)
{
    if (answer->ends_round)
        control->long_queue = has_long_queue(control) ? control->long_queue + 1 : 0;
    if (control->long_queue >= LONG_ROUNDS) {
        control->state = CONGESTION_COMPETE;
        control->checking = 0;
        control->checked_us = answer->now_us;
        reno_start(&control->reno, control->limit);
        return;
    }
    if (answer->congested && answer->asked_us >= control->cut_us) {
        lossbound_lower(&control->bound, answer->peak, floor_of(control), control->datagram);
        control->cut_us = answer->now_us;
    }
    if (answer->ends_round)
        next_phase(control, answer->congested);
    follow_path(control, gains[control->phase]);
}

static void run_window(struct congestion *control, const struct answer *answer, bool congested)
{
    if (congested)
        reno_cut(&control->reno, 80, LEAST * control->datagram, answer->asked_us, answer->now_us);
    else if (answer->peak + 2 * control->datagram > control->limit)
        reno_grow(&control->reno, answer->delivered, control->datagram);
}

/* From time to time drains our own part of the queue for two answers in a row. If the whole queue
 * is short at the next answer, the other sender has gone. */
static void run_compete(struct congestion *control, const struct answer *answer)
{
    if (control->checking > 1) {
        control->checking--;
        follow_path(control, gains[DRAIN]);
        return;
    }
    if (control->checking == 1 && !has_long_queue(control)) {
        control->bound.bytes = LOSSBOUND_NONE;
        start_cruising(control);
        return;
    }
    int64_t since_us = answer->now_us - control->checked_us;
    if (control->checking == 1)
        control->checked_us = answer->now_us;
    control->checking = control->checking == 0 && since_us > CHECK_US &&
                                since_us > CHECK_TRIPS * control->trip.smooth_us
                            ? 3
                            : 0;
    run_window(control, answer, answer->lossy);
    follow_path(control, gains[KEEP]);
    follow_window(control, number_max(control->reno.window, control->limit), 5);
}

/* ---- answers -------------------------------------------------------------------------------- */

/* Returns true if the average loss is not tolerated, and the loss of this answer is heavy or came
 * with a queue. Other loss may be a fault of the path, as on a radio link. */
static bool shows_congestion(const struct congestion *control, const struct answer *answer)
{
    bool heavy = answer->lost > 0 && (uint64_t)answer->lost * 5 > answer->covered &&
                 answer->covered >= FIRST * control->datagram;
    bool queued = 2 * control->trip.queue_us >= control->trip.highest_us;

    return (heavy || queued) && lossbound_is_exceeded(&control->bound);
}

static struct answer account(struct congestion *control, uint64_t serial, uint64_t received,
                             int64_t now_us)
{
    const struct congestion_request *request = request_of(control, serial);
    uint64_t missing = control->settled - control->received;
    struct answer answer = {.covered = request->sent - control->settled,
                            .delivered = received - control->received,
                            .lost = (int64_t)(request->sent - received - missing),
                            .peak = control->peak,
                            .asked_us = request->at_us,
                            .now_us = now_us};

    answer.lost = control->settled < control->ignored ? 0 : answer.lost;
    control->answered = serial;
    control->timeouts = 0;
    control->settled = request->sent;
    control->received = received;
    control->peak = in_flight(control);
    roundtrip_measured(&control->trip, now_us - request->at_us, now_us);
    answer.ends_round = pathrate_measured(&control->path, answer.delivered, request->at_us, now_us);
    answer.lossy =
        lossbound_measured(&control->bound, answer.covered,
                           answer.lost > 0 ? (uint64_t)answer.lost : 0, control->datagram);
    answer.congested = answer.lossy && shows_congestion(control, &answer);
    return answer;
}

static bool is_current(const struct congestion *control, uint64_t serial)
{
    return serial > control->answered && serial <= control->serial &&
           control->serial - serial < CONGESTION_REQUESTS;
}

void congestion_reported(struct congestion *control, uint64_t serial, uint64_t received,
                         int64_t now_us)
{
    control->reports = true;
    if (!is_current(control, serial) || received < control->received || received > control->sent)
        return;
    struct answer answer = account(control, serial, received, now_us);
    switch (control->state) {
    case CONGESTION_START: run_start(control, &answer); break;
    case CONGESTION_DRAIN: run_drain(control, &answer); break;
    case CONGESTION_CRUISE: run_cruise(control, &answer); break;
    case CONGESTION_COMPETE: run_compete(control, &answer); break;
    }
}

void congestion_echoed(struct congestion *control, uint64_t serial, int64_t now_us)
{
    if (!is_current(control, serial))
        return;
    uint64_t sent = request_of(control, serial)->sent;
    uint64_t received = control->received + sent - control->settled;
    /* The last report may include data that was sent after its request, because the library
     * retransmits a request unchanged. The sum can therefore exceed `sent`. */
    received = number_max(number_min(received, sent), control->received);
    if (control->reports) {
        congestion_reported(control, serial, received, now_us);
        return;
    }
    struct answer answer = account(control, serial, received, now_us);
    run_window(control, &answer, has_long_queue(control));
    follow_window(control, control->reno.window, 5);
}
