#include "handshake/client_offer.h"

#include "base/iana.h"
#include "conn/early.h"
#include "conn/negotiated.h"
#include "handshake/hs.h"
#include "message/ext.h"

#include <string.h>

static bool has_version(const dtls_context_t *ctx, uint16_t version)
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

/* Returns true if config.ticket is set and extended_master_secret is offered. Without that
 * extension a session must not be resumed (RFC 7627 section 5.3). */
bool client_offer_takes_sessions(const conn_t *conn)
{
    const dtls_config_t *config = &conn->ctx->config;
    return config->ticket && conn->hs->offer.v12 && conn->ctx->terms->ems != DTLS_EMS_OFF;
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

bool client_offer_start(conn_t *conn)
{
    offer_t *offer = &conn->hs->offer;
    offer->v12 = has_version(conn->ctx, VERSION_DTLS12);
    offer->v13 = has_version(conn->ctx, VERSION_DTLS13);
    return !conn->ctx->config.grease || random_of(conn->ctx, offer->grease, GREASE_SEEDS);
}

bool client_offer_pad(conn_t *conn, size_t length)
{
    size_t wanted = conn->ctx->config.client_hello_padding;
    size_t missing = length < wanted ? wanted - length : 0;
    if (missing > 0)
        conn->hs->offer.padding = (uint16_t)(missing > EXT_HEADER ? missing : EXT_HEADER);
    return missing > 0;
}

void client_offer_drop13(conn_t *conn)
{
    conn->hs->offer.v13 = false;
}

/* ---- cookies of HelloVerifyRequest, and the first hello ---- */

void client_offer_cookie(conn_t *conn, const uint8_t *cookie, size_t length)
{
    offer_t *offer = &conn->hs->offer;
    offer->cookies++;
    offer->cookie_length = (uint8_t)length;
    memcpy(offer->cookie, cookie, length);
    negotiated_cookie(conn, true);
}

void client_offer_drop_cookie(conn_t *conn)
{
    conn->hs->offer.cookie_length = 0;
}

/* Saves the first ClientHello, to continue from it if the HelloVerifyRequest is forged: only a DTLS
 * 1.2 server sends one. A DTLS 1.3 server that needs no cookie responds to the first ClientHello,
 * and ignores our ClientHello with the forged cookie. */
void client_offer_save_first(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    if (!hs->offer.v13 || hs->offer.cookies > 0)
        return;
    flight_move(&hs->offer.first, &conn->flight);
    hs->offer.first_early = conn->early.status;
}

/* Returns to the state before the HelloVerifyRequest, because it was forged. */
static void restore_first(conn_t *conn)
{
    handshake_t *hs = conn->hs;
    flight_end(&conn->flight, &conn->ctx->alloc);
    flight_move(&conn->flight, &hs->offer.first);
    early_restore(conn, hs->offer.first_early);
    negotiated_cookie(conn, false);
    hs_return_to_first(conn);
    client_offer_drop_cookie(conn);
}

void client_offer_finalize(conn_t *conn, bool first)
{
    if (first)
        restore_first(conn);
    flight_end(&conn->hs->offer.first, &conn->ctx->alloc);
}
