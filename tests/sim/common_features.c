#include "common_features.h"

#include <stdio.h>
#include <string.h>

enum { X25519 = 29, P256 = 23, FFDHE2048 = 256, FFDHE3072 = 257, SUITES_MOST = 32 };
enum { EARLY_LIMIT = 2000, SESSIONS = 8 };

/* ---- drawing ---- */

static bool one_in(net_t *net, size_t n)
{
    return net_random(net, n) == 0;
}

static uint16_t draw_version(net_t *net)
{
    static const uint16_t versions[] = {BOTH_VERSIONS, BOTH_VERSIONS, DTLS12, DTLS13};

    return versions[net_random(net, 4)];
}

static void draw_suites(net_t *net, features_t *f)
{
    size_t all = 0;

    while (dtls_suite_at(all)) {
        all++;
    }
    f->suite_count = one_in(net, 2) ? 1 + net_random(net, FEATURE_SUITES) : 0;
    for (size_t i = 0; i < f->suite_count; i++) {
        f->suites[i] = dtls_suite_at(net_random(net, all));
    }
}

/* FFDHE is rare, because it is slow. */
static void draw_groups(net_t *net, features_t *f)
{
    static const uint16_t groups[] = {X25519, P256, X25519, P256, X25519, P256, FFDHE2048};

    f->group_count = one_in(net, 2) ? 1 + net_random(net, FEATURE_GROUPS) : 0;
    for (size_t i = 0; i < f->group_count; i++) {
        f->groups[i] = groups[net_random(net, sizeof(groups) / sizeof(*groups))];
    }
}

static void draw_names(net_t *net, features_t *f)
{
    static const size_t lengths[] = {1, 15, 15, 15, 64, 200, FEATURE_IDENTITY};

    f->key = one_in(net, 20);
    f->identity_length = lengths[net_random(net, sizeof(lengths) / sizeof(*lengths))];
    f->hint = one_in(net, 4);
    f->sha384 = one_in(net, 8);
    f->import = one_in(net, 6);
    f->import_context = one_in(net, 2);
}

static void draw_sizes(net_t *net, features_t *f)
{
    static const size_t mtus[] = {1232, 1232, 1232, 256, 300, 508, 1400, 9000};
    static const uint16_t limits[] = {0, 0, 0, 64, 100, 512, 1000, 16384};

    f->mtu = mtus[net_random(net, 8)];
    f->record_limit = limits[net_random(net, 8)];
    f->rekey_after = one_in(net, 4) ? 1 + net_random(net, 20) : 0;
}

static void draw_extras(net_t *net, features_t *f)
{
    uint64_t bits = net_bits(net);

    f->tickets = bits & 1;
    f->sessions = bits & 2;
    f->early = bits & 4;
    f->cid = bits & 8;
    f->heartbeat = bits & 16;
    f->half_close = (bits & 96) == 0;
    f->force_renegotiation_info = bits & 128;
    f->cid_length = bits & 256 ? 8 : net_random(net, 21);
}

static void draw_one(net_t *net, features_t *f)
{
    f->version = draw_version(net);
    draw_suites(net, f);
    draw_groups(net, f);
    f->exchange = one_in(net, 2) ? DTLS_KE_DEFAULT : (dtls_ke_t)net_random(net, 4);
    f->ems = one_in(net, 2) ? DTLS_EMS_PREFER : (dtls_ems_t)net_random(net, 3);
    f->cookie = (dtls_cookie_t)net_random(net, 3);
    draw_names(net, f);
    draw_sizes(net, f);
    draw_extras(net, f);
}

/* The server has what the client has, except for a few features that it draws anew: two ends that
 * are drawn apart seldom connect. Features that do not decide whether they connect are drawn
 * apart. */
