#include "handshake/retry.h"

#include "base/iana.h"
#include "handshake/hs13.h"
#include "handshake/hs_server.h"

#include <string.h>

/* ---- what to request ---- */

static bool wants_dhe(const dtls_context_t *ctx, const client_hello_t *hello)
{
    return hs13_offers_dhe(ctx) && list_contains_u8(hello->extensions.modes, PSK_DHE_KE);
}

const group_t *retry_choose_group(const dtls_context_t *ctx, const client_hello_t *hello,
                                  reader_t *share)
{
    for (size_t i = 0; wants_dhe(ctx, hello) && i < ctx->group_count; i++)
        if (find_share(hello->extensions.shares, ctx->groups[i], share))
            return group_by_id(ctx->groups[i]);
    return NULL;
}

uint16_t retry_missing_group(const dtls_context_t *ctx, const client_hello_t *hello)
{
    reader_t share;
    if (!(hello->extensions.seen & EXT_KEY_SHARE))
        /* supported_groups without key_share is malformed (RFC 8446 section 9.2). Other code
         * reports that. */
        return 0;
    if (!wants_dhe(ctx, hello) || retry_choose_group(ctx, hello, &share))
        return 0;
    for (size_t i = 0; i < ctx->group_count; i++)
        if (list_contains_u16(hello->extensions.groups, ctx->groups[i]))
            return ctx->groups[i];
    return 0;
}

bool retry_is_hopeless(const dtls_context_t *ctx, const client_hello_t *hello)
{
    reader_t share;
    bool ke = hs13_offers_psk_ke(ctx, false) && list_contains_u8(hello->extensions.modes, PSK_KE);
    return !ke && !retry_choose_group(ctx, hello, &share) && !retry_missing_group(ctx, hello);
}

bool retry_decide(const dtls_context_t *ctx, const client_hello_t *hello, const uint8_t *message,
                  size_t length, retry_t *retry)
{
    const suite_t *suite = hs_choose_suite(ctx, VERSION_DTLS13, hello);
    transcript_t transcript = {.hash = NULL};
    if (!suite)
        return false;
    *retry = (retry_t){
        .suite = suite->id, .group = retry_missing_group(ctx, hello), .hash = suite->hash};
    bool ok = transcript_start(&transcript, ctx->crypto, suite->hash, true) &&
              transcript_add(&transcript, message, length) &&
              transcript_hash(&transcript, retry->hello_hash);
    transcript_end(&transcript);
    return ok;
}

/* ---- the cookie: suite, group, hash of ClientHello1, and a MAC over these and the client ---- */

static cookie_subject_t retry_subject(const session_t *session, const client_hello_t *hello,
                                      const uint8_t *content, size_t length)
{
    return (cookie_subject_t){
        .session = session,
        /* A DTLS 1.2 cookie has another version here, so it is invalid as a cookie of DTLS 1.3. */
        .version = 0,
        .random = hello->random,
        .session_id = hello->session_id.at,
        .session_id_length = reader_left(&hello->session_id),
        .suites = content,
        .suites_length = length};
}

static size_t put_cookie_content(const retry_t *retry, uint8_t *out)
{
    writer_t w = writer(out, RETRY_COOKIE_MAX);
    put_u16(&w, retry->suite);
    put_u16(&w, retry->group);
    put_bytes(&w, retry->hello_hash, hash_length(retry->hash));
    return writer_length(&w);
}

bool retry_seal(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry)
{
    size_t length = put_cookie_content(retry, retry->cookie);
    cookie_subject_t subject = retry_subject(session, hello, retry->cookie, length);
    retry->cookie_length = length + COOKIE13_LENGTH;
    return cookie_make(&ctx->cookies, &subject, retry->cookie + length, COOKIE13_LENGTH);
}

bool retry_open(dtls_context_t *ctx, const session_t *session, const client_hello_t *hello,
                retry_t *retry)
{
    reader_t r = hello->extensions.cookie;
    size_t length = reader_left(&r);
    if (length <= COOKIE13_LENGTH || length > sizeof retry->cookie)
        return false;
    const uint8_t *content = r.at;
    cookie_subject_t subject = retry_subject(session, hello, content, length - COOKIE13_LENGTH);
    *retry = (retry_t){.cookie_length = length};
    retry->suite = take_u16(&r);
    retry->group = take_u16(&r);
    const suite_t *suite = suite_by_id(retry->suite);
    if (!suite || length != 4 + hash_length(suite->hash) + COOKIE13_LENGTH)
        return false;
    retry->hash = suite->hash;
    memcpy(retry->hello_hash, take_bytes(&r, hash_length(suite->hash)), hash_length(suite->hash));
    memcpy(retry->cookie, content, length);
    return cookie_check(&ctx->cookies, &subject, content + length - COOKIE13_LENGTH,
                        COOKIE13_LENGTH);
}

/* ---- the message ---- */

size_t retry_message(const retry_t *retry, uint16_t seq, uint8_t out[RETRY_MAX])
{
    writer_t w = writer(out, RETRY_MAX);
    put_message_header(&w, HANDSHAKE_SERVER_HELLO, 0, seq);
    put_server_hello_start(&w, hello_retry_random, (bytes_t){NULL, 0}, retry->suite);
    block_t extensions = open_block(&w, 2);
    put_ext_u16(&w, EXTENSION_SUPPORTED_VERSIONS, VERSION_DTLS13);
    if (retry->group)
        put_ext_u16(&w, EXTENSION_KEY_SHARE, retry->group);
    put_ext_cookie(&w, retry->cookie, retry->cookie_length);
    close_block(&w, extensions);
    size_t length = writer_length(&w);
    writer_t header = writer(out, MESSAGE_HEADER);
    put_message_header(&header, HANDSHAKE_SERVER_HELLO, (uint32_t)(length - MESSAGE_HEADER), seq);
    return length;
}
