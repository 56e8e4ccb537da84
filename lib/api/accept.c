#include "api/accept.h"

#include "api/challenge.h"
#include "api/newcomer.h"
#include "base/iana.h"
#include "base/names.h"
#include "base/wipe.h"
#include "conn/conn.h"
#include "conn/output.h"
#include "conn/peers.h"
#include "conn/retransmit.h"
#include "conn/terms.h"
#include "conn/trace.h"
#include "conn/validation.h"
#include "handshake/hs12.h"
#include "handshake/hs12_resume.h"
#include "handshake/hs12_server.h"
#include "handshake/hs13_server.h"
#include "handshake/hs_server.h"

#include <string.h>

/* Parses the ClientHello. Returns false if it is malformed before its extensions. Otherwise stores
 * whether its extensions are malformed or have an illegal value. */
static bool parse(hello_in_t *in)
{
    reader_t body = reader(in->fragment.body, in->fragment.length);
    dtls_error_t error = client_hello_parse(&body, &in->hello);
    in->malformed = error == DTLS_ERR_DECODE;
    in->illegal = error && !in->malformed;
    return !in->hello.suites.failed;
}

/* ---- a hello of an existing association ---- */

/* Returns true if the ClientHello is a duplicate of the ClientHello that started the association.
 * With a higher message_seq it is not a duplicate: the client has discarded our response, and
 * starts a new handshake. */
static bool same_client(const conn_t *conn, const hello_in_t *in)
{
    if (!conn || conn->client)
        return false;
    bool moved_on = conn->hs && conn->messages.state == SERVER_AFTER_HELLO &&
                    in->fragment.seq > conn->messages.hello_seq;
    return !moved_on && conn->client_random_hash == hs_random_hash(in->ctx, in->hello.random);
}

/* Returns the association that a ClientHello with this random has started. NULL: there is none. */
static conn_t *started_by(const hello_in_t *in)
{
    if (!in->peer)
        return NULL;
    if (same_client(in->peer->candidate, in))
        return in->peer->candidate;
    return same_client(in->peer->conn, in) ? in->peer->conn : NULL;
}

/* Returns true if the client has not responded to our first flight yet. */
static bool waits_for_first_response(const conn_t *conn)
{
    return conn->hs && conn->messages.receive_seq == (uint16_t)(conn->messages.hello_seq + 1);
}

static void respond_to_duplicate(const hello_in_t *in, conn_t *conn)
{
    newcomer_drop(in, DTLS_DROP_OLD_MESSAGE);
    validation_received(conn, in->record->size);
    if (waits_for_first_response(conn) && in->fragment.seq == conn->messages.hello_seq &&
        validation_permits_flight(conn, &conn->flight))
        retransmit_on_repeat(conn, in->digest);
    retransmit_note_record(conn, in->digest);
}

/* Rejects the ClientHello by an alert, which is shorter than the ClientHello. Stores nothing. */
static void refuse(const hello_in_t *in, dtls_error_t error)
{
    const dtls_config_t *config = &in->ctx->config;
    output_stateless_alert(in->ctx, in->session, in->record->sequence,
                           error_alert(error, in->version));
    if (config->refused)
        config->refused(config->hook, in->session, error);
}

static bool needs_group(const hello_in_t *in)
{
    return retry_missing_group(in->ctx, &in->hello) != 0;
}

/* ---- accept, challenge or refuse ---- */

/* Returns true if this ticket validates the client's address: the ticket is valid, and was issued
 * to the same host, where the client must have received it. A ticket of another server does not: it
 * can be redeemed here any number of times, so an attacker can replay its ClientHello. */
