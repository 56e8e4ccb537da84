#include "message/hello.h"

#include "base/iana.h"

#include <string.h>

/* The SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
const uint8_t hello_retry_random[RANDOM_LENGTH] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool is_hello_retry_random(const uint8_t *random)
{
    return memcmp(random, hello_retry_random, RANDOM_LENGTH) == 0;
}

uint8_t message_kind(uint8_t msg_type, const uint8_t *body, size_t length)
{
    reader_t r = reader(body, length);
    take_u16(&r); /* skip legacy_version */
    const uint8_t *random = take_bytes(&r, RANDOM_LENGTH);
    bool retry = msg_type == HANDSHAKE_SERVER_HELLO && random && is_hello_retry_random(random);
    return retry ? HANDSHAKE_HELLO_RETRY_REQUEST : msg_type;
}

/* ---- ClientHello ---- */

dtls_error_t client_hello_parse_start(reader_t *body, client_hello_t *hello)
{
    memset(&hello->extensions, 0, sizeof hello->extensions);
    hello->version = take_u16(body);
    hello->random = take_bytes(body, RANDOM_LENGTH);
    hello->session_id = take_block(body, 1);
    hello->cookie = take_block(body, 1);
    hello->suites = take_block(body, 2);
    hello->compressions = take_block(body, 1);
    size_t suites = reader_left(&hello->suites);
    if (body->failed || reader_left(&hello->session_id) > SESSION_ID_MAX || suites == 0 ||
        suites % 2 != 0 || reader_left(&hello->compressions) == 0)
        return DTLS_ERR_DECODE;
    return DTLS_ERR_NONE;
}

dtls_error_t client_hello_parse(reader_t *body, client_hello_t *hello)
{
    dtls_error_t error = client_hello_parse_start(body, hello);
    return error ? error : ext_parse(body, IN_CLIENT_HELLO, &hello->extensions);
}

static void put_suites(writer_t *w, const hello_params_t *p)
{
    block_t list = open_block(w, 2);
    if (p->grease)
        put_u16(w, grease_value(p->grease, GREASE_SUITE));
    for (size_t i = 0; i < p->suite_count; i++)
        if (p->suites[i]->version == VERSION_DTLS13 ? p->v13 : p->v12)
            put_u16(w, p->suites[i]->id);
    if (p->v12)
        /* the SCSV has the meaning of an empty renegotiation_info, and is shorter (RFC 5746) */
        put_u16(w, SCSV_RENEGOTIATION);
    close_block(w, list);
}

#define LIST_MAX 8

/* Writes an extension with a list, which begins with a GREASE value if there are such values. */
static void put_offer(writer_t *w, const hello_params_t *p, grease_t use, uint16_t type,
                      size_t length_width, size_t width, const uint16_t *numbers, size_t count)
{
    uint16_t list[1 + LIST_MAX];
    size_t first = p->grease != NULL;
    if (p->grease)
        list[0] = grease_value(p->grease, use);
    for (size_t i = 0; i < count && i < LIST_MAX; i++)
        list[first + i] = numbers[i];
    put_ext_list(w, type, length_width, width, list, first + count);
}

static void put_zeros(writer_t *w, size_t length)
{
    uint8_t *space = put_space(w, length);
    if (space)
        memset(space, 0, length);
}

static void put_ext_shares(writer_t *w, const hello_params_t *p)
{
    put_u16(w, EXTENSION_KEY_SHARE);
    block_t data = open_block(w, 2);
    block_t list = open_block(w, 2);
    if (p->grease && p->grease_share)
        put_share(w, grease_value(p->grease, GREASE_GROUP), p->grease, 1);
    put_share(w, p->share_group, p->share, p->share_length);
    close_block(w, list);
    close_block(w, data);
}

static void put_ext_psk(writer_t *w, const hello_params_t *p)
{
    put_u16(w, EXTENSION_PRE_SHARED_KEY);
    block_t data = open_block(w, 2);
    block_t identities = open_block(w, 2);
    for (size_t i = 0; i < p->psk_count; i++) {
        put_u16(w, (unsigned)p->psks[i].identity_length);
        put_bytes(w, p->psks[i].identity, p->psks[i].identity_length);
        put_uint(w, p->psks[i].ticket_age, 4);
    }
    close_block(w, identities);
    block_t binders = open_block(w, 2);
    for (size_t i = 0; i < p->psk_count; i++) {
        put_u8(w, (unsigned)p->binder_length);
        put_zeros(w, p->binder_length);
    }
    close_block(w, binders);
    close_block(w, data);
}

