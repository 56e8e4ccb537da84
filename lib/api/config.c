#include "api/config.h"

#include "api/defaults.h"
#include "base/iana.h"
#include "conn/sizes.h"

#include <string.h>

void dtls_config_init(dtls_config_t *config)
{
    if (!config)
        return;
    *config = (dtls_config_t){
        .clock = default_clock,
        .wall_clock = default_wall_clock,
        .random = default_random,
        .allocate = default_allocate,
        .release = default_release,
        .log = default_log,
        .accept = true,
        .cookie = DTLS_COOKIE_ON,
        .ems = DTLS_EMS_PREFER,
        .mtu = 1232,
        .timer_ms = 400,
        .timer_min_ms = 100,
        .timer_steady_ms = 1000,
        .timer_max_ms = 60000,
        .handshake_ms = 60000,
        .alert_grace_ms = 100,
        .cookie_ms = 60000,
        .closing_ms = 30000,
        .max_peers = 1024,
        .max_half_open = 4096,
    };
}

static bool is_limit(uint16_t limit)
{
    return limit == 0 || (limit >= RECORD_LIMIT_MIN && limit <= RECORD_MAX_PLAINTEXT);
}

static bool has_hooks(const dtls_config_t *c)
{
    return c->clock && c->wall_clock && c->random && c->allocate && c->release && c->log;
}

static bool are_times(const dtls_config_t *c)
{
    return c->timer_min_ms > 0 && c->timer_min_ms <= c->timer_ms &&
           c->timer_ms <= c->timer_max_ms && c->timer_steady_ms > 0 && c->handshake_ms > 0 &&
           c->cookie_ms > 0;
}

static bool are_sizes(const dtls_config_t *c)
{
    return c->mtu >= MTU_MIN && c->mtu <= MTU_MAX && is_limit(c->record_size_limit) &&
           c->max_peers > 0 && c->max_half_open > 0 && c->sessions <= SESSIONS_MAX &&
           c->cid_length <= OWN_CID_MAX && c->cid_prefix_length <= c->cid_length;
}

static bool is_list(const void *list, size_t count, size_t most)
{
    return count <= most && (list || count == 0);
}

static bool are_lists(const dtls_config_t *c)
{
    return is_list(c->cid_prefix, c->cid_prefix_length, OWN_CID_MAX) &&
           is_list(c->suites, c->suite_count, SUITES_MAX) &&
           is_list(c->groups, c->group_count, GROUPS_MAX) &&
           is_list(c->session_id, c->session_id_length, SESSION_ID_MAX) &&
           is_list(c->import_context, c->import_context_length, UINT8_MAX);
}

static bool are_choices(const dtls_config_t *c)
{
    return c->key_exchange <= DTLS_KE_DHE13 && c->cookie <= DTLS_COOKIE_AUTO &&
           c->ems <= DTLS_EMS_REQUIRE;
}

static bool are_test_sizes(const dtls_config_t *c)
{
    return c->fragment <= RECORD_MAX_PLAINTEXT && c->client_hello_padding <= RECORD_MAX_PLAINTEXT;
}

bool config_makes_sense(const dtls_config_t *c)
{
    return has_hooks(c) && are_times(c) && are_sizes(c) && are_lists(c) && are_choices(c) &&
           are_test_sizes(c);
}

/* Returns true if the configuration allows the key exchange of a suite. Always returns true for
 * KX_1_3, because DTLS 1.3 suites do not determine the key exchange. */
static bool is_exchange_wanted(const dtls_context_t *ctx, kx_t kx)
{
    switch (ctx->config.key_exchange) {
    case DTLS_KE_DEFAULT:
    case DTLS_KE_DHE13: break;
    case DTLS_KE_DHE_ONLY: return kx != KX_PSK;
    case DTLS_KE_PSK_ONLY: return kx == KX_PSK || kx == KX_1_3;
    }
    return true;
}

/* Adds a suite, if the configuration allows its version and its key exchange, and if our keys can
 * be used with it. */
static void add_suite(dtls_context_t *ctx, const suite_t *suite)
{
    uint16_t only = ctx->config.only_version;
    if ((only == 0 || only == suite->version) && is_exchange_wanted(ctx, suite->kx) &&
        suite_fits_psk(suite, psk_hash_of(ctx)))
        ctx->own_terms.suites[ctx->own_terms.suite_count++] = suite;
}

