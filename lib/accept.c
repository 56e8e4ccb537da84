#include "accept.h"

#include "conn.h"
#include "hs12.h"
#include "hs13.h"
#include "hs_server.h"
#include "iana.h"
#include "names.h"
#include "output.h"
#include "peers.h"
#include "retry.h"
#include "terms.h"
#include "trace.h"

#include <string.h>

typedef struct {
    dtls_context_t *ctx;
    session_t *session;
    dtls_peer_t *peer;
    const record_t *record;
    fragment_t fragment;
    bool is_fragment; /* it begins with one, perhaps a whole message */
    client_hello_t hello;
    uint16_t version;              /* that we choose for it; 0: none */
    uint8_t cookie[COOKIE_LENGTH]; /* 1.2: the one that it should have, once has_cookie says so */
    bool has_cookie;
    retry_t retry; /* 1.3: out of its cookie */
    bool retried;
    bool by_ticket; /* its address is proven by one */
    bool malformed; /* past its suites it cannot be read */
} hello_in_t;

static void drop(const hello_in_t *in, dtls_drop_t reason)
{
    conn_t *conn = in->peer ? in->peer->conn : NULL;
    trace_drop(in->ctx, conn, in->session, in->record, reason);
}

/* The numbers of a handshake go on from its hello's, and must not wrap. */
#define HELLO_SEQ_MAX (UINT16_MAX - 8)

/* A hello in fragments would need memory before the address is proven, so it must be whole. */
static bool parse(hello_in_t *in)
{
    reader_t r = reader(in->record->payload, in->record->length);
    in->is_fragment = take_fragment(&r, &in->fragment) && in->fragment.frag_length > 0 &&
                      in->fragment.seq <= HELLO_SEQ_MAX;
    if (!in->is_fragment || !fragment_is_whole(&in->fragment) || !reader_done(&r))
        return false;
    reader_t body = reader(in->fragment.body, in->fragment.length);
    in->fragment.sequence = in->record->sequence;
    in->malformed = client_hello_parse(&body, &in->hello) == DTLS_ERR_DECODE;
    return !in->hello.suites.failed;
}

/* ---- a hello that belongs to an association we have ---- */

/* A later hello of a client that has had no use of our answer is none of them. */
static bool same_client(const conn_t *conn, const hello_in_t *in)
{
    if (!conn || conn->client)
        return false;
    bool moved_on =
        conn->hs && conn->state == SERVER_AFTER_HELLO && in->fragment.seq > conn->hello_seq;
    return !moved_on && crypto_equal(conn->client_random, in->hello.random, RANDOM_LENGTH);
}

/* The association that this hello has started, if it has. */
static conn_t *started_by(const hello_in_t *in)
{
    if (!in->peer)
        return NULL;
    if (same_client(in->peer->candidate, in))
        return in->peer->candidate;
    return same_client(in->peer->conn, in) ? in->peer->conn : NULL;
}

/* Nothing of our answer has been answered yet. */
static bool waits_for_first_answer(const conn_t *conn)
{
    return conn->hs && conn->receive_seq == (uint16_t)(conn->hello_seq + 1);
}

/* A piece of a hello, perhaps a forger's, must not draw much to an address that is not proven. */
static bool may_answer(const hello_in_t *in, const conn_t *conn)
{
    const flight_t *flight = &conn->flight;
    return conn->hs->proven || flight->longest * flight->datagrams <= 3 * in->record->size;
}

static void answer_repeat(const hello_in_t *in, conn_t *conn)
{
    drop(in, DTLS_DROP_OLD_MESSAGE);
    if (waits_for_first_answer(conn) && in->fragment.seq == conn->hello_seq && may_answer(in, conn))
        conn_peer_repeated(conn, 0, in->record->sequence);
}

/* ---- the cookie ---- */

