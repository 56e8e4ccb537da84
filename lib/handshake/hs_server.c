#include "handshake/hs_server.h"

#include "base/iana.h"
#include "handshake/share.h"

bool hs_supports_version(const dtls_context_t *ctx, uint16_t version)
{
    for (size_t i = 0; i < ctx->terms->suite_count; i++)
        if (ctx->terms->suites[i]->version == version &&
            suite_fits_psk(ctx->terms->suites[i], psk_hash_of(ctx)))
            return true;
    return false;
}

static const group_t *find_ours(const dtls_context_t *ctx, bool field, uint16_t id)
{
    const group_t *group = share_group_is_ours(ctx, id) ? group_by_id(id) : NULL;
    return group && group->finite_field == field ? group : NULL;
}

static bool is_field(uint16_t id)
{
    return id >= GROUP_FFDHE2048 && id <= GROUP_FFDHE_LAST;
}

/* Chooses a group if the client's list has none of this kind. Elliptic curves: without
 * supported_groups the choice is free (RFC 8422 section 4), and clients most often support P-256.
 * Finite fields: the client may not know RFC 7919, so our first field is used (RFC 7919 section
 * 4). */
static const group_t *choose_unnamed(const dtls_context_t *ctx, bool field,
                                     const client_hello_t *hello)
{
    bool unspecified = !(hello->extensions.seen & EXT_SUPPORTED_GROUPS);
    if (!field)
        return unspecified ? find_ours(ctx, false, GROUP_SECP256R1) : NULL;
    for (size_t i = 0; i < ctx->group_count; i++)
        if (is_field(ctx->groups[i]))
            return group_by_id(ctx->groups[i]);
    return NULL;
}

/* Follows the client's order: some clients list last the groups that they reject with a PSK. */
const group_t *hs_choose_group(const dtls_context_t *ctx, kx_t kx, const client_hello_t *hello)
{
    bool field = kx == KX_DHE_PSK, named = false;
    reader_t groups = hello->extensions.groups;
    while (reader_left(&groups) > 0) {
        uint16_t id = take_u16(&groups);
        const group_t *group = find_ours(ctx, field, id);
        if (group)
            return group;
        named = named || is_field(id);
    }
    return field && named ? NULL : choose_unnamed(ctx, field, hello);
}

bool hs_is_common_suite(const dtls_context_t *ctx, const suite_t *suite,
                        const client_hello_t *hello)
{
    bool offered = list_contains_u16(hello->suites, suite->id);
    bool cbc = suite_mac_key(suite) > 0;
    for (size_t i = 0; i < ctx->terms->suite_count; i++)
        if (ctx->terms->suites[i] == suite)
            return offered && (!cbc || hello->extensions.seen & EXT_ENCRYPT_THEN_MAC);
    return false;
}

static bool is_suite_usable(const dtls_context_t *ctx, const suite_t *suite,
                            const client_hello_t *hello)
{
    bool grouped = suite->kx == KX_ECDHE_PSK || suite->kx == KX_DHE_PSK;
    return hs_is_common_suite(ctx, suite, hello) && suite_fits_psk(suite, psk_hash_of(ctx)) &&
           (!grouped || hs_choose_group(ctx, suite->kx, hello));
}

const suite_t *hs_choose_suite(const dtls_context_t *ctx, uint16_t version,
                               const client_hello_t *hello)
{
    for (size_t i = 0; i < ctx->terms->suite_count; i++) {
        const suite_t *suite = ctx->terms->suites[i];
        if (suite->version == version && is_suite_usable(ctx, suite, hello))
            return suite;
    }
    return NULL;
}

dtls_error_t hs_no_suite_error(const client_hello_t *hello)
{
    reader_t suites = hello->suites;
    while (reader_left(&suites) > 0)
        if (suite_is_psk(take_u16(&suites)))
            return DTLS_ERR_NO_CIPHER_SUITE;
    return DTLS_ERR_NO_PSK;
}

/* Returns true if the client offers this version. If supported_versions is present, it decides (RFC
 * 8446 section 4.2.1). Otherwise the client supports DTLS 1.2 if its legacy_version is DTLS 1.2 or
 * newer. A newer version has a lower number (RFC 6347 section 4.1). */
static bool offers(const client_hello_t *hello, uint16_t version)
{
    if (hello->extensions.seen & EXT_SUPPORTED_VERSIONS)
        return list_contains_u16(hello->extensions.versions, version);
    bool of_tls = hello->version >> 8 == VERSION_TLS_MAJOR;
    return version == VERSION_DTLS12 && hello->version <= VERSION_DTLS12 && !of_tls;
}

/* Chooses DTLS 1.3 even if client and server have no DTLS 1.3 suite in common. If a server that
 * supports DTLS 1.3 chose DTLS 1.2, a client that offers DTLS 1.3 would detect a downgrade attack
 * (RFC 8446 section 4.1.3). */
uint16_t hs_choose_version(const dtls_context_t *ctx, const client_hello_t *hello)
{
    static const uint16_t versions[] = {VERSION_DTLS13, VERSION_DTLS12};
    for (size_t i = 0; i < 2; i++)
        if (offers(hello, versions[i]) && hs_supports_version(ctx, versions[i]))
            return versions[i];
    return 0;
}