/* Writes the extensions that only DTLS 1.3 uses, except for pre_shared_key. */
static void put_extensions13(writer_t *w, const hello_params_t *p)
{
    const uint16_t versions[] = {VERSION_DTLS13, VERSION_DTLS12};
    put_offer(w, p, GREASE_VERSION, EXTENSION_SUPPORTED_VERSIONS, 1, 2, versions, p->v12 ? 2 : 1);
    if (p->cookie13)
        put_ext_cookie(w, p->cookie13, p->cookie13_length);
    if (p->share_length > 0)
        put_ext_shares(w, p);
    put_offer(w, p, GREASE_MODE, EXTENSION_PSK_KEY_EXCHANGE_MODES, 1, 1, p->modes, p->mode_count);
    if (p->early_data)
        put_ext_empty(w, EXTENSION_EARLY_DATA);
}

static void put_ext_padding(writer_t *w, size_t length)
{
    put_u16(w, EXTENSION_PADDING);
    put_u16(w, (unsigned)(length - EXT_HEADER));
    put_zeros(w, length - EXT_HEADER);
}

void put_client_hello(writer_t *w, const hello_params_t *p)
{
    put_u16(w, VERSION_DTLS12);
    put_bytes(w, p->random, RANDOM_LENGTH);
    put_u8(w, (unsigned)p->session_id.length);
    put_bytes(w, p->session_id.bytes, p->session_id.length);
    put_u8(w, (unsigned)p->cookie12_length);
    put_bytes(w, p->cookie12, p->cookie12_length);
    put_suites(w, p);
    put_u8(w, 1);
    put_u8(w, COMPRESSION_NULL);
    block_t extensions = open_block(w, 2);
    if (p->grease)
        put_ext_grease(w, p->grease, GREASE_FIRST_EXTENSION);
    if (p->v12 && p->extended_master_secret)
        put_ext_empty(w, EXTENSION_EXTENDED_MASTER_SECRET);
    if (p->encrypt_then_mac)
        put_ext_empty(w, EXTENSION_ENCRYPT_THEN_MAC);
    if (p->session_ticket) {
        put_u16(w, EXTENSION_SESSION_TICKET);
        put_u16(w, (unsigned)p->ticket_length);
        put_bytes(w, p->ticket, p->ticket_length);
    }
    if (p->heartbeat)
        put_ext_heartbeat(w);
    if (p->record_size_limit)
        put_ext_u16(w, EXTENSION_RECORD_SIZE_LIMIT, p->record_size_limit);
    if (p->connection_id) {
        put_ext_connection_id(w, p->cid, p->cid_length);
        put_ext_empty(w, EXTENSION_RRC);
    }
    if (p->group_count > 0)
        put_offer(w, p, GREASE_GROUP, EXTENSION_SUPPORTED_GROUPS, 2, 2, p->groups, p->group_count);
    if (p->point_formats)
        put_ext_point_formats(w);
    if (p->v13)
        put_extensions13(w, p);
    if (p->grease)
        put_ext_grease(w, p->grease, GREASE_LAST_EXTENSION);
    if (p->padding > 0)
        put_ext_padding(w, p->padding);
    if (p->v13)
        put_ext_psk(w, p); /* must be the last one (RFC 8446 section 4.2.11) */
    close_block_if_filled(w, extensions);
}

/* ---- HelloVerifyRequest ---- */

dtls_error_t hello_verify_request_parse(reader_t *body, reader_t *cookie)
{
    /* Skip server_version, which does not predict the negotiated version (RFC 6347 section
     * 4.2.1). */
    take_u16(body);
    *cookie = take_block(body, 1);
    return reader_done(body) && !cookie->failed ? DTLS_ERR_NONE : DTLS_ERR_DECODE;
}

void put_hello_verify_request(writer_t *w, const uint8_t *cookie, size_t cookie_length)
{
    put_u16(w, VERSION_DTLS10);
    put_u8(w, (unsigned)cookie_length);
    put_bytes(w, cookie, cookie_length);
}

/* ---- ServerHello ---- */

dtls_error_t server_hello_parse(reader_t *body, bool offered13, server_hello_t *hello)
{
    hello->version = take_u16(body);
    hello->random = take_bytes(body, RANDOM_LENGTH);
    hello->session_id = take_block(body, 1);
    hello->suite = take_u16(body);
    hello->compression = take_u8(body);
    if (body->failed || reader_left(&hello->session_id) > SESSION_ID_MAX)
        return DTLS_ERR_DECODE;
    hello->is13 = offered13 && ext_present(*body, EXTENSION_SUPPORTED_VERSIONS);
    ext_place_t place = hello->is13 ? IN_SERVER_HELLO_13 : IN_SERVER_HELLO_12;
    if (is_hello_retry_random(hello->random))
        place = IN_HELLO_RETRY_REQUEST;
    return ext_parse(body, place, &hello->extensions);
}

void put_server_hello_start(writer_t *w, const uint8_t *random, bytes_t session_id, uint16_t suite)
{
    put_u16(w, VERSION_DTLS12);
    put_bytes(w, random, RANDOM_LENGTH);
    put_u8(w, (unsigned)session_id.length);
    put_bytes(w, session_id.bytes, session_id.length);
    put_u16(w, suite);
    put_u8(w, COMPRESSION_NULL);
}