/* With a ticket the session ID means nothing (RFC 5077 section 3.4), and some make a new one for each hello. */
static cookie_subject_t subject_of(const hello_in_t *in)
{
    const client_hello_t *hello = &in->hello;
    bool ticket = reader_left(&hello->extensions.session_ticket) > 0;
    return (cookie_subject_t){.session = in->session,
                              .version = hello->version,
                              .random = hello->random,
                              .session_id = hello->session_id.at,
                              .session_id_length = ticket ? 0 : reader_left(&hello->session_id),
                              .suites = hello->suites.at,
                              .suites_length = reader_left(&hello->suites),
                              .compressions = hello->compressions.at,
                              .compressions_length = reader_left(&hello->compressions)};
}

/* What we answer may be three times as long as what came, not more: RFC 9147 section 5.1. */
static bool answer_is_long(const hello_in_t *in)
{
    return hs12_server_flight_length(in->ctx, in->session, &in->hello) > 3 * in->record->size;
}

/* The last flight of a session that is resumed in 1.2 is the client's, who sends it again when we repeat ours, as
 * we do for an address that is proven. */
static bool waits_for_client(const hello_in_t *in)
{
    return in->version == VERSION_DTLS12 && hs12_may_resume(in->ctx, &in->hello);
}

static bool cookie_wanted(const hello_in_t *in)
{
    const dtls_config_t *config = &in->ctx->config;
    switch (config->cookie) {
    case DTLS_COOKIE_ON: return true;
    case DTLS_COOKIE_OFF: return false;
    case DTLS_COOKIE_AUTO: break;
    }
    return in->peer || in->ctx->half_open >= (config->max_half_open + 7) / 8 ||
           answer_is_long(in) || waits_for_client(in);
}

/* The right cookie is made to be compared, and if that was in vain to be sent: one HMAC for a hello. */
static bool address_proven(hello_in_t *in)
{
    const uint8_t *offered = in->hello.cookie.at;
    if (reader_left(&in->hello.cookie) != COOKIE_LENGTH)
        return false;
    cookie_subject_t subject = subject_of(in);
    in->has_cookie = cookie_remake(&in->ctx->cookies, &subject, offered, in->cookie, COOKIE_LENGTH);
    return in->has_cookie && crypto_equal(offered, in->cookie, COOKIE_LENGTH);
}

/* Smaller than the hello it answers, and never sent again. Its record bears the hello's number and
 * its message the hello's message_seq, since there is nothing else to count with. */
static void ask_for_cookie(hello_in_t *in)
{
    cookie_subject_t subject = subject_of(in);
    uint8_t message[MESSAGE_HEADER + 3 + COOKIE_LENGTH];
    if (!in->has_cookie && !cookie_make(&in->ctx->cookies, &subject, in->cookie, sizeof in->cookie))
        return;
    writer_t w = writer(message, sizeof message);
    put_message_header(&w, HANDSHAKE_HELLO_VERIFY_REQUEST, 3 + COOKIE_LENGTH, in->fragment.seq);
    put_hello_verify_request(&w, in->cookie, sizeof in->cookie);
    output_stateless(in->ctx, in->session, in->record->sequence, message, sizeof message);
}

/* ---- the same in 1.3: HelloRetryRequest ---- */

static bool ask_retry(hello_in_t *in)
{
    uint8_t message[RETRY_MAX];
    const uint8_t *hello = in->fragment.body - MESSAGE_HEADER;
    if (!retry_decide(in->ctx, &in->hello, hello, MESSAGE_HEADER + in->fragment.length,
                      &in->retry) ||
        !retry_seal(in->ctx, in->session, &in->hello, &in->retry))
        return false;
    size_t length = retry_message(&in->retry, in->fragment.seq, message);
    output_stateless(in->ctx, in->session, in->record->sequence, message, length);
    return true;
}