void features_draw(net_t *net, features_t *client, features_t *server)
{
    features_t other;

    memset(&other, 0, sizeof(other));
    memset(client, 0, sizeof(*client));
    draw_one(net, client);
    draw_one(net, &other);
    *server = *client;
    draw_sizes(net, server);
    draw_extras(net, server);
    server->half_close = client->half_close;
    if (one_in(net, 4))
        server->version = other.version;
    if (one_in(net, 4)) {
        memcpy(server->suites, other.suites, sizeof(other.suites));
        server->suite_count = other.suite_count;
    }
    if (one_in(net, 4)) {
        memcpy(server->groups, other.groups, sizeof(other.groups));
        server->group_count = other.group_count;
    }
    if (one_in(net, 8))
        server->exchange = other.exchange;
    if (one_in(net, 4))
        server->ems = other.ems;
    if (one_in(net, 40))
        server->sha384 = other.sha384;
    if (one_in(net, 40))
        server->import = other.import;
    if (one_in(net, 40))
        server->import_context = other.import_context;
    if (one_in(net, 10))
        server->key = other.key;
    if (one_in(net, 40))
        server->identity_length = other.identity_length;
}

/* ---- configuring ---- */

static void want_renegotiation_info(node_t *node, const session_t *peer,
                                    dtls_user_parameters_t *parameters)
{
    (void)node;
    (void)peer;
    parameters->force_renegotiation_info = 1;
}

static const uint8_t keys[2][16] = {{0, 1, 2, 3}, {1, 1, 2, 3}};
static const uint8_t import_context[] = "a context";

static void configure_key(node_t *node, const features_t *f)
{
    static uint8_t identity[FEATURE_IDENTITY];

    memset(identity, 'i', sizeof(identity));
    node->identity = identity;
    node->identity_length = f->identity_length;
    node->key = keys[f->key];
    node->key_length = sizeof(keys[0]);
    node->hint_length = f->hint ? 9 : 0;
    node->hint = (const uint8_t *)"some hint";
    node->config.psk_sha384 = f->sha384;
    node->config.import_psk = f->import;
    node->config.import_context = import_context;
    node->config.import_context_length = f->import_context ? sizeof(import_context) : 0;
}

void features_configure(node_t *node, const features_t *f)
{
    dtls_config_t *config = &node->config;

    configure_key(node, f);
    if (f->force_renegotiation_info)
        node->on_parameters = want_renegotiation_info;
    config->only_version = f->version;
    config->suites = f->suite_count > 0 ? f->suites : NULL;
    config->suite_count = f->suite_count;
    config->groups = f->group_count > 0 ? f->groups : NULL;
    config->group_count = f->group_count;
    config->key_exchange = f->exchange;
    config->ems = f->ems;
    config->cookie = f->cookie;
    config->tickets = f->tickets;
    config->sessions = f->sessions ? SESSIONS : 0;
    config->early_data = f->early ? EARLY_LIMIT : 0;
    config->use_cid = f->cid;
    config->cid_length = f->cid_length;
    config->heartbeat = f->heartbeat;
    config->half_close = f->half_close;
    config->mtu = f->mtu;
    config->record_size_limit = f->record_limit;
    config->rekey_after = f->rekey_after;
}

/* ---- predicting ---- */

typedef struct {
    uint16_t ids[SUITES_MOST];
    size_t count;
} list_t;

static void append(list_t *list, uint16_t id)
{
    list->ids[list->count++] = id;
}

static bool has(const list_t *list, uint16_t id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->ids[i] == id) {
            return true;
        }
    }
    return false;
}

static bool is_field(uint16_t group)
{
    return group >= FFDHE2048;
}

static dtls_suite_info_t suite(uint16_t id)
{
    dtls_suite_info_t info;

    CHECK_EQ(dtls_suite_info(id, &info), 0);
    return info;
}

/* In DTLS 1.3 a PSK is for one hash (RFC 8446 section 4.2.11). */
static bool fits_key(const features_t *f, uint16_t id)
{
    return suite(id).version == DTLS12 || suite(id).hash_bits == (f->sha384 ? 384 : 256);
}

static bool is_cbc(uint16_t id)
{
    return id == 0xc037 || id == 0xc035 || id == 0x00ae || id == 0x008c;
}

