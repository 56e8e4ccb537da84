#include "handshake/hs13_server.h"

#include "base/iana.h"
#include "base/wipe.h"
#include "conn/ack.h"
#include "conn/cids.h"
#include "conn/conn.h"
#include "conn/early.h"
#include "conn/epochs.h"
#include "conn/establish.h"
#include "conn/heartbeat.h"
#include "conn/negotiated.h"
#include "conn/retransmit.h"
#include "conn/sizes.h"
#include "conn/validation.h"
#include "handshake/hs13.h"
#include "handshake/hs_server.h"
#include "handshake/post_handshake.h"
#include "handshake/psk.h"
#include "handshake/retry.h"
#include "handshake/share.h"

#include <string.h>

static dtls_error_t receive_client_hello13(conn_t *conn, reader_t *body, const message_t *message);
static dtls_error_t send_server_flight(conn_t *conn);
static dtls_error_t server13_finish(conn_t *conn);

const hs_row_t hs13_server_rows[] = {
    {SERVER_WAIT_HELLO, HANDSHAKE_CLIENT_HELLO, 0, 0, RECORD_MAX_PLAINTEXT, receive_client_hello13,
     send_server_flight, SERVER_WAIT_FINISHED},
    {SERVER_WAIT_FINISHED, HANDSHAKE_FINISHED, EPOCH_HANDSHAKE, 0, HASH_MAX, hs13_receive_finished,
     server13_finish, STATE_CONNECTED},
    POST13_ROWS,
    {.receive = NULL},
};

void hs13_server_retried(conn_t *conn, const retry_t *retry)
{
    conn->hs->v13.retry = retry;
}

/* ---- ClientHello ---- */

/* Checks that the ClientHello has the mandatory extensions (RFC 8446 section 9.2), and
 * pre_shared_key, because this server supports only PSKs. */
static dtls_error_t check_extensions(const client_hello_t *hello)
{
    unsigned seen = hello->extensions.seen;
    bool groups = seen & EXT_SUPPORTED_GROUPS, shares = seen & EXT_KEY_SHARE;
    if (groups != shares)
        return DTLS_ERR_MISSING_EXTENSION;
    if (!(seen & EXT_PRE_SHARED_KEY))
        return DTLS_ERR_NO_PSK;
    if (seen & EXT_EARLY_DATA && seen & EXT_COOKIE)
        return DTLS_ERR_ILLEGAL_PARAMETER; /* early_data in ClientHello2: RFC 8446 section 4.1.2 */
    return seen & EXT_PSK_KEY_EXCHANGE_MODES ? DTLS_ERR_NONE : DTLS_ERR_MISSING_EXTENSION;
}

dtls_error_t hs13_server_check(const dtls_context_t *ctx, const client_hello_t *hello)
{
    reader_t compressions = hello->compressions;
    if (reader_left(&compressions) != 1 || take_u8(&compressions) != COMPRESSION_NULL)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (reader_left(&hello->cookie) > 0)
        return DTLS_ERR_ILLEGAL_PARAMETER; /* legacy_cookie must be empty: RFC 9147 section 5.3 */
    const suite_t *suite = hs_choose_suite(ctx, VERSION_DTLS13, hello);
    if (!suite)
        return DTLS_ERR_NO_CIPHER_SUITE;
    return check_extensions(hello);
}

static bool is_only_share(const client_hello_t *hello)
{
    reader_t shares = hello->extensions.shares;
    take_u16(&shares);
    take_block(&shares, 2);
    return reader_done(&shares);
}

/* Chooses (EC)DHE if the client has sent a key share for one of our groups. Otherwise chooses the
 * mode psk_ke (PSK without (EC)DHE), if both sides allow it. */
static dtls_error_t choose_exchange(conn_t *conn, const client_hello_t *hello)
{
    hs13_t *v13 = &conn->hs->v13;
    reader_t share;
    const group_t *group = retry_choose_group(conn->ctx, hello, &share);
    const uint16_t requested = v13->retry ? v13->retry->group : 0;
    if (requested && (!group || group->id != requested || !is_only_share(hello)))
        return DTLS_ERR_ILLEGAL_PARAMETER; /* ClientHello2 must have only the requested share */
    if (group) {
        dtls_error_t error = share_make(conn, group);
        return error ? error : share_derive(conn, share);
    }
    bool ke =
        hs13_offers_psk_ke(conn->ctx, false) && list_contains_u8(hello->extensions.modes, PSK_KE);
    return ke ? DTLS_ERR_NONE : DTLS_ERR_NO_KEY_EXCHANGE;
}

