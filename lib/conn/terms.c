#include "conn/terms.h"

static bool is_offered(const terms_t *terms, const suite_t *suite)
{
    for (size_t i = 0; i < terms->suite_count; i++)
        if (terms->suites[i] == suite)
            return true;
    return false;
}

static dtls_user_parameters_t parameters_of(const terms_t *terms)
{
    dtls_user_parameters_t parameters = {.force_extended_master_secret =
                                             terms->ems == DTLS_EMS_REQUIRE};
    for (size_t i = 0; i < terms->suite_count; i++)
        parameters.cipher_suites[i] = terms->suites[i]->id;
    return parameters;
}

/* Chooses the suites that the callback has listed and the configuration allows. A suite that the
 * configuration does not allow may need a group or a key that we do not have. */
static void choose_suites(const dtls_context_t *ctx, const dtls_user_parameters_t *parameters,
                          terms_t *terms)
{
    terms->suite_count = 0;
    for (size_t i = 0; i < SUITES_MAX && parameters->cipher_suites[i]; i++) {
        const suite_t *suite = suite_by_id(parameters->cipher_suites[i]);
        if (suite && is_offered(&ctx->own_terms, suite) && !is_offered(terms, suite))
            terms->suites[terms->suite_count++] = suite;
    }
}

const terms_t *terms_ask(dtls_context_t *ctx, const session_t *session, terms_t *room)
{
    if (!ctx->handler.get_user_parameters)
        return &ctx->own_terms;
    dtls_user_parameters_t parameters = parameters_of(&ctx->own_terms);
    session_t copy = *session;
    ctx->handler.get_user_parameters(ctx, &copy, &parameters);
    *room = ctx->own_terms;
    choose_suites(ctx, &parameters, room);
    if (parameters.force_extended_master_secret)
        room->ems = DTLS_EMS_REQUIRE;
    else if (room->ems == DTLS_EMS_REQUIRE)
        room->ems = DTLS_EMS_PREFER;
    room->renegotiation_info = parameters.force_renegotiation_info;
    return room;
}

const terms_t *terms_of(const conn_t *conn)
{
    return conn->hs && conn->hs->terms ? conn->hs->terms : &conn->ctx->own_terms;
}
