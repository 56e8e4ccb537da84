#include "message/ext.h"

#include "base/iana.h"

#include <string.h>

#define EXTENSIONS_MAX 100 /* most extensions in a list: the search for duplicates is quadratic */

typedef dtls_error_t parse_t(reader_t *data, extensions_t *out);

static dtls_error_t result(const reader_t *data, bool ok)
{
    return ok && reader_done(data) ? DTLS_ERR_NONE : DTLS_ERR_DECODE;
}

static dtls_error_t parse_empty(reader_t *data, extensions_t *out)
{
    (void)out;
    return result(data, true);
}

static dtls_error_t parse_renegotiation_info(reader_t *data, extensions_t *out)
{
    reader_t connection = take_block(data, 1);
    out->renegotiation_info_empty = reader_left(&connection) == 0;
    return result(data, !connection.failed);
}

/* Parses a length field of length_width bytes, then one or more entries of width bytes. */
static bool take_list(reader_t *data, size_t length_width, size_t width, reader_t *list)
{
    *list = take_block(data, length_width);
    return !list->failed && reader_left(list) > 0 && reader_left(list) % width == 0;
}

static dtls_error_t parse_versions(reader_t *data, extensions_t *out)
{
    return result(data, take_list(data, 1, 2, &out->versions));
}

static dtls_error_t parse_selected_version(reader_t *data, extensions_t *out)
{
    out->selected_version = take_u16(data);
    return result(data, true);
}

static dtls_error_t parse_groups(reader_t *data, extensions_t *out)
{
    return result(data, take_list(data, 2, 2, &out->groups));
}

static dtls_error_t parse_point_formats(reader_t *data, extensions_t *out)
{
    return result(data, take_list(data, 1, 1, &out->point_formats));
}

static dtls_error_t parse_modes(reader_t *data, extensions_t *out)
{
    return result(data, take_list(data, 1, 1, &out->modes));
}

static dtls_error_t parse_cookie(reader_t *data, extensions_t *out)
{
    return result(data, take_list(data, 2, 1, &out->cookie));
}

/* Parses a client's key shares: at most one for each group (RFC 8446 section 4.2.8). */
static dtls_error_t parse_shares(reader_t *data, extensions_t *out)
{
    uint16_t seen[EXTENSIONS_MAX];
    size_t count = 0;
    out->shares = take_block(data, 2);
    for (reader_t list = out->shares; reader_left(&list) > 0; count++) {
        uint16_t group = take_u16(&list);
        reader_t key_exchange = take_block(&list, 2);
        if (key_exchange.failed || reader_left(&key_exchange) == 0 || count == EXTENSIONS_MAX)
            return DTLS_ERR_DECODE;
        for (size_t i = 0; i < count; i++)
            if (seen[i] == group)
                return DTLS_ERR_ILLEGAL_PARAMETER;
        seen[count] = group;
    }
    return result(data, !out->shares.failed);
}

static dtls_error_t parse_share(reader_t *data, extensions_t *out)
{
    out->share_group = take_u16(data);
    out->share = take_block(data, 2);
    return result(data, !out->share.failed);
}

static dtls_error_t parse_share_group(reader_t *data, extensions_t *out)
{
    out->share_group = take_u16(data);
    return result(data, true);
}

/* Counts the entries of a list. Each entry is a block of at least `least` bytes, followed by
 * `after` bytes. Returns 0 if the list is malformed. */
static size_t count_blocks(reader_t list, size_t length_width, size_t least, size_t after)
{
    size_t count = 0;
    while (reader_left(&list) > 0) {
        reader_t entry = take_block(&list, length_width);
        take_bytes(&list, after);
        if (entry.failed || list.failed || reader_left(&entry) < least)
            return 0;
        count++;
    }
    return count;
}