/* ---- the PSK ---- */

static void use_psk(conn_t *conn, const uint8_t *key, size_t length, secret_t binder)
{
    psk13_t *psk = &conn->hs->v13.psks[0];
    memcpy(psk->key, key, length);
    psk->length = length;
    psk->binder = binder;
}

/* Stores the application's key for this identity. Returns false if there is none. The callback
 * writes to a local buffer, because a callback that returns no key may have written too. */
static bool find_key(conn_t *conn, const uint8_t *identity, size_t length)
{
    uint8_t psk[DTLS_MAX_PSK];
    size_t found = psk_find_key(conn, identity, length, psk);
    if (found > 0)
        use_psk(conn, psk, found, SECRET_EXT_BINDER);
    wipe(psk, sizeof psk);
    return found > 0;
}

/* Finds the key of an external PSK. Returns false if there is none. Replaces an imported identity
 * (RFC 9258) by the external identity in it. */
static bool look_up_external(conn_t *conn, reader_t *identity)
{
    reader_t imported = *identity;
    if (!conn->ctx->config.import_psk)
        return find_key(conn, identity->at, reader_left(identity));
    return psk_is_imported(conn, imported, identity) &&
           find_key(conn, identity->at, reader_left(identity)) &&
           psk_import(conn, imported, &conn->hs->v13.psks[0]);
}

/* Uses a ticket. Returns false if it is not valid, or its identity has another key or none. */
static bool look_up_ticket(conn_t *conn, reader_t bytes, reader_t *identity)
{
    dtls_context_t *ctx = conn->ctx;
    ticket_t *ticket = &conn->hs->v13.ticket;
    uint8_t *room = conn->hs->v13.ticket_bytes;
    if (!ticket_open(&ctx->tickets, ticket_now(ctx), VERSION_DTLS13, bytes, room, ticket) ||
        ticket->suite->hash != conn->negotiated.suite->hash ||
        !psk_find_same(conn, ticket->identity, &ticket->key))
        return false;
    *identity = ticket->identity;
    negotiated_resumption(conn, true);
    use_psk(conn, ticket->psk.at, reader_left(&ticket->psk), SECRET_RES_BINDER);
    return true;
}

/* Chooses the first valid ticket or known external identity. with_age: true to look up as external
 * only identities with an obfuscated_ticket_age; false: only those without. */
static void choose_first(conn_t *conn, reader_t identities, bool with_age, reader_t *chosen)
{
    hs13_t *v13 = &conn->hs->v13;
    for (uint16_t i = 0; i < DTLS_MAX_OFFERED_PSKS && reader_left(&identities) > 0; i++) {
        reader_t identity = take_block(&identities, 2);
        bool has_age = (v13->psks[0].age = (uint32_t)take_uint(&identities, 4)) != 0;
        if (!look_up_ticket(conn, identity, &identity) &&
            (has_age != with_age || !look_up_external(conn, &identity)))
            continue;
        v13->selected_identity = i;
        conn->hs->unknown_identity = false;
        *chosen = identity;
        return;
    }
}

/* Chooses the PSK. An identity with an obfuscated_ticket_age is probably a ticket, and an application
 * with one key for all would return this key, with which the binder of a ticket fails. So it is
 * looked up as an external identity only if all others are unknown. If all are unknown, the first
 * gets a random key: its binder fails as with a wrong key (RFC 8446 section 4.2.11). */
static dtls_error_t choose_psk(conn_t *conn, reader_t identities)
{
    hs13_t *v13 = &conn->hs->v13;
    reader_t first = identities, chosen = take_block(&first, 2);
    if (!random_of(conn->ctx, v13->psks[0].key, 16))
        return DTLS_ERR_CRYPTO;
    v13->psks[0].length = 16;
    v13->psks[0].binder = SECRET_EXT_BINDER;
    conn->hs->unknown_identity = true;
    choose_first(conn, identities, false, &chosen);
    if (conn->hs->unknown_identity)
        choose_first(conn, identities, true, &chosen);
    if (conn->phase != PHASE_HANDSHAKE)
        return DTLS_ERR_STATE;
    if (conn->hs->unknown_identity && !psk_use_random(conn, &chosen, &v13->psks[0]))
        return DTLS_ERR_CRYPTO;
    return psk_set_identity(conn, chosen.at, reader_left(&chosen));
}

