#include "handshake/client_offer.h"

bool client_offer_has_version(const dtls_context_t *ctx, uint16_t version)
{
    for (size_t i = 0; i < ctx->terms->suite_count; i++)
        if (ctx->terms->suites[i]->version == version)
            return true;
    return false;
}

const suite_t *client_offer_suite(const conn_t *conn, uint16_t version, uint16_t id)
{
    const dtls_context_t *ctx = conn->ctx;
    for (size_t i = 0; i < ctx->terms->suite_count; i++)
        if (ctx->terms->suites[i]->id == id && ctx->terms->suites[i]->version == version)
            return ctx->terms->suites[i];
    return NULL;
}

/* Those without extended master secret are not worth resuming: RFC 7627 section 5.3. */
bool client_offer_takes_sessions(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    return config->ticket && conn->hs->offered12 && conn->ctx->terms->ems != DTLS_EMS_OFF;
}

bool client_offer_has_cbc(const conn_t *conn)
{
    for (size_t i = 0; i < conn->ctx->terms->suite_count; i++)
        if (suite_mac_key(conn->ctx->terms->suites[i]) > 0)
            return true;
    return false;
}

bool client_offer_has_kx(const conn_t *conn, kx_t kx)
{
    for (size_t i = 0; i < conn->ctx->terms->suite_count; i++)
        if (conn->ctx->terms->suites[i]->kx == kx)
            return true;
    return false;
}

/* ---- the first hello ---- */

/* Whoever can write to us can ask so. Of the servers only one of 1.2 does; one of 1.3 that wants no cookie
 * has its answer to the first hello on its way, and none to another. */
void client_offer_keep_first(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (!hs->offered13 || hs->cookies > 0)
        return;
    hs->first = conn->flight;
    hs->first_early = conn->early;
    conn->flight = (flight_t){.bytes = NULL};
}

/* As if no HelloVerifyRequest had come. */
static void restore_first(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    flight_end(&conn->flight, &conn->ctx->alloc);
    conn->flight = hs->first;
    conn->early = hs->first_early;
    conn->cookie = false;
    conn->send_seq = 1;
    conn->receive_seq = 0;
    hs->first = (flight_t){.bytes = NULL};
    hs->cookie_length = 0;
}

void client_offer_finalize(conn_t *conn, bool first)
{
    if (first)
        restore_first(conn);
    flight_end(&conn->hs->first, &conn->ctx->alloc);
}
