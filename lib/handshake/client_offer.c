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

/* A session without extended master secret must not be resumed: RFC 7627 section 5.3. */
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

/* An attacker may have forged the HelloVerifyRequest, since only a DTLS 1.2 server sends one. A DTLS 1.3
 * server that needs no cookie responds to the first hello only. */
void client_offer_keep_first(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (!hs->offered13 || hs->cookies > 0)
        return;
    hs->first = conn->flight;
    hs->first_early = conn->early;
    conn->flight = (flight_t){.bytes = NULL};
}

/* Undoes the HelloVerifyRequest. */
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