/* An alert that keeps nothing, shorter than what it answers. */
static void refuse(const hello_in_t *in, dtls_error_t error)
{
    const dtls_config_t *config = &in->ctx->config;
    output_stateless_alert(in->ctx, in->session, in->record->sequence,
                           error_alert(error, in->version));
    if (config->refused)
        config->refused(config->hook, in->session, error);
}

/* A share for a group that we want is missing. */
static bool needs_group(const hello_in_t *in)
{
    return retry_missing_group(in->ctx, &in->hello) != 0;
}

/* ---- a new association ---- */

static void make_room(dtls_context_t *ctx)
{
    while (ctx->half_open >= ctx->config.max_half_open && ctx->oldest_half_open) {
        conn_t *oldest = ctx->oldest_half_open;
        oldest->failure = (failure_t){.error = DTLS_ERR_PEER_LIMIT};
        conn_end(oldest, DTLS_EVENT_FAILED);
    }
}

static dtls_peer_t *find_or_add(const hello_in_t *in)
{
    dtls_peer_t *peer = peers_find(in->ctx, in->session);
    return peer ? peer : peers_add(in->ctx, in->session);
}

/* Beside a live association the newcomer is a candidate, until its Finished verifies. */
static conn_t *attach(dtls_peer_t *peer, int ifindex)
{
    conn_t *conn = conn_new(peer, false);
    if (!conn) {
        if (!peer->conn)
            peers_remove(peer);
        return NULL;
    }
    if (!peer->conn) {
        peer->conn = conn;
        return conn;
    }
    if (peer->candidate)
        conn_end(peer->candidate, 0);
    peer->candidate = conn;
    peer->candidate_ifindex = ifindex;
    return conn;
}

/* Somebody who need not receive at his address could keep out, hello by hello, him who does. */
static bool crowds_out(const hello_in_t *in)
{
    const conn_t *candidate = in->peer ? in->peer->candidate : NULL;
    return candidate && now_of(in->ctx) < candidate->started + in->ctx->config.timer_ms;
}

static bool may_start(const hello_in_t *in, bool proven)
{
    if (!proven && crowds_out(in))
        return false;
    return in->peer || peers_have_room(in->ctx) || in->ctx->oldest_half_open;
}

static const hs_row_t *rows_for(uint16_t version)
{
    return version == VERSION_DTLS13 ? hs13_server_rows : hs12_server_rows;
}

/* NULL: not now. */
static conn_t *begin(const hello_in_t *in, bool proven)
{
    dtls_peer_t *peer = NULL;
    if (may_start(in, proven)) {
        make_room(in->ctx);
        peer = find_or_add(in);
    }
    conn_t *conn = peer ? attach(peer, in->session->ifindex) : NULL;
    if (!conn) {
        drop(in, DTLS_DROP_LIMIT);
        return NULL;
    }
    conn->state = SERVER_WAIT_HELLO;
    conn->cookie = proven && !in->by_ticket;
    conn->heard = true;
    /* Without cookies the application vouches for the addresses. */
    conn->hs->proven = proven || in->ctx->config.cookie == DTLS_COOKIE_OFF;
    /* Both counts go on from the hello's: RFC 6347 section 4.2.1. */
    conn->hello_seq = conn->send_seq = conn->receive_seq = in->fragment.seq;
    conn_write_epoch(conn, 0)->sequence = in->record->sequence;
    return conn;
}

static void start(const hello_in_t *in, bool proven)
{
    if (conn_is_own_call(in->ctx, in->hello.random)) {
        drop(in, DTLS_DROP_UNAUTHENTICATED); /* reflected: RFC 9257 section 5.1 */
        return;
    }
    conn_t *conn = begin(in, proven);
    if (!conn)
        return;
    conn->rows = rows_for(in->version);
    conn->hs->v13.retry = in->retried ? &in->retry : NULL;
    memcpy(conn->client_random, in->hello.random, RANDOM_LENGTH);
    conn_event(conn, 0, DTLS_EVENT_CONNECT);
    if (conn->phase != PHASE_HANDSHAKE)
        return;
    const message_t message = hs_whole_message(&in->fragment);
    hs_message(conn, &message);
}