static bool validated_by_ticket(const hello_in_t *in, reader_t bytes, uint64_t *serial)
{
    uint8_t room[TICKET_MAX], host[ADDRESS_MAX];
    ticket_t ticket = {.serial = 0};
    writer_t w = writer(host, sizeof host);
    put_host(&w, in->session);
    bool proven =
        ticket_is_own(&in->ctx->tickets, bytes) &&
        ticket_open(&in->ctx->tickets, ticket_now(in->ctx), in->version, bytes, room, &ticket) &&
        reader_left(&ticket.host) == writer_length(&w) &&
        memcmp(ticket.host.at, host, writer_length(&w)) == 0;
    wipe(room, sizeof room);
    *serial = ticket.serial;
    return proven;
}

/* Accepts the ClientHello, or demands a cookie. A DTLS 1.2 ticket validates the address only with
 * DTLS_COOKIE_OFF, and only once: it is sent without a binder and redeemed only by Finished, so an
 * attacker can replay it. */
static void accept12(hello_in_t *in)
{
    uint64_t serial;
    bool proven = challenge_passed(in);
    in->by_ticket = !proven && in->ctx->config.cookie == DTLS_COOKIE_OFF &&
                    validated_by_ticket(in, in->hello.extensions.session_ticket, &serial) &&
                    ticket_prove(&in->ctx->tickets, serial);
    if (proven || !challenge_needed(in))
        newcomer_start(in, proven || in->by_ticket);
    else
        challenge_by_cookie(in);
}

/* Demands a cookie or a key share. Rejects at once a ClientHello that would be rejected after the
 * HelloRetryRequest too. */
static void demand_retry(hello_in_t *in)
{
    dtls_error_t error = hs13_server_check(in->ctx, &in->hello);
    if (!error && retry_is_hopeless(in->ctx, &in->hello))
        error = DTLS_ERR_NO_KEY_EXCHANGE;
    if (error)
        refuse(in, error);
    else if (!challenge_by_retry(in))
        newcomer_drop(in, DTLS_DROP_LIMIT);
}

static void accept13(hello_in_t *in)
{
    if (in->hello.extensions.seen & EXT_COOKIE) {
        in->retried = retry_open(in->ctx, in->session, &in->hello, &in->retry);
        if (in->retried)
            newcomer_start(in, true);
        else
            /* The alert for an invalid cookie is illegal_parameter (RFC 9147 section 5.1). */
            refuse(in, DTLS_ERR_ILLEGAL_PARAMETER);
    } else {
        uint64_t serial;
        reader_t identities = in->hello.extensions.identities;
        in->by_ticket = validated_by_ticket(in, take_block(&identities, 2), &serial);
        bool retry = needs_group(in) || (!in->by_ticket && challenge_needed(in));
        if (retry)
            demand_retry(in);
        else
            newcomer_start(in, in->by_ticket);
    }
}

/* Rejects a ClientHello that no handshake can follow. Does not demand a cookie, even if the address
 * is not validated: a HelloVerifyRequest would tell the client that DTLS 1.2 can be negotiated. */
static void accept_hopeless(const hello_in_t *in, dtls_error_t error)
{
    if (challenge_always_needed(in))
        refuse(in, error);
    else
        newcomer_start(in, false);
}

/* Rejects a malformed ClientHello. Sends an alert only if the address is validated, or if the
 * configuration does not require that. */
static void accept_malformed(hello_in_t *in)
{
    bool cookie13 = in->hello.extensions.seen & EXT_COOKIE;
    bool proven =
        cookie13 ? retry_open(in->ctx, in->session, &in->hello, &in->retry) : challenge_passed(in);
    if (proven || !challenge_needed(in))
        newcomer_start(in, proven);
    else
        newcomer_drop(in, DTLS_DROP_BAD_HELLO);
}

/* ---- a whole hello ---- */

static void trace_hello(const hello_in_t *in, fragment_state_t state)
{
    if (state != FRAGMENT_REASSEMBLED)
        trace_record(in->ctx, in->session, in->record);
    trace_hello_fragment(in->ctx, in->session, in->record, &in->fragment, state);
}