static bool choose_own_suites(dtls_context_t *ctx, const dtls_config_t *config)
{
    const suite_t *suite;
    for (size_t n = 0; config->suite_count == 0 && (suite = suite_at(n)) != NULL; n++)
        if (!suite->on_request)
            add_suite(ctx, suite);
    for (size_t i = 0; i < config->suite_count; i++) {
        suite = suite_by_id(config->suites[i]);
        if (!suite)
            return false;
        add_suite(ctx, suite);
    }
    return true;
}

static bool has_exchange(const dtls_context_t *ctx, kx_t kx)
{
    for (size_t i = 0; i < ctx->own_terms.suite_count; i++)
        if (ctx->own_terms.suites[i]->kx == kx)
            return true;
    return false;
}

static kx_t exchange_of(const group_t *group)
{
    return group->finite_field ? KX_DHE_PSK : KX_ECDHE_PSK;
}

/* Returns true if DTLS 1.3 or one of our suites can use the group. */
static bool is_group_of_use(const dtls_context_t *ctx, const group_t *group)
{
    bool in13 = has_exchange(ctx, KX_1_3) && ctx->config.key_exchange != DTLS_KE_PSK_ONLY;
    return in13 || has_exchange(ctx, exchange_of(group));
}

static bool add_group(dtls_context_t *ctx, const group_t *group)
{
    if (group && is_group_of_use(ctx, group))
        ctx->groups[ctx->group_count++] = group->id;
    return group != NULL;
}

/* Stores the groups of the configuration. If it has none, stores the default groups: all curves,
 * and if there is a DHE_PSK suite, the finite fields. */
static bool choose_groups(dtls_context_t *ctx, const dtls_config_t *config)
{
    const group_t *group;
    bool fields = has_exchange(ctx, KX_DHE_PSK);
    for (size_t n = 0; config->group_count == 0 && (group = group_at(n)) != NULL; n++)
        if (fields || !group->finite_field)
            add_group(ctx, group);
    for (size_t i = 0; i < config->group_count; i++)
        if (!add_group(ctx, group_by_id(config->groups[i])))
            return false;
    return true;
}

/* Returns true if the configuration has a group for this key exchange, or if the key exchange needs
 * none. DTLS 1.3 also works without a group. */
static bool has_group(const dtls_context_t *ctx, kx_t kx)
{
    bool found = kx == KX_PSK || kx == KX_1_3;
    for (size_t i = 0; i < ctx->group_count && !found; i++)
        found = exchange_of(group_by_id(ctx->groups[i])) == kx;
    return found;
}

/* Removes the suites whose key exchange needs a group, if the configuration has none for it. If a
 * client offered such a suite, the server could choose any group, and the client would have to
 * reject that group. */
static bool drop_suites_without_group(dtls_context_t *ctx)
{
    size_t count = 0;
    for (size_t i = 0; i < ctx->own_terms.suite_count; i++)
        if (has_group(ctx, ctx->own_terms.suites[i]->kx))
            ctx->own_terms.suites[count++] = ctx->own_terms.suites[i];
    ctx->own_terms.suite_count = count;
    return count > 0;
}

bool config_copy(dtls_context_t *ctx, const dtls_config_t *config)
{
    ctx->config = *config;
    ctx->terms = &ctx->own_terms;
    ctx->own_terms.ems = config->ems;
    if (config->session_id_length > 0)
        memcpy(ctx->session_id, config->session_id, config->session_id_length);
    ctx->config.session_id = ctx->session_id;
    if (config->import_context_length > 0)
        memcpy(ctx->import_context, config->import_context, config->import_context_length);
    ctx->config.import_context = ctx->import_context;
    if (config->cid)
        memcpy(ctx->cid, config->cid, config->cid_length);
    ctx->config.cid = config->cid ? ctx->cid : NULL;
    if (config->cid_prefix_length > 0)
        memcpy(ctx->cid_prefix, config->cid_prefix, config->cid_prefix_length);
    ctx->config.cid_prefix = ctx->cid_prefix;
    ctx->config.suites = ctx->config.groups =
        NULL; /* the arrays are not kept: ctx->own_terms and ctx->groups have the lists */
    return choose_own_suites(ctx, config) && choose_groups(ctx, config) &&
           drop_suites_without_group(ctx);
}