/* A ticket proves that its owner once received at that host, and is good only once. */
static bool proven_by_ticket(const hello_in_t *in, reader_t bytes)
{
    uint8_t room[TICKET_MAX], host[ADDRESS_MAX];
    ticket_t ticket;
    writer_t w = writer(host, sizeof host);
    put_host(&w, in->session);
    bool proven =
        ticket_open(&in->ctx->tickets, now_of(in->ctx), in->version, bytes, room, &ticket) &&
        reader_left(&ticket.host) == writer_length(&w) &&
        memcmp(ticket.host.at, host, writer_length(&w)) == 0;
    crypto_wipe(room, sizeof room);
    return proven;
}

/* A ticket of 1.2 proves nothing: it came in plaintext, and without proof that its owner sends it. */
static void accept12(hello_in_t *in)
{
    bool proven = address_proven(in);
    if (proven || !cookie_wanted(in))
        start(in, proven);
    else
        ask_for_cookie(in);
}

static void accept13(hello_in_t *in)
{
    if (in->hello.extensions.seen & EXT_COOKIE) {
        in->retried = retry_open(in->ctx, in->session, &in->hello, &in->retry);
        if (in->retried)
            start(in, true);
        else
            refuse(in, DTLS_ERR_ILLEGAL_PARAMETER); /* RFC 9147 section 5.1 */
    } else {
        reader_t identities = in->hello.extensions.identities;
        in->by_ticket = proven_by_ticket(in, take_block(&identities, 2));
        bool retry = needs_group(in) || (!in->by_ticket && cookie_wanted(in));
        if (!retry)
            start(in, in->by_ticket);
        else if (retry_is_hopeless(in->ctx, &in->hello))
            refuse(in, DTLS_ERR_NO_KEY_EXCHANGE);
        else if (!ask_retry(in))
            refuse(in, DTLS_ERR_NO_CIPHER_SUITE);
    }
}

/* Whoever receives at that address is told by an alert, others get no answer. */
static void accept_malformed(hello_in_t *in)
{
    bool cookie13 = in->hello.extensions.seen & EXT_COOKIE;
    bool proven =
        cookie13 ? retry_open(in->ctx, in->session, &in->hello, &in->retry) : address_proven(in);
    if (proven || !cookie_wanted(in))
        start(in, proven);
    else
        drop(in, DTLS_DROP_BAD_HELLO);
}

/* ---- a hello in fragments, where the application vouches for the addresses ---- */

static dtls_error_t receive_gathered(conn_t *conn, reader_t *body, const message_t *message)
{
    client_hello_t hello;
    reader_t again = *body;
    dtls_error_t error = client_hello_parse(&again, &hello);
    if (error)
        return error;
    const conn_t *live = conn->peer->conn;
    if (live != conn && crypto_equal(live->client_random, hello.random, RANDOM_LENGTH)) {
        conn_end(conn, 0); /* a late copy of the hello that began what there is */
        return HS_IGNORE;
    }
    if (conn_is_own_call(conn->ctx, hello.random))
        return DTLS_ERR_ILLEGAL_PARAMETER;
    memcpy(conn->client_random, hello.random, RANDOM_LENGTH);
    conn->rows = rows_for(hs_choose_version(conn->ctx, &hello));
    return conn->rows[0].receive(conn, body, message);
}

static dtls_error_t after_gathered(conn_t *conn)
{
    conn->state = conn->rows[0].next;
    return conn->rows[0].then(conn);
}

static const hs_row_t gathering_rows[] = {
    {SERVER_WAIT_HELLO, HANDSHAKE_CLIENT_HELLO, 0, 0, RECORD_MAX_PLAINTEXT, receive_gathered,
     after_gathered, SERVER_WAIT_HELLO},
    {.receive = NULL},
};