static void accept_known(const hello_in_t *in, conn_t *known)
{
    if (in->malformed)
        newcomer_drop(in, DTLS_DROP_BAD_HELLO);
    else
        respond_to_duplicate(in, known);
}

static void accept_new(hello_in_t *in)
{
    dtls_context_t *ctx = in->ctx;
    if (!cookies_rotate(&ctx->cookies, &ctx->config, now_of(ctx))) {
        newcomer_drop(in, DTLS_DROP_LIMIT);
        return;
    }
    in->version = hs_choose_version(ctx, &in->hello);
    if (in->malformed)
        accept_malformed(in);
    else if (in->version == 0)
        accept_hopeless(in, DTLS_ERR_VERSION);
    else if (in->version == VERSION_DTLS13 && in->illegal)
        accept_hopeless(in, DTLS_ERR_ILLEGAL_PARAMETER);
    else if (in->version == VERSION_DTLS13)
        accept13(in);
    else
        accept12(in);
}

static void accept_whole(hello_in_t *in, bool reassembled)
{
    if (!parse(in)) {
        newcomer_drop(in, DTLS_DROP_BAD_HELLO);
        return;
    }
    conn_t *known = started_by(in);
    trace_hello(in, reassembled ? FRAGMENT_REASSEMBLED : known ? FRAGMENT_DUPLICATE : FRAGMENT_NEW);
    if (known) {
        accept_known(in, known);
        return;
    }
    const dtls_message_t message = {.msg_type = HANDSHAKE_CLIENT_HELLO,
                                    .body = in->fragment.body,
                                    .length = in->fragment.length};
    const dtls_message_t *outer = in->ctx->hello;
    in->ctx->hello = &message;
    accept_new(in);
    in->ctx->hello = outer;
}

/* ---- a hello in fragments ---- */

/* Returns true if the client offers DTLS 1.2 and not DTLS 1.3. A client that offers DTLS 1.3 must
 * not get a HelloVerifyRequest (RFC 9147 section 5.1). The cipher suites decide, because
 * supported_versions may be in a later fragment. */
static bool offers_only_12(const client_hello_t *hello)
{
    for (reader_t suites = hello->suites; reader_left(&suites) > 0;)
        if (take_u16(&suites) >> 8 == SUITES_13_FIRST_BYTE)
            return false;
    return hello->version <= VERSION_DTLS12;
}

/* Returns true if the first fragment of the ClientHello has all inputs of a DTLS 1.2 cookie. With a
 * session ID the answer is no: an extension in a later fragment decides whether the session ID is
 * an input. */
static bool has_cookie_input(const hello_in_t *in)
{
    return hs_supports_version(in->ctx, VERSION_DTLS12) && offers_only_12(&in->hello) &&
           reader_left(&in->hello.session_id) == 0;
}

/* Responds to the first fragment of a ClientHello, if that is possible. Returns false if the other
 * fragments are needed. *proven is set to true if the fragment has a valid cookie. */
static bool respond_to_start(hello_in_t *in, bool *proven)
{
    reader_t body = reader(in->fragment.body, in->fragment.frag_length);
    if (in->fragment.offset > 0 || client_hello_parse_start(&body, &in->hello) != DTLS_ERR_NONE)
        return false;
    conn_t *known = started_by(in);
    if (known) {
        respond_to_duplicate(in, known);
        return true;
    }
    if (!has_cookie_input(in) ||
        !cookies_rotate(&in->ctx->cookies, &in->ctx->config, now_of(in->ctx)))
        return false;
    *proven = challenge_passed(in);
    if (*proven || !challenge_always_needed(in))
        return false;
    challenge_by_cookie(in);
    return true;
}