static bool binder_is(conn_t *conn, const client_hello_t *hello, const message_t *message)
{
    const extensions_t *ext = &hello->extensions;
    uint8_t expected[HASH_MAX];
    size_t length = hash_length(conn->hs->v13.schedule.hash);
    reader_t binders = ext->binders, binder = binders;
    for (unsigned i = 0; i <= conn->hs->v13.selected_identity; i++)
        binder = take_block(&binders, 1);
    size_t truncated = (size_t)(ext->truncated_at - message->bytes);
    return hs13_binder(conn, &conn->hs->v13.psks[0], message->bytes, truncated, expected) &&
           reader_left(&binder) == length && crypto_equal(binder.at, expected, length);
}

static dtls_error_t accept_psk(conn_t *conn, const client_hello_t *hello, const message_t *message)
{
    dtls_error_t error = choose_psk(conn, hello->extensions.identities);
    if (!error)
        error = hs13_start_schedule(conn, &conn->hs->v13.psks[0]);
    if (error)
        return error;
    /* Compute the binder also for an unknown identity, so that the timing does not reveal it. */
    bool verified = binder_is(conn, hello, message);
    if (conn->hs->unknown_identity)
        return DTLS_ERR_UNKNOWN_IDENTITY;
    /* A copy of this ClientHello, passed in by get_psk_info(), may have redeemed the ticket. */
    if (verified && conn->negotiated.resumed && !conn->hs->v13.ticket.foreign &&
        !ticket_redeem(&conn->ctx->tickets, conn->hs->v13.ticket.serial))
        return DTLS_ERR_STATE;
    return verified ? DTLS_ERR_NONE : DTLS_ERR_WRONG_PSK;
}

/* ---- early data, RFC 8446 section 4.2.10 ---- */

#define FRESH_MS 10000 /* how far the two ages of a ticket may differ: RFC 8446 section 8.3 */

/* Returns true if the ticket's age that the client reports differs from its age by our clock only
 * by transmission time and clock drift. Otherwise the ClientHello may be a replay. */
static bool is_fresh(const conn_t *conn)
{
    const hs13_t *v13 = &conn->hs->v13;
    uint32_t theirs = v13->psks[0].age - v13->ticket.age_add;
    uint32_t ours = (uint32_t)(ticket_now(conn->ctx) - v13->ticket.issued);
    uint32_t between = ours > theirs ? ours - theirs : theirs - ours;
    return between < FRESH_MS;
}

/* Decides whether to accept early data. If the peer has an older association, rejects early data,
 * because only the client's Finished replaces the older association. */
static void decide_on_early(conn_t *conn, const client_hello_t *hello)
{
    hs13_t *v13 = &conn->hs->v13;
    uint32_t limit = early_limit(conn->ctx);
    if (!(hello->extensions.seen & EXT_EARLY_DATA))
        return;
    bool take = limit > 0 && conn->negotiated.resumed && v13->selected_identity == 0 &&
                !v13->retry && v13->ticket.suite == conn->negotiated.suite && is_fresh(conn) &&
                conn->peer->conn == conn;
    early_decide(conn, take ? limit : 0);
}

static dtls_error_t enter_early(conn_t *conn)
{
    uint8_t hash[HASH_MAX];
    if (conn->early.status != DTLS_EARLY_ACCEPTED)
        return DTLS_ERR_NONE;
    bool ok = transcript_hash(&conn->hs->transcript, hash);
    return ok ? hs13_enter_early(conn, conn->negotiated.suite, hash) : DTLS_ERR_CRYPTO;
}

/* Starts the transcript. Its messages before ClientHello2, if any, are restored from the cookie. */
static dtls_error_t start_transcript(conn_t *conn)
{
    hs13_t *v13 = &conn->hs->v13;
    uint8_t retry[RETRY_MAX];
    dtls_error_t error = hs_start_transcript(conn, true);
    if (error || !v13->retry)
        return error;
    size_t length = retry_message(v13->retry, (uint16_t)(conn->messages.hello_seq - 1), retry);
    bool ok =
        transcript_restart(&conn->hs->transcript, conn->ctx->crypto, v13->retry->hello_hash) &&
        transcript_add(&conn->hs->transcript, retry, length);
    return ok ? DTLS_ERR_NONE : DTLS_ERR_CRYPTO;
}

static dtls_error_t negotiate_cid(conn_t *conn, const client_hello_t *hello)
{
    dtls_error_t error = cids_offer(conn);
    if (!error)
        cids_agree(conn, &hello->extensions);
    heartbeat_agree(conn, &hello->extensions);
    return error;
}