/* Parses PSK identities with ticket ages, and one binder for each (RFC 8446 section 4.2.11). */
static dtls_error_t parse_psks(reader_t *data, extensions_t *out)
{
    out->identities = take_block(data, 2);
    out->truncated_at = data->at;
    out->binders = take_block(data, 2);
    size_t identities = count_blocks(out->identities, 2, 1, 4);
    size_t binders = count_blocks(out->binders, 1, 32, 0);
    if (!reader_done(data) || identities == 0 || binders == 0)
        return DTLS_ERR_DECODE;
    return identities == binders ? DTLS_ERR_NONE : DTLS_ERR_ILLEGAL_PARAMETER;
}

static dtls_error_t parse_selected_identity(reader_t *data, extensions_t *out)
{
    out->selected_identity = take_u16(data);
    return result(data, true);
}

static dtls_error_t parse_connection_id(reader_t *data, extensions_t *out)
{
    out->cid = take_block(data, 1);
    return result(data, !out->cid.failed);
}

static dtls_error_t parse_session_ticket(reader_t *data, extensions_t *out)
{
    out->session_ticket = take_rest(data);
    return DTLS_ERR_NONE;
}

static dtls_error_t parse_heartbeat(reader_t *data, extensions_t *out)
{
    out->heartbeat_mode = take_u8(data);
    bool known = out->heartbeat_mode == PEER_ALLOWED_TO_SEND ||
                 out->heartbeat_mode == PEER_NOT_ALLOWED_TO_SEND;
    dtls_error_t error = result(data, true);
    /* An unknown mode is an illegal value (RFC 6520 section 2). */
    return error || known ? error : DTLS_ERR_ILLEGAL_PARAMETER;
}

static dtls_error_t parse_max_fragment_length(reader_t *data, extensions_t *out)
{
    out->max_fragment_length = take_u8(data);
    return result(data, true);
}

static dtls_error_t parse_record_size_limit(reader_t *data, extensions_t *out)
{
    out->record_size_limit = take_u16(data);
    return result(data, true);
}

static dtls_error_t parse_early_data_size(reader_t *data, extensions_t *out)
{
    out->early_data = (uint32_t)take_uint(data, 4);
    return result(data, true);
}

static const struct {
    uint16_t type;
    unsigned bit;
    /* The parser for each message, indexed by ext_place_t. NULL: the extension must not appear in
     * this message (RFC 8446 section 4.2). */
    parse_t *parse[IN_COUNT];
} rows[] = {
    {EXTENSION_MAX_FRAGMENT_LENGTH,
     EXT_MAX_FRAGMENT_LENGTH,
     {parse_max_fragment_length, NULL, NULL, NULL, parse_max_fragment_length}},
    {EXTENSION_SUPPORTED_GROUPS,
     EXT_SUPPORTED_GROUPS,
     {parse_groups, NULL, NULL, NULL, parse_groups}},
    {EXTENSION_EC_POINT_FORMATS, EXT_EC_POINT_FORMATS, {parse_point_formats, parse_point_formats}},
    {EXTENSION_ENCRYPT_THEN_MAC, EXT_ENCRYPT_THEN_MAC, {parse_empty, parse_empty}},
    {EXTENSION_EXTENDED_MASTER_SECRET, EXT_EXTENDED_MASTER_SECRET, {parse_empty, parse_empty}},
    {EXTENSION_RECORD_SIZE_LIMIT,
     EXT_RECORD_SIZE_LIMIT,
     {parse_record_size_limit, parse_record_size_limit, NULL, NULL, parse_record_size_limit}},
    {EXTENSION_SESSION_TICKET, EXT_SESSION_TICKET, {parse_session_ticket, parse_empty}},
    {EXTENSION_PRE_SHARED_KEY, EXT_PRE_SHARED_KEY, {parse_psks, NULL, parse_selected_identity}},
    {EXTENSION_EARLY_DATA,
     EXT_EARLY_DATA,
     {parse_empty, NULL, NULL, NULL, parse_empty, parse_early_data_size}},
    {EXTENSION_SUPPORTED_VERSIONS,
     EXT_SUPPORTED_VERSIONS,
     {parse_versions, NULL, parse_selected_version, parse_selected_version}},
    {EXTENSION_COOKIE, EXT_COOKIE, {parse_cookie, NULL, NULL, parse_cookie}},
    {EXTENSION_PSK_KEY_EXCHANGE_MODES, EXT_PSK_KEY_EXCHANGE_MODES, {parse_modes}},
    {EXTENSION_KEY_SHARE, EXT_KEY_SHARE, {parse_shares, NULL, parse_share, parse_share_group}},
    {EXTENSION_CONNECTION_ID,
     EXT_CONNECTION_ID,
     {parse_connection_id, parse_connection_id, parse_connection_id}},
    {EXTENSION_HEARTBEAT,
     EXT_HEARTBEAT,
     {parse_heartbeat, parse_heartbeat, NULL, NULL, parse_heartbeat}},
    {EXTENSION_RRC, EXT_RRC, {parse_empty, parse_empty, parse_empty}},
    {EXTENSION_RENEGOTIATION_INFO,
     EXT_RENEGOTIATION_INFO,
     {parse_renegotiation_info, parse_renegotiation_info}},
};