static conn_t *gathering(const dtls_peer_t *peer)
{
    conn_t *conns[] = {peer ? peer->candidate : NULL, peer ? peer->conn : NULL};
    for (size_t i = 0; i < 2; i++)
        if (conns[i] && conns[i]->rows == gathering_rows && conns[i]->phase == PHASE_HANDSHAKE)
            return conns[i];
    return NULL;
}

static void start_gathering(const hello_in_t *in)
{
    conn_t *conn = begin(in, false);
    if (!conn)
        return;
    conn->rows = gathering_rows;
    conn_event(conn, 0, DTLS_EVENT_CONNECT);
    if (conn->phase == PHASE_HANDSHAKE)
        hs_record(conn, in->record);
}

/* The whole hello has been answered; the client repeats it piece by piece. */
static bool repeats_answered(const hello_in_t *in)
{
    const conn_t *conn = in->peer ? in->peer->conn : NULL;
    return conn && !conn->client && waits_for_first_answer(conn) &&
           in->fragment.seq == conn->hello_seq;
}

/* False: it is of no use. */
static bool gather(const hello_in_t *in)
{
    conn_t *conn = gathering(in->peer);
    bool in_pieces = in->is_fragment && !fragment_is_whole(&in->fragment);
    if (conn) {
        hs_record(conn, in->record);
    } else if (in_pieces && repeats_answered(in)) {
        if (in->fragment.offset == 0)
            answer_repeat(in, in->peer->conn);
    } else if (in_pieces && in->ctx->config.cookie == DTLS_COOKIE_OFF) {
        start_gathering(in);
    } else {
        return false;
    }
    return true;
}

/* What has come in pieces so far, perhaps of a client that is no more, gives way to what is whole. */
static void stop_gathering(hello_in_t *in)
{
    conn_t *conn = gathering(in->peer);
    if (!conn)
        return;
    conn->failure = (failure_t){.error = DTLS_ERR_REPLACED};
    conn_end(conn, DTLS_EVENT_FAILED);
    in->peer = peers_find(in->ctx, in->session);
}

static void take_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                       const record_t *record)
{
    hello_in_t in = {.ctx = ctx, .session = session, .peer = peer, .record = record};
    if (!ctx->config.accept || (peer && peer->conn->client)) {
        drop(&in, peer ? DTLS_DROP_UNAUTHENTICATED : DTLS_DROP_NO_PEER);
        return;
    }
    if (!parse(&in)) {
        if (!gather(&in))
            drop(&in, DTLS_DROP_BAD_HELLO);
        return;
    }
    stop_gathering(&in);
    conn_t *known = started_by(&in);
    if (known && in.malformed) {
        drop(&in, DTLS_DROP_BAD_HELLO);
        return;
    }
    trace_record(ctx, session, record);
    trace_fragment(ctx, session, record, &in.fragment, known != NULL);
    if (known) {
        answer_repeat(&in, known);
        return;
    }
    if (!cookies_rotate(&ctx->cookies, &ctx->config, now_of(ctx))) {
        drop(&in, DTLS_DROP_LIMIT);
        return;
    }
    in.version = hs_choose_version(ctx, &in.hello);
    if (in.malformed)
        accept_malformed(&in);
    else if (in.version == 0)
        refuse(&in, DTLS_ERR_VERSION);
    else if (in.version == VERSION_DTLS13)
        accept13(&in);
    else
        accept12(&in);
}

void accept_hello(dtls_context_t *ctx, session_t *session, dtls_peer_t *peer,
                  const record_t *record)
{
    terms_t room;
    const terms_t *outer = ctx->terms, *asked = terms_ask(ctx, session, &room);
    ctx->terms = asked;
    take_hello(ctx, session, asked == &room ? peers_find(ctx, session) : peer, record);
    ctx->terms = outer;
}