static dtls_error_t receive_client_hello13(conn_t *conn, reader_t *body, const message_t *message)
{
    client_hello_t hello;
    uint8_t random[RANDOM_LENGTH];
    const retry_t *retry = conn->hs->v13.retry;
    dtls_error_t error = client_hello_parse(body, &hello);
    if (!error)
        error = hs13_server_check(conn->ctx, &hello);
    if (error)
        return error;
    if (!conn_start13(conn))
        return DTLS_ERR_MEMORY;
    error = sizes_agree(conn, &hello.extensions);
    if (error)
        return error;
    sizes_apply(conn);
    negotiated_suite(conn, hs_choose_suite(conn->ctx, VERSION_DTLS13, &hello));
    if (retry && conn->negotiated.suite->id != retry->suite)
        return DTLS_ERR_ILLEGAL_PARAMETER;
    if (!random_of(conn->ctx, random, RANDOM_LENGTH))
        return DTLS_ERR_CRYPTO;
    hs_set_client_random(conn, hello.random);
    hs_set_server_random(conn, random);
    error = start_transcript(conn);
    if (!error)
        error = accept_psk(conn, &hello, message);
    if (error)
        return error;
    decide_on_early(conn, &hello);
    error = negotiate_cid(conn, &hello);
    return error ? error : choose_exchange(conn, &hello);
}

/* ---- ServerHello, EncryptedExtensions, Finished ---- */

#define FLIGHT_ROOM (3 * MESSAGE_HEADER + 160 + HASH_MAX)

static dtls_error_t put_server_hello(conn_t *conn)
{
    const hs13_t *v13 = &conn->hs->v13;
    bytes_t share = conn->negotiated.group ? dh_public(conn->hs->share.dh) : (bytes_t){NULL, 0};
    if (!flight_start(&conn->flight, &conn->ctx->alloc, FLIGHT_ROOM + share.length, true))
        return DTLS_ERR_MEMORY;
    writer_t w = hs_open(conn, HANDSHAKE_SERVER_HELLO);
    put_server_hello_start(&w, conn->hs->randoms.server, (bytes_t){NULL, 0},
                           conn->negotiated.suite->id);
    block_t extensions = open_block(&w, 2);
    put_ext_u16(&w, EXTENSION_SUPPORTED_VERSIONS, VERSION_DTLS13);
    put_ext_u16(&w, EXTENSION_PRE_SHARED_KEY, v13->selected_identity);
    if (conn->negotiated.group) {
        put_u16(&w, EXTENSION_KEY_SHARE);
        block_t data = open_block(&w, 2);
        put_share(&w, conn->negotiated.group, share.bytes, share.length);
        close_block(&w, data);
    }
    put_cid_extensions(&w, conn);
    close_block(&w, extensions);
    return hs_close(conn, &w, HANDSHAKE_SERVER_HELLO, 0);
}

static dtls_error_t put_encrypted_extensions(conn_t *conn)
{
    writer_t w = hs_open(conn, HANDSHAKE_ENCRYPTED_EXTENSIONS);
    block_t extensions = open_block(&w, 2);
    if (conn->early.status == DTLS_EARLY_ACCEPTED)
        put_ext_empty(&w, EXTENSION_EARLY_DATA);
    if (conn->heartbeat.responds)
        put_ext_heartbeat(&w);
    put_sizes_extension(&w, conn);
    close_block(&w, extensions);
    return hs_close(conn, &w, HANDSHAKE_ENCRYPTED_EXTENSIONS, EPOCH_HANDSHAKE);
}

static dtls_error_t send_server_flight(conn_t *conn)
{
    static dtls_error_t (*const steps[])(conn_t *) = {
        enter_early,       put_server_hello,   hs13_enter_handshake, put_encrypted_extensions,
        hs13_put_finished, hs13_enter_traffic, hs13_write_traffic};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        dtls_error_t error = steps[i](conn);
        if (error) {
            /* The client has no ServerHello, so it can read only a plaintext alert. */
            epochs_send_in(conn, 0);
            return error;
        }
    }
    return retransmit_send(conn, &conn->flight);
}

/* ---- Finished ---- */

static dtls_error_t server13_finish(conn_t *conn)
{
    validation_passed(conn);
    dtls_error_t error = hs13_read_traffic(conn);
    if (!error && conn->ctx->config.tickets)
        error = post13_send_ticket(conn);
    if (error)
        return error;
    epochs_end_read(conn, EPOCH_EARLY);
    flight_end(&conn->flight, &conn->ctx->alloc);
    epochs_end_write(conn, 0);
    epochs_end_write(conn, EPOCH_HANDSHAKE);
    epochs_retain(conn);
    ack_now(conn);
    establish(conn);
    return DTLS_ERR_NONE;
}