#define ROWS (sizeof rows / sizeof *rows)

/* Returns the error for a known extension in a wrong message (RFC 8446 section 4.2). In a
 * ServerHello, the error is unsupported_extension (RFC 5246 section 7.4.1.4). */
static dtls_error_t misplaced(ext_place_t place)
{
    bool unsolicited = place == IN_SERVER_HELLO_12 || place == IN_SERVER_HELLO_13;
    return unsolicited ? DTLS_ERR_UNSUPPORTED_EXTENSION : DTLS_ERR_ILLEGAL_PARAMETER;
}

static dtls_error_t parse_one(uint16_t type, reader_t *data, ext_place_t place, extensions_t *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].type != type)
            continue;
        if (!rows[i].parse[place])
            return misplaced(place);
        out->seen |= rows[i].bit;
        return rows[i].parse[place](data, out);
    }
    /* Ignore an unknown extension in a ClientHello or a NewSessionTicket (RFC 8446 section 4.6.1).
     * In every other message a server may send only what the client offered (RFC 5246 section
     * 7.4.1.4). */
    bool ignore = place == IN_CLIENT_HELLO || place == IN_NEW_SESSION_TICKET;
    return ignore ? DTLS_ERR_NONE : DTLS_ERR_UNSUPPORTED_EXTENSION;
}

static dtls_error_t parse_list(reader_t list, ext_place_t place, extensions_t *out)
{
    uint16_t seen[EXTENSIONS_MAX];
    for (size_t count = 0; reader_left(&list) > 0; count++) {
        uint16_t type = take_u16(&list);
        reader_t data = take_block(&list, 2);
        if (data.failed || count == EXTENSIONS_MAX)
            return DTLS_ERR_DECODE;
        for (size_t i = 0; i < count; i++)
            if (seen[i] == type)
                return DTLS_ERR_ILLEGAL_PARAMETER;
        seen[count] = type;
        /* pre_shared_key must be the last extension (RFC 8446 section 4.2.11). */
        if (place == IN_CLIENT_HELLO && out->seen & EXT_PRE_SHARED_KEY)
            return DTLS_ERR_ILLEGAL_PARAMETER;
        dtls_error_t error = parse_one(type, &data, place, out);
        if (error)
            return error;
    }
    return DTLS_ERR_NONE;
}

/* Stores the supported_versions of a malformed list: the server needs them to choose its alert. */
static void find_versions(reader_t list, extensions_t *out)
{
    while (reader_left(&list) > 0 && !(out->seen & EXT_SUPPORTED_VERSIONS)) {
        uint16_t type = take_u16(&list);
        reader_t data = take_block(&list, 2);
        if (type == EXTENSION_SUPPORTED_VERSIONS && parse_versions(&data, out) == DTLS_ERR_NONE)
            out->seen |= EXT_SUPPORTED_VERSIONS;
    }
}

