#include "api/challenge.h"

#include "base/iana.h"
#include "conn/output.h"
#include "conn/pending.h"
#include "conn/validation.h"
#include "handshake/hs12_resume.h"
#include "handshake/hs12_server.h"

/* Returns the inputs of a DTLS 1.2 cookie: the address and fields of the ClientHello. If the client
 * offers a ticket, the session ID is not an input: a client uses it only to detect the resumption (RFC
 * 5077 section 3.4), and some clients change it in each ClientHello. */
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

/* The most bytes that a further fragment of a message takes for headers and tag. */
#define FRAGMENT_OVERHEAD 41

/* Returns true if our first flight is too long for an address that is not validated. In DTLS 1.3 it
 * never is, unless config.fragment is small: without headers the flight is not longer than the
 * ClientHello, which has a binder and the same key share. */
static bool response_is_large(const hello_in_t *in)
{
    size_t size = in->record->size, fragment = in->ctx->config.fragment;
    size_t length = in->version == VERSION_DTLS12
                        ? hs12_server_flight_length(in->ctx, in->session, &in->hello)
                        : size;
    if (fragment > 0)
        length += length / fragment * FRAGMENT_OVERHEAD;
    return length > AMPLIFICATION_MAX * size;
}

/* Returns true if we may resume a DTLS 1.2 session. In a resumption the client sends the last
 * flight. If that flight is lost, the client resends it only after we have resent our own flight,
 * which we may do without limit only if the address is validated. */
static bool waits_for_client(const hello_in_t *in)
{
    return in->version == VERSION_DTLS12 && hs12_may_resume(in->ctx, &in->hello);
}

static bool is_busy(const hello_in_t *in)
{
    return in->peer || pending_half_open(in->ctx) >= (in->ctx->config.max_half_open + 7) / 8;
}

bool challenge_always_needed(const hello_in_t *in)
{
    dtls_cookie_t cookie = in->ctx->config.cookie;
    return cookie == DTLS_COOKIE_ON || (cookie == DTLS_COOKIE_AUTO && is_busy(in));
}

bool challenge_needed(const hello_in_t *in)
{
    return challenge_always_needed(in) || response_is_large(in) ||
           (in->ctx->config.cookie == DTLS_COOKIE_AUTO && waits_for_client(in));
}

/* Compares the cookie of the ClientHello with the right cookie. Stores the right cookie for
 * challenge_by_cookie(), so that each ClientHello takes only one HMAC. */
bool challenge_passed(hello_in_t *in)
{
    const uint8_t *offered = in->hello.cookie.at;
    if (reader_left(&in->hello.cookie) != COOKIE_LENGTH)
        return false;
    cookie_subject_t subject = subject_of(in);
    in->has_cookie = cookie_remake(&in->ctx->cookies, &subject, offered, in->cookie, COOKIE_LENGTH);
    return in->has_cookie && crypto_equal(offered, in->cookie, COOKIE_LENGTH);
}

/* Sends a HelloVerifyRequest, which is shorter than the ClientHello and is never resent. Its record
 * number (RFC 6347 section 4.2.1) and message_seq are copies of those of the ClientHello, because
 * the server stores no numbers. */
void challenge_by_cookie(hello_in_t *in)
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

bool challenge_by_retry(hello_in_t *in)
{
    uint8_t message[RETRY_MAX];
    const uint8_t *hello = in->fragment.body - MESSAGE_HEADER;
    if (!retry_decide(in->ctx, &in->hello, hello, MESSAGE_HEADER + in->fragment.length,
                      &in->retry) ||
        !retry_seal(in->ctx, in->session, &in->hello, &in->retry))
        return false;
    size_t length = retry_message(&in->retry, in->fragment.seq, message);
    if (RECORD_HEADER + length > in->record->size)
        return false; /* the ClientHello has no binder as long as the hash of the suite */
    output_stateless(in->ctx, in->session, in->record->sequence, message, length);
    return true;
}
