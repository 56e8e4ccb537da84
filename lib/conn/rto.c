#include "conn/rto.h"

/* A measured round trip raises the timer at most to 2 s, or to config.timer_ms if that is more.
 * Otherwise an attacker could forge a HelloVerifyRequest with an old record number, and so stop
 * retransmissions for a minute. */
#define RAISED_MAX_MS 2000
/* Once a round trip is measured, the first timer of a flight runs this number of times before it
 * doubles. */
#define FIRST_TIMERS 3
/* After this number of time-outs in an association, timer_steady_ms no longer applies: each timer
 * doubles up to config.timer_max_ms. */
#define STEADY_TIMEOUTS 24

static uint32_t at_most(uint32_t ms, uint32_t limit)
{
    return ms < limit ? ms : limit;
}

uint32_t rto_first_ms(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    if (!conn->rtt.known)
        return config->timer_ms;
    uint32_t raised = config->timer_ms > RAISED_MAX_MS ? config->timer_ms : RAISED_MAX_MS;
    uint32_t timer = at_most(conn->rtt.ms, raised / 2) * 2;
    if (timer < config->timer_min_ms)
        timer = config->timer_min_ms;
    return at_most(timer, config->timer_max_ms);
}

/* Returns true if the timer of this flight may stay the same after a time-out. The number of
 * time-outs is counted per association and not per flight: a forged HelloVerifyRequest makes a
 * client start a new flight, which must not allow further retransmissions. */
static bool may_be_steady(const conn_t *conn, const flight_t *flight)
{
    const dtls_config_t *config = &conn->ctx->config;
    return flight == &conn->flight && config->timer_steady_ms < config->timer_max_ms &&
           conn->counts.timeouts < STEADY_TIMEOUTS;
}

uint32_t rto_next_ms(const conn_t *conn, const flight_t *flight)
{
    const dtls_config_t *config = &conn->ctx->config;
    uint32_t expired = flight->timer_ms;
    uint32_t doubled = expired > config->timer_max_ms / 2 ? config->timer_max_ms : 2 * expired;
    if (!may_be_steady(conn, flight))
        return doubled;
    if (conn->rtt.known && flight->sends < FIRST_TIMERS)
        return expired;
    return at_most(doubled, expired > config->timer_steady_ms ? expired : config->timer_steady_ms);
}

void rto_measured(conn_t *conn, dtls_tick_t sent_at)
{
    conn->rtt.ms = (uint32_t)(now_of(conn->ctx) - sent_at);
    conn->rtt.known = true;
}

void rto_measured_by_number(conn_t *conn, uint64_t sequence)
{
    dtls_tick_t sent_at = flight_sent_at(&conn->flight, (record_number_t){0, sequence});
    if (sent_at != NEVER)
        rto_measured(conn, sent_at);
}