dtls_error_t ext_parse(reader_t *body, ext_place_t place, extensions_t *out)
{
    memset(out, 0, sizeof *out);
    if (body->failed)
        return DTLS_ERR_DECODE;
    if (reader_left(body) == 0)
        return place >= IN_ENCRYPTED_EXTENSIONS ? DTLS_ERR_DECODE : DTLS_ERR_NONE;
    reader_t list = take_block(body, 2);
    if (list.failed || !reader_done(body))
        return DTLS_ERR_DECODE;
    dtls_error_t error = parse_list(list, place, out);
    if (error && place == IN_CLIENT_HELLO)
        find_versions(list, out);
    return error;
}

bool ext_present(reader_t body, uint16_t type)
{
    reader_t list = take_block(&body, 2);
    while (reader_left(&list) > 0) {
        uint16_t entry = take_u16(&list);
        take_block(&list, 2);
        if (entry == type)
            return true;
    }
    return false;
}

bool list_contains_u16(reader_t list, uint16_t number)
{
    while (reader_left(&list) > 0)
        if (take_u16(&list) == number)
            return true;
    return false;
}

bool list_contains_u8(reader_t list, uint8_t number)
{
    while (reader_left(&list) > 0)
        if (take_u8(&list) == number)
            return true;
    return false;
}

bool find_share(reader_t shares, uint16_t group, reader_t *key_exchange)
{
    while (reader_left(&shares) > 0) {
        uint16_t entry = take_u16(&shares);
        *key_exchange = take_block(&shares, 2);
        if (entry == group)
            return true;
    }
    return false;
}

/* ---- writing ---- */

void put_ext_empty(writer_t *w, uint16_t type)
{
    put_u16(w, type);
    put_u16(w, 0);
}

void put_ext_number(writer_t *w, uint16_t type, uint32_t value, size_t width)
{
    put_u16(w, type);
    put_u16(w, (unsigned)width);
    put_uint(w, value, width);
}

void put_ext_renegotiation_info(writer_t *w)
{
    put_ext_u8(w, EXTENSION_RENEGOTIATION_INFO, 0);
}

void put_ext_early_data_size(writer_t *w, uint32_t size)
{
    put_ext_number(w, EXTENSION_EARLY_DATA, size, 4);
}

void put_ext_heartbeat(writer_t *w)
{
    put_ext_u8(w, EXTENSION_HEARTBEAT, PEER_ALLOWED_TO_SEND);
}

void put_ext_point_formats(writer_t *w)
{
    const uint16_t formats[] = {POINT_FORMAT_UNCOMPRESSED};
    put_ext_list(w, EXTENSION_EC_POINT_FORMATS, 1, 1, formats, 1);
}

void put_ext_connection_id(writer_t *w, const uint8_t *cid, size_t length)
{
    put_u16(w, EXTENSION_CONNECTION_ID);
    put_u16(w, (unsigned)(1 + length));
    put_u8(w, (unsigned)length);
    put_bytes(w, cid, length);
}

void put_ext_cookie(writer_t *w, const uint8_t *cookie, size_t length)
{
    put_u16(w, EXTENSION_COOKIE);
    block_t data = open_block(w, 2);
    put_u16(w, (unsigned)length);
    put_bytes(w, cookie, length);
    close_block(w, data);
}

void put_ext_list(writer_t *w, uint16_t type, size_t length_width, size_t width,
                  const uint16_t *numbers, size_t count)
{
    put_u16(w, type);
    block_t data = open_block(w, 2);
    block_t list = open_block(w, length_width);
    for (size_t i = 0; i < count; i++)
        put_uint(w, numbers[i], width);
    close_block(w, list);
    close_block(w, data);
}

void put_share(writer_t *w, uint16_t group, const uint8_t *key_exchange, size_t length)
{
    put_u16(w, group);
    put_u16(w, (unsigned)length);
    put_bytes(w, key_exchange, length);
}