static void accept_reassembled(hello_in_t *in, hello_slot_t *slot)
{
    const partial_t *message = &slot->partial;
    record_t record = *in->record;
    record.sequence = message->sequence;
    record.size = RECORD_HEADER + MESSAGE_HEADER + message->length;
    in->record = &record;
    in->digest = slot->digest;
    in->fragment = (fragment_t){.type = message->type,
                                .length = message->length,
                                .seq = message->seq,
                                .frag_length = message->length,
                                .body = message->memory + MESSAGE_HEADER,
                                .sequence = message->sequence};
    /* A callback may pass in further fragments, which must not evict this ClientHello. */
    slot->in_use = true;
    accept_whole(in, true);
    hello_pool_release(slot);
}

/* Handles a fragment of a ClientHello. Returns true if the ClientHello has been handled, because it
 * is complete or because its first fragment was enough. */
static bool accept_fragment(hello_in_t *in)
{
    dtls_context_t *ctx = in->ctx;
    bool proven = false;
    trace_hello(in, FRAGMENT_NEW);
    if (in->fragment.length > HELLO_POOL_LENGTH) {
        newcomer_warn_once(ctx, &ctx->warned_of_length,
                           "ignoring fragments of a ClientHello of more than 4096 bytes");
        newcomer_drop(in, DTLS_DROP_LIMIT);
        return false;
    }
    if (respond_to_start(in, &proven))
        return true;
    hello_slot_t *slot =
        hello_pool_add(&ctx->hellos, in->session, &in->fragment, proven, now_of(ctx));
    if (ctx->hellos.overrun)
        newcomer_warn_once(
            ctx, &ctx->warned_of_pool,
            "too many ClientHellos in fragments at a time: some clients have to retransmit");
    if (!slot)
        newcomer_drop(in, DTLS_DROP_LIMIT);
    else if (in->fragment.offset == 0)
        slot->digest = in->digest;
    if (!slot || !hello_pool_complete(slot))
        return false;
    accept_reassembled(in, slot);
    return true;
}

/* ---- a record ---- */

/* The highest message_seq of a ClientHello that is accepted. The message_seq of our messages
 * continues from that of the ClientHello, and must not wrap. */
#define HELLO_SEQ_MAX (UINT16_MAX - 8)

static bool parse_hello_fragment(reader_t *r, const record_t *record, fragment_t *fragment)
{
    bool ok = parse_fragment(r, fragment);
    fragment->epoch = 0;
    fragment->sequence = record->sequence;
    return ok && fragment->type == HANDSHAKE_CLIENT_HELLO && fragment->frag_length > 0 &&
           fragment->seq <= HELLO_SEQ_MAX;
}

static bool receive_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                          const record_t *record)
{
    reader_t r = reader(record->payload, record->length);
    uint64_t digest = record_digest(ctx->peers.table.key, record);
    bool handled = false;
    if (!ctx->config.accept || (peer && peer->conn->client)) {
        hello_in_t in = {.ctx = ctx, .session = session, .peer = peer, .record = record};
        newcomer_drop(&in, peer ? DTLS_DROP_UNAUTHENTICATED : DTLS_DROP_NO_PEER);
        return true;
    }
    while (reader_left(&r) > 0 && !handled) {
        hello_in_t in = {
            .ctx = ctx, .session = session, .peer = peer, .record = record, .digest = digest};
        bool ok = parse_hello_fragment(&r, record, &in.fragment);
        bool whole = ok && fragment_is_whole(&in.fragment);
        if (!ok || (whole && reader_left(&r) > 0)) {
            newcomer_drop(&in, DTLS_DROP_BAD_HELLO);
            return true;
        }
        if (whole)
            accept_whole(&in, false);
        handled = whole || accept_fragment(&in);
    }
    return handled;
}

bool accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record)
{
    terms_t room;
    const terms_t *outer = ctx->terms, *terms = terms_ask(ctx, session, &room);
    ctx->terms = terms;
    bool handled =
        receive_hello(ctx, session, terms == &room ? peers_find(ctx, session) : peer, record);
    ctx->terms = outer;
    return handled;
}