static list_t groups_of(const features_t *f, bool dhe_suites)
{
    list_t list = {.count = 0};

    for (size_t i = 0; i < f->group_count; i++) {
        append(&list, f->groups[i]);
    }
    if (f->group_count == 0) {
        append(&list, X25519);
        append(&list, P256);
    }
    if (f->group_count == 0 && dhe_suites) {
        append(&list, FFDHE2048);
        append(&list, FFDHE3072);
    }
    return list;
}

static bool has_kind(const list_t *groups, bool field)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (is_field(groups->ids[i]) == field) {
            return true;
        }
    }
    return false;
}

/* The comments of config.only_version, suites and key_exchange in dtls.h. */
static bool is_wanted(const features_t *f, uint16_t id)
{
    dtls_suite_info_t info = suite(id);
    bool grouped = info.group != DTLS_SUITE_NO_GROUP;

    if ((f->version && f->version != info.version) || !fits_key(f, id))
        return false;
    if (info.version == DTLS13)
        return true;
    return f->exchange == DTLS_KE_DHE_ONLY   ? grouped
           : f->exchange == DTLS_KE_PSK_ONLY ? !grouped
                                             : true;
}

static bool is_default(uint16_t id)
{
    return id != 0x1305 && suite(id).group != DTLS_SUITE_FIELD && !is_cbc(id);
}

static list_t suites_of(const features_t *f, list_t *groups)
{
    list_t wanted = {.count = 0}, list = {.count = 0};
    bool dhe = false;

    for (size_t i = 0; i < f->suite_count; i++) {
        if (is_wanted(f, f->suites[i])) {
            append(&wanted, f->suites[i]);
        }
    }
    for (size_t n = 0; f->suite_count == 0 && dtls_suite_at(n); n++) {
        if (is_default(dtls_suite_at(n)) && is_wanted(f, dtls_suite_at(n))) {
            append(&wanted, dtls_suite_at(n));
        }
    }
    for (size_t i = 0; i < wanted.count; i++) {
        dhe = dhe || suite(wanted.ids[i]).group == DTLS_SUITE_FIELD;
    }
    *groups = groups_of(f, dhe);
    for (size_t i = 0; i < wanted.count; i++) {
        dtls_suite_info_t info = suite(wanted.ids[i]);

        if (info.group == DTLS_SUITE_NO_GROUP || has_kind(groups, info.group == DTLS_SUITE_FIELD)) {
            append(&list, wanted.ids[i]);
        }
    }
    return list;
}

static bool supports(const list_t *suites, uint16_t version)
{
    for (size_t i = 0; i < suites->count; i++) {
        if (suite(suites->ids[i]).version == version) {
            return true;
        }
    }
    return false;
}

/* DTLS 1.2: the first group of this kind in the client's list that the server has, too. */
static uint16_t common_group12(const list_t *client, const list_t *server, bool field)
{
    for (size_t i = 0; i < client->count; i++) {
        if (has(server, client->ids[i]) && is_field(client->ids[i]) == field) {
            return client->ids[i];
        }
    }
    return 0;
}

/* DTLS 1.3: the client sends a share for its first group. If the server does not have that group,
 * it requests the first of its own that the client has. */
static uint16_t common_group13(const list_t *client, const list_t *server)
{
    if (has(server, client->ids[0]))
        return client->ids[0];
    for (size_t i = 0; i < server->count; i++) {
        if (has(client, server->ids[i])) {
            return server->ids[i];
        }
    }
    return 0;
}

static void predict12(prediction_t *p, const features_t *c, const features_t *s)
{
    p->group = suite(p->suite).group == DTLS_SUITE_NO_GROUP ? 0 : p->group;
    p->ems = c->ems != DTLS_EMS_OFF && s->ems != DTLS_EMS_OFF;
    if (!p->ems && (c->ems == DTLS_EMS_REQUIRE || s->ems == DTLS_EMS_REQUIRE))
        p->reasons |= BECAUSE_EMS;
}

