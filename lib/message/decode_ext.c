#include "message/decode_ext.h"

#include "base/iana.h"
#include "message/codes.h"

typedef void step_t(decoder_t *d, reader_t *r);

static void nothing(decoder_t *d, reader_t *r)
{
    (void)d, (void)r;
}

static void rest(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "data");
}

/* Shows a list of texts, each after a length field of one or two bytes. A server name has a type
 * before its length (RFC 6066 section 3). */
static void texts(decoder_t *d, reader_t *r, const char *name, size_t width, bool typed)
{
    reader_t list = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, name);
    while (reader_left(&list) > 0) {
        if (typed)
            take_u8(&list);
        decode_bytes(d, &list, width, DTLS_FIELD_TEXT, NULL);
    }
    decode_end(d);
}

/* A server responds with an empty extension. */
static void server_names(decoder_t *d, reader_t *r)
{
    if (reader_left(r) > 0)
        texts(d, r, "names", 2, true);
}

static void protocols(decoder_t *d, reader_t *r)
{
    texts(d, r, "protocols", 1, false);
}

static void max_fragment_length(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 1, "code");
}

static void groups(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 2, 2, "groups", code_group);
}

static void point_formats(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 1, 1, "formats", code_point_format);
}

static void signatures(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 2, 2, "schemes", code_signature);
}

static const char *heartbeat_mode(uint16_t mode)
{
    return mode == PEER_ALLOWED_TO_SEND       ? "peer_allowed_to_send"
           : mode == PEER_NOT_ALLOWED_TO_SEND ? "peer_not_allowed_to_send"
                                              : NULL;
}

static void heartbeat(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 1, "mode", heartbeat_mode);
}

static void certificate_types(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 1, 1, "types", code_certificate_type);
}

static void certificate_type(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 1, "certificate_type", code_certificate_type);
}

static void padding(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "padding");
}

static void record_size_limit(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 2, "limit");
}

static void session_ticket(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 0, DTLS_FIELD_OPAQUE, "ticket");
}

static void psk_offers(decoder_t *d, reader_t *r)
{
    reader_t identities = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, "identities");
    while (reader_left(&identities) > 0) {
        decode_begin(d, DTLS_FIELD_OBJECT, NULL);
        decode_bytes(d, &identities, 2, DTLS_FIELD_TEXT, "identity");
        decode_number(d, &identities, 4, "obfuscated_ticket_age");
        decode_end(d);
    }
    decode_end(d);
    reader_t binders = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, "binders");
    while (reader_left(&binders) > 0)
        decode_bytes(d, &binders, 1, DTLS_FIELD_OPAQUE, NULL);
    decode_end(d);
}

static void selected_identity(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 2, "selected_identity");
}

static void early_data_size(decoder_t *d, reader_t *r)
{
    decode_number(d, r, 4, "max_early_data_size");
}

static void versions(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 1, 2, "versions", code_version);
}

static void selected_version(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 2, "selected_version", code_version);
}

static void cookie(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "cookie");
}

static void psk_modes(decoder_t *d, reader_t *r)
{
    decode_codes(d, r, 1, 1, "modes", code_psk_mode);
}

static void share(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 2, "group", code_group);
    decode_bytes(d, r, 2, DTLS_FIELD_OPAQUE, "key_exchange");
}

static void shares(decoder_t *d, reader_t *r)
{
    reader_t list = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, "shares");
    while (reader_left(&list) > 0) {
        decode_begin(d, DTLS_FIELD_OBJECT, NULL);
        share(d, &list);
        decode_end(d);
    }
    decode_end(d);
}

static void selected_group(decoder_t *d, reader_t *r)
{
    decode_code(d, r, 2, "selected_group", code_group);
}

static void connection_id(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 1, DTLS_FIELD_BYTES, "cid");
}

static void renegotiation_info(decoder_t *d, reader_t *r)
{
    decode_bytes(d, r, 1, DTLS_FIELD_OPAQUE, "renegotiated_connection");
}

/* The contents of each extension, in a message of a client and in a message of a server. */
static const struct {
    uint16_t type;
    step_t *client, *server;
} rows[] = {
    {0, server_names, server_names},
    {EXTENSION_MAX_FRAGMENT_LENGTH, max_fragment_length, max_fragment_length},
    {EXTENSION_SUPPORTED_GROUPS, groups, groups},
    {EXTENSION_EC_POINT_FORMATS, point_formats, point_formats},
    {13, signatures, signatures},
    {EXTENSION_HEARTBEAT, heartbeat, heartbeat},
    {16, protocols, protocols},
    {19, certificate_types, certificate_type},
    {20, certificate_types, certificate_type},
    {21, padding, rest},
    {EXTENSION_ENCRYPT_THEN_MAC, nothing, nothing},
    {EXTENSION_EXTENDED_MASTER_SECRET, nothing, nothing},
    {EXTENSION_RECORD_SIZE_LIMIT, record_size_limit, record_size_limit},
    {EXTENSION_SESSION_TICKET, session_ticket, nothing},
    {EXTENSION_PRE_SHARED_KEY, psk_offers, selected_identity},
    {EXTENSION_EARLY_DATA, nothing, nothing},
    {EXTENSION_SUPPORTED_VERSIONS, versions, selected_version},
    {EXTENSION_COOKIE, cookie, cookie},
    {EXTENSION_PSK_KEY_EXCHANGE_MODES, psk_modes, rest},
    {EXTENSION_KEY_SHARE, shares, share},
    {50, signatures, signatures},
    {EXTENSION_CONNECTION_ID, connection_id, connection_id},
    {EXTENSION_RRC, nothing, nothing},
    {EXTENSION_RENEGOTIATION_INFO, renegotiation_info, renegotiation_info},
};

static step_t *step_of(uint16_t type, ext_place_t place)
{
    if (place == IN_HELLO_RETRY_REQUEST && type == EXTENSION_KEY_SHARE)
        return selected_group;
    if (place == IN_NEW_SESSION_TICKET && type == EXTENSION_EARLY_DATA)
        return early_data_size;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].type == type)
            return place == IN_CLIENT_HELLO ? rows[i].client : rows[i].server;
    return rest;
}

void decode_extensions(decoder_t *d, reader_t *r, ext_place_t place)
{
    if (d->stopped || (reader_left(r) == 0 && place < IN_ENCRYPTED_EXTENSIONS))
        return;
    reader_t list = decode_part(d, r, 2);
    decode_begin(d, DTLS_FIELD_LIST, "extensions");
    while (reader_left(&list) > 0 && !d->stopped) {
        reader_t ahead = list;
        uint16_t type = take_u16(&ahead);
        decode_begin(d, DTLS_FIELD_OBJECT, NULL);
        decode_code(d, &list, 2, "type", code_extension);
        reader_t data = decode_part(d, &list, 2);
        step_of(type, place)(d, &data);
        decode_end_of(d, &data);
        decode_end(d);
    }
    decode_end(d);
}
