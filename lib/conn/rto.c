#include "conn/rto.h"

/* A measured round trip does not raise the timer above 2 s, or above config.timer_ms. An attacker
 * could forge a HelloVerifyRequest with an old record number, and stop retransmissions for a
 * minute. */
#define RAISED_MAX_MS 2000

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

void rto_measured(conn_t *conn, dtls_tick_t sent_at)
{
    conn->rtt.ms = (uint32_t)(now_of(conn->ctx) - sent_at);
    conn->rtt.known = true;
}