/* A client offers psk_ke or psk_dhe_ke, never both. A server with DTLS_KE_DEFAULT accepts both. */
static void predict13(prediction_t *p, const features_t *c, const features_t *s)
{
    bool dhe = c->exchange != DTLS_KE_PSK_ONLY;
    bool accepted = dhe ? s->exchange != DTLS_KE_PSK_ONLY
                        : s->exchange == DTLS_KE_DEFAULT || s->exchange == DTLS_KE_PSK_ONLY;

    if (!accepted || (dhe && !p->group))
        p->reasons |= BECAUSE_KEY_EXCHANGE;
    p->group = dhe ? p->group : 0;
    if (c->import != s->import || (c->import && c->import_context != s->import_context))
        p->reasons |= BECAUSE_KEY;
}

/* A server chooses DTLS 1.3 if both have it (RFC 8446 section 4.1.3), and its first suite that the
 * client offers. */
static void choose(prediction_t *p, const features_t *c, const features_t *s)
{
    list_t groups[2], suites[2];

    suites[0] = suites_of(c, &groups[0]);
    suites[1] = suites_of(s, &groups[1]);
    p->client_starts = suites[0].count > 0;
    p->server_starts = suites[1].count > 0;
    for (uint16_t version = DTLS13; version <= DTLS12 && !p->version; version++) {
        if (supports(&suites[0], version) && supports(&suites[1], version)) {
            p->version = version;
        }
    }
    for (size_t i = 0; i < suites[1].count && !p->suite; i++) {
        uint16_t id = suites[1].ids[i];
        dtls_suite_info_t info = suite(id);
        bool grouped = info.group != DTLS_SUITE_NO_GROUP;
        uint16_t group = info.version == DTLS13 ? common_group13(&groups[0], &groups[1])
                                                : common_group12(&groups[0], &groups[1],
                                                                 info.group == DTLS_SUITE_FIELD);

        if (info.version == p->version && has(&suites[0], id) && (!grouped || group)) {
            p->suite = id;
            p->group = group;
        }
    }
}

/* More than one reason may keep the ends from connecting. */
prediction_t features_predict(const features_t *c, const features_t *s)
{
    prediction_t p = {.reasons = 0};

    choose(&p, c, s);
    p.heartbeat = c->heartbeat && s->heartbeat;
    p.client_cid = c->cid && s->cid && c->cid_length > 0;
    p.server_cid = c->cid && s->cid && s->cid_length > 0;
    if (!p.client_starts || !p.server_starts)
        p.reasons |= BECAUSE_CONFIGURATION;
    else if (!p.version)
        p.reasons |= BECAUSE_VERSION;
    else if (!p.suite)
        p.reasons |= BECAUSE_SUITE;
    if (c->key != s->key || c->identity_length != s->identity_length)
        p.reasons |= BECAUSE_KEY;
    if (p.version == DTLS12 && p.suite)
        predict12(&p, c, s);
    else if (p.version == DTLS13)
        predict13(&p, c, s);
    p.connects = p.reasons == 0;
    return p;
}

/* ---- printing ---- */

void features_print(const char *name, const features_t *f)
{
    fprintf(stderr, "%s: version %04x, exchange %d, ems %d, cookie %d, mtu %zu, limit %u", name,
            f->version, (int)f->exchange, (int)f->ems, (int)f->cookie, f->mtu, f->record_limit);
    for (size_t i = 0; i < f->suite_count; i++) {
        fprintf(stderr, "%s%04x", i ? " " : ", suites ", f->suites[i]);
    }
    for (size_t i = 0; i < f->group_count; i++) {
        fprintf(stderr, "%s%u", i ? " " : ", groups ", f->groups[i]);
    }
    fprintf(stderr, ", key %u, identity %zu%s%s%s%s%s%s%s%s%s", f->key, f->identity_length,
            f->hint ? ", hint" : "", f->sha384 ? ", sha384" : "", f->import ? ", import" : "",
            f->import && f->import_context ? " with context" : "", f->tickets ? ", tickets" : "",
            f->sessions ? ", sessions" : "", f->early ? ", early data" : "",
            f->heartbeat ? ", heartbeat" : "", f->half_close ? ", half close" : "");
    if (f->cid)
        fprintf(stderr, ", cid %zu", f->cid_length);
    if (f->rekey_after)
        fprintf(stderr, ", rekey after %u", (unsigned)f->rekey_after);
    fprintf(stderr, "\n");
}
