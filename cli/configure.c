#include "configure.h"

#include <string.h>

#include "peer/early.h"

#define LISTENER_CID_BYTES 8

/* In DTLS 1.3 a PSK is used with one hash only (RFC 8446 section 4.2.11). Use SHA-256, unless
 * --suite lists a suite with SHA-384. */
static bool asks_sha384(const struct options *options)
{
    dtls_suite_info_t suite;

    for (size_t i = 0; i < options->suite_count; i++)
        if (dtls_suite_info(options->suites[i], &suite) == 0 && suite.version == DTLS13 &&
            suite.hash_bits == 384)
            return true;
    return false;
}

/* A listener recognizes clients by connection IDs. A client has one peer, so it requests an empty
 * ID. */
static void configure_cid(dtls_config_t *config, const struct options *options)
{
    config->use_cid = options->use_cid;
    config->cid_move_newest = options->cid_move_newest;
    config->cid_length = options->use_cid && options->listen ? LISTENER_CID_BYTES : 0;
    if (!options->cid_given)
        return;
    config->cid_length = options->cid_length;
    config->cid = options->cid_length > 0 ? options->cid : NULL;
}

static void configure_keys(dtls_config_t *config, const struct options *options)
{
    config->import_psk = options->import_psk;
    if (options->import_context != NULL) {
        config->import_context = (const uint8_t *)options->import_context;
        config->import_context_length = strlen(options->import_context);
    }
    config->groups = options->group_count > 0 ? options->groups : NULL;
    config->group_count = options->group_count;
    if (options->no_group)
        config->key_exchange = DTLS_KE_PSK_ONLY;
    else if (options->group_count > 0)
        config->key_exchange = DTLS_KE_DHE13;
    config->psk_sha384 = asks_sha384(options);
    if (options->no_ems)
        config->ems = DTLS_EMS_OFF;
    else if (options->export_length > 0)
        config->ems = DTLS_EMS_REQUIRE; /* RFC 7627 section 5.4 requires EMS for exported keys */
}

static void configure_tests(dtls_config_t *config, const struct options *options)
{
    config->fragment = options->fragment;
    config->repeat_flight = options->repeat_flight;
    config->grease = options->grease;
    config->client_hello_padding = options->client_hello_padding;
    config->record_per_datagram = options->record_per_datagram;
}

void configure(dtls_config_t *config, const struct options *options)
{
    configure_keys(config, options);
    configure_cid(config, options);
    configure_tests(config, options);
    config->accept = options->listen;
    config->heartbeat = true;
    config->half_close = true;
    config->closing_ms = options->lost_ms > 0 ? (uint32_t)options->lost_ms : UINT32_MAX;
    /* A client beyond the limit of -m is refused only after its handshake, so it needs a slot in
     * the library until then. */
    config->max_peers = options->max_clients + config->max_half_open;
    config->cookie = options->cookie;
    config->only_version = options->version;
    config->rekey_after = options->rekey_after;
    config->early_data = options->early_data ? EARLY_BYTES : 0;
    config->session_id = options->session_id;
    config->session_id_length = options->session_id_length;
    config->sessions = options->sessions;
    config->record_size_limit = options->record_size;
    config->tickets = options->listen && !options->no_tickets;
    if (options->suite_count > 0) {
        config->suites = options->suites;
        config->suite_count = options->suite_count;
    }
    if (options->mtu > 0)
        config->mtu = options->mtu;
    if (options->timer_ms > 0)
        config->timer_ms = options->timer_ms;
    if (config->timer_min_ms > config->timer_ms)
        config->timer_min_ms = config->timer_ms;
}
