/*
 * decode.c - dtls_decode_message(): the messages of other stacks, compared with what the library
 * understands of them; malformed messages; numbers that no registry names.
 */
#include "base/iana.h"
#include "crypto/suite.h"
#include "message/hello.h"
#include "message/reassembly.h"
#include "vectors.h"

#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields as text ---- */

/* The fields of a message as JSON without quotes, and what the checks need of them. */
typedef struct {
    char text[16384];
    size_t used;
    int depth;
    bool malformed, first;
    size_t malformed_at, after; /* number of fields after the malformed one that are no END */
    uint16_t suites[100];
    size_t suite_count;
    unsigned extensions[100];
    size_t extension_count;
    const char *list; /* the innermost open list with a name */
    uint8_t cid[256];
    size_t cid_length;
} shown_t;

__attribute__((format(printf, 2, 3))) static void add(shown_t *shown, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    size_t room = sizeof shown->text - shown->used;
    int length = vsnprintf(shown->text + shown->used, room, format, arguments);
    va_end(arguments);
    CHECK(length >= 0 && (size_t)length < room);
    shown->used += (size_t)length;
}

static void note_values(shown_t *shown, const dtls_field_t *field)
{
    const char *name = field->name ? field->name : "";

    if (field->kind == DTLS_FIELD_LIST)
        shown->list = field->name;
    if (field->kind == DTLS_FIELD_CODE && !field->name && shown->list &&
        strcmp(shown->list, "cipher_suites") == 0 && shown->suite_count < 100)
        shown->suites[shown->suite_count++] = (uint16_t)field->number;
    if (strcmp(name, "type") == 0 && shown->depth == 2 && shown->extension_count < 100)
        shown->extensions[shown->extension_count++] = field->number;
    if (strcmp(name, "cid") == 0 && field->length < sizeof shown->cid) {
        memcpy(shown->cid, field->data, field->length);
        shown->cid_length = field->length;
    }
}

static void add_value(shown_t *shown, const dtls_field_t *field)
{
    switch (field->kind) {
    case DTLS_FIELD_NUMBER: add(shown, "%u", field->number); break;
    case DTLS_FIELD_CODE:
        if (field->text)
            add(shown, "%s", field->text);
        else
            add(shown, "%#x", field->number);
        break;
    case DTLS_FIELD_TEXT:
        add(shown, "'%.*s'", (int)field->length, (const char *)field->data);
        break;
    case DTLS_FIELD_BYTES:
        for (size_t i = 0; i < field->length; i++)
            add(shown, "%02x", field->data[i]);
        break;
    case DTLS_FIELD_OPAQUE: add(shown, "%zu B", field->length); break;
    case DTLS_FIELD_MALFORMED: add(shown, "%u", field->number); break;
    case DTLS_FIELD_LIST: add(shown, "["); break;
    case DTLS_FIELD_OBJECT: add(shown, "{"); break;
    case DTLS_FIELD_END: add(shown, ")"); break;
    }
}

static void show(void *arg, const dtls_field_t *field)
{
    shown_t *shown = arg;
    bool end = field->kind == DTLS_FIELD_END;

    shown->after += shown->malformed && !end;
    if (field->kind == DTLS_FIELD_MALFORMED) {
        shown->malformed = true;
        shown->malformed_at = field->number;
    }
    note_values(shown, field);
    if (!end)
        add(shown, "%s", shown->first ? "" : " ");
    if (field->name)
        add(shown, "%s=", field->name);
    add_value(shown, field);
    bool begin = field->kind == DTLS_FIELD_LIST || field->kind == DTLS_FIELD_OBJECT;
    shown->depth += begin - end;
    shown->first = begin;
    CHECK(shown->depth >= 0);
}

static int decode(shown_t *shown, const dtls_message_t *message)
{
    memset(shown, 0, sizeof *shown);
    shown->first = true;
    int result = dtls_decode_message(message, show, shown);
    CHECK_EQ(shown->depth, 0);
    CHECK_EQ(shown->after, 0);
    CHECK_EQ(result, shown->malformed ? -DTLS_ERR_DECODE : 0);
    CHECK(!shown->malformed || shown->malformed_at <= message->length);
    return result;
}

static shown_t decoded;

static void check_text(uint8_t type, uint16_t version, uint16_t suite, const char *hex,
                       const char *expected)
{
    uint8_t body[512];
    size_t length = UNHEX(hex, body);

    NOTE("%s", expected);
    decode(
        &decoded,
        &(dtls_message_t){
            .msg_type = type, .version = version, .suite = suite, .body = body, .length = length});
    CHECK_STR(decoded.text, expected);
}

/* ---- what other stacks sent ---- */

static void check_suites(reader_t suites)
{
    CHECK_EQ(decoded.suite_count, reader_left(&suites) / 2);
    for (size_t i = 0; i < decoded.suite_count; i++)
        CHECK_EQ(decoded.suites[i], take_u16(&suites));
}

/* Each extension that the library has understood was decoded. */
static void check_extensions(const extensions_t *extensions)
{
    unsigned seen = 0;

    for (unsigned bits = extensions->seen; bits > 0; bits &= bits - 1)
        seen++;
    CHECK(decoded.extension_count >= seen);
    if (extensions->seen & EXT_CONNECTION_ID) {
        CHECK_EQ(decoded.cid_length, reader_left(&extensions->cid));
        CHECK_MEM(decoded.cid, extensions->cid.at, decoded.cid_length);
    }
}

static void check_hello(const dtls_message_t *message)
{
    reader_t body = reader(message->body, message->length);
    client_hello_t client;
    server_hello_t server;

    if (message->msg_type == HANDSHAKE_CLIENT_HELLO) {
        CHECK_EQ(client_hello_parse(&body, &client), DTLS_ERR_NONE);
        check_suites(client.suites);
        check_extensions(&client.extensions);
    } else if (message->msg_type == HANDSHAKE_SERVER_HELLO) {
        CHECK_EQ(server_hello_parse(&body, true, &server), DTLS_ERR_NONE);
        check_extensions(&server.extensions);
        CHECK(strstr(decoded.text, suite_by_id(server.suite)->iana_name) != NULL);
    }
}

static size_t checked;

/* Decodes the message whole, and again cut at each length. */
static void check_message(const vector_line_t *line, uint16_t version, uint16_t suite)
{
    vector_bytes_t bytes = vector_bytes(line, line->count - 1);

    CHECK(bytes.length >= MESSAGE_HEADER);
    dtls_message_t message = {.msg_type = bytes.data[0],
                              .version = version,
                              .suite = suite,
                              .length = bytes.length - MESSAGE_HEADER};
    uint8_t *body = malloc(message.length + 1);
    CHECK(body != NULL);
    memcpy(body, bytes.data + MESSAGE_HEADER, message.length);
    message.body = body;
    CHECK_EQ(decode(&decoded, &message), 0);
    check_hello(&message);
    free(body);
    for (size_t length = message.length; length-- > 0;) {
        body = malloc(length + 1); /* a sanitizer sees a read past the end */
        CHECK(body != NULL);
        memcpy(body, bytes.data + MESSAGE_HEADER, length);
        message.body = body;
        message.length = length;
        decode(&decoded, &message);
        free(body);
    }
    checked++;
}

static void check_file(const char *name)
{
    vector_file_t file;
    const vector_line_t *line = NULL;

    NOTE("%s", name);
    vector_open(&file, name);
    line = vector_next(&file, "suite", NULL);
    uint16_t suite = line ? (uint16_t)strtoul(line->fields[0], NULL, 16) : 0;
    uint16_t version = suite ? suite_by_id(suite)->version : 0;
    for (line = NULL; (line = vector_next(&file, "message", line)) != NULL;)
        check_message(line, version, suite);
    vector_close(&file);
}

TEST(messages_of_other_stacks)
{
    vector_each("", check_file);
    CHECK(checked > 300);
}

/* ---- single messages ---- */

TEST(each_message_is_shown)
{
    enum { PSK = 0xc0a8, ECDHE = 0xd001, DHE = 0x00aa, V12 = VERSION_DTLS12, V13 = VERSION_DTLS13 };

    check_text(HANDSHAKE_HELLO_REQUEST, V12, 0, "", "");
    check_text(HANDSHAKE_HELLO_VERIFY_REQUEST, 0, 0, "feff 03 010203",
               "server_version=DTLS 1.0 cookie=3 B");
    check_text(HANDSHAKE_SERVER_KEY_EXCHANGE, V12, PSK, "0004 68696e74",
               "psk_identity_hint='hint'");
    check_text(HANDSHAKE_SERVER_KEY_EXCHANGE, V12, ECDHE, "0000 03 001d 02 aabb",
               "psk_identity_hint='' curve_type=0x3 group=x25519 public_key=2 B");
    check_text(HANDSHAKE_SERVER_KEY_EXCHANGE, V12, DHE, "0000 0001 17 0001 02 0001 05",
               "psk_identity_hint='' prime=1 B generator=1 B public_key=1 B");
    check_text(HANDSHAKE_SERVER_KEY_EXCHANGE, V12, 0, "0000", "data=2 B");
    check_text(HANDSHAKE_CLIENT_KEY_EXCHANGE, V12, PSK, "0005 616c696365", "psk_identity='alice'");
    check_text(HANDSHAKE_CLIENT_KEY_EXCHANGE, V12, ECDHE, "0001 61 02 aabb",
               "psk_identity='a' public_key=2 B");
    check_text(HANDSHAKE_CLIENT_KEY_EXCHANGE, V12, DHE, "0001 61 0002 aabb",
               "psk_identity='a' public_key=2 B");
    check_text(HANDSHAKE_NEW_SESSION_TICKET, V12, PSK, "00000e10 0002 aabb",
               "lifetime=3600 ticket=2 B");
    check_text(HANDSHAKE_NEW_SESSION_TICKET, V13, 0,
               "00000e10 00000000 01 00 0002 aabb 0008 002a 0004 00004000",
               "lifetime=3600 nonce=1 B ticket=2 B extensions=[{type=early_data "
               "max_early_data_size=16384))");
    check_text(HANDSHAKE_ENCRYPTED_EXTENSIONS, V13, 0, "0006 001c 0002 4000",
               "extensions=[{type=record_size_limit limit=16384))");
    check_text(HANDSHAKE_REQUEST_CONNECTION_ID, V13, 0, "02", "num_cids=2");
    check_text(HANDSHAKE_NEW_CONNECTION_ID, V13, 0, "0005 01 aa 02 bbcc 01",
               "cids=[aa bbcc) usage=cid_spare");
    check_text(HANDSHAKE_KEY_UPDATE, V13, 0, "01", "request_update=update_requested");
    check_text(HANDSHAKE_FINISHED, V13, 0, "00112233", "verify_data=4 B");
    check_text(HANDSHAKE_CERTIFICATE, V12, 0, "000000", "data=3 B");
    check_text(200, V12, 0, "01", "data=1 B");
}

#define START "fefd 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 00 "
#define START_TEXT                                                                                 \
    "version=DTLS 1.2 random=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "    \
    "session_id=0 B cookie=0 B "

/* A suite, a group, an extension, a version and a mode of GREASE (RFC 8701), and numbers that no
 * registry has. */
TEST(grease_and_unknown_numbers)
{
    check_text(HANDSHAKE_CLIENT_HELLO, 0, 0,
               START "0008 1a1a c02b ffee 00ff 01 00 0024"
                     "2a2a 0001 00"
                     "000a 0006 0004 4a4a 0017"
                     "002b 0005 04 fafa fefc"
                     "002d 0003 02 0b 01"
                     "abcd 0001 ff",
               START_TEXT "cipher_suites=[GREASE TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 0xffee "
                          "TLS_EMPTY_RENEGOTIATION_INFO_SCSV) compression_methods=[null) "
                          "extensions=[{type=GREASE data=1 B) "
                          "{type=supported_groups groups=[GREASE secp256r1)) "
                          "{type=supported_versions versions=[GREASE DTLS 1.3)) "
                          "{type=psk_key_exchange_modes modes=[GREASE psk_dhe_ke)) "
                          "{type=0xabcd data=1 B))");
}

TEST(extensions_of_certificate_clients)
{
    check_text(HANDSHAKE_CLIENT_HELLO, 0, 0,
               START "0002 c02b 01 00 0029"
                     "0000 0007 0005 00 0002 6162"
                     "0010 0006 0004 03 666f6f"
                     "000d 0004 0002 0403"
                     "0015 0002 0000"
                     "0014 0002 01 02",
               START_TEXT "cipher_suites=[TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) "
                          "compression_methods=[null) extensions=[{type=server_name names=['ab')) "
                          "{type=application_layer_protocol_negotiation protocols=['foo')) "
                          "{type=signature_algorithms schemes=[ecdsa_secp256r1_sha256)) "
                          "{type=padding padding=2 B) "
                          "{type=server_certificate_type types=[RawPublicKey)))");
}

/* Each extension in the message of a client and in one of a server. NULL: that message does not have it. */
TEST(contents_of_each_extension)
{
    static const struct {
        uint16_t type;
        const char *client, *client_text, *server, *server_text;
    } rows[] = {
        {0, "0005 00 0002 6162", "server_name names=['ab')", NULL, NULL},
        {1, "01", "max_fragment_length code=1", "02", "max_fragment_length code=2"},
        {10, "0004 001d 0017", "supported_groups groups=[x25519 secp256r1)", "0002 001d",
         "supported_groups groups=[x25519)"},
        {11, "01 00", "ec_point_formats formats=[uncompressed)", "01 00",
         "ec_point_formats formats=[uncompressed)"},
        {13, "0002 0403", "signature_algorithms schemes=[ecdsa_secp256r1_sha256)", NULL, NULL},
        {15, "01", "heartbeat mode=peer_allowed_to_send", "02",
         "heartbeat mode=peer_not_allowed_to_send"},
        {16, "0004 03 666f6f", "application_layer_protocol_negotiation protocols=['foo')", NULL,
         NULL},
        {19, "02 02 00", "client_certificate_type types=[RawPublicKey X509)", "02",
         "client_certificate_type certificate_type=RawPublicKey"},
        {20, "01 02", "server_certificate_type types=[RawPublicKey)", "00",
         "server_certificate_type certificate_type=X509"},
        {21, "0000", "padding padding=2 B", "00", "padding data=1 B"},
        {22, "", "encrypt_then_mac", "", "encrypt_then_mac"},
        {23, "", "extended_master_secret", "", "extended_master_secret"},
        {28, "0040", "record_size_limit limit=64", "4000", "record_size_limit limit=16384"},
        {35, "aabb", "session_ticket ticket=2 B", "", "session_ticket"},
        {41, "0008 0002 6162 00000007 0003 02 ccdd",
         "pre_shared_key identities=[{identity='ab' obfuscated_ticket_age=7)) binders=[2 B)",
         "0001", "pre_shared_key selected_identity=1"},
        {42, "", "early_data", "", "early_data"},
        {43, "02 fefc", "supported_versions versions=[DTLS 1.3)", "fefc",
         "supported_versions selected_version=DTLS 1.3"},
        {44, "0001 aa", "cookie cookie=1 B", "0002 aabb", "cookie cookie=2 B"},
        {45, "02 00 01", "psk_key_exchange_modes modes=[psk_ke psk_dhe_ke)", "01",
         "psk_key_exchange_modes data=1 B"},
        {50, "0002 0804", "signature_algorithms_cert schemes=[rsa_pss_rsae_sha256)", NULL, NULL},
        {51, "0006 001d 0002 aabb", "key_share shares=[{group=x25519 key_exchange=2 B))",
         "001d 0002 aabb", "key_share group=x25519 key_exchange=2 B"},
        {54, "02 aabb", "connection_id cid=aabb", "00", "connection_id cid="},
        {61, "", "rrc", "", "rrc"},
        {65281, "00", "renegotiation_info renegotiated_connection=0 B", "01 aa",
         "renegotiation_info renegotiated_connection=1 B"},
    };
    uint8_t bytes[64];
    char hex[512], text[512];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NOTE("extension %u", rows[i].type);
        size_t length = UNHEX(rows[i].client, bytes);
        snprintf(hex, sizeof hex, START "0002 c02b 01 00 %04zx %04x %04zx %s", length + 4,
                 rows[i].type, length, rows[i].client);
        snprintf(text, sizeof text,
                 START_TEXT "cipher_suites=[TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) "
                            "compression_methods=[null) extensions=[{type=%s))",
                 rows[i].client_text);
        check_text(HANDSHAKE_CLIENT_HELLO, 0, 0, hex, text);
        if (!rows[i].server)
            continue;
        length = UNHEX(rows[i].server, bytes);
        snprintf(hex, sizeof hex, "%04zx %04x %04zx %s", length + 4, rows[i].type, length,
                 rows[i].server);
        snprintf(text, sizeof text, "extensions=[{type=%s))", rows[i].server_text);
        check_text(HANDSHAKE_ENCRYPTED_EXTENSIONS, VERSION_DTLS13, 0, hex, text);
    }
}

/* The offset is that of the field that does not fit, or of the first byte too many. */
TEST(malformed_messages_tell_where)
{
    check_text(HANDSHAKE_HELLO_REQUEST, 0, 0, "00", "malformed_at=0");
    check_text(HANDSHAKE_KEY_UPDATE, 0, 0, "", "malformed_at=0");
    check_text(HANDSHAKE_KEY_UPDATE, 0, 0, "00 00",
               "request_update=update_not_requested malformed_at=1");
    check_text(HANDSHAKE_HELLO_VERIFY_REQUEST, 0, 0, "feff 04 010203",
               "server_version=DTLS 1.0 cookie=3 B malformed_at=6");
    check_text(HANDSHAKE_CLIENT_HELLO, 0, 0, "fefd 0001", "version=DTLS 1.2 malformed_at=2");
    check_text(HANDSHAKE_CLIENT_HELLO, 0, 0, START "0003 c0a8 00 01 00",
               START_TEXT "cipher_suites=[TLS_PSK_WITH_AES_128_CCM_8 malformed_at=40)");
    check_text(HANDSHAKE_ENCRYPTED_EXTENSIONS, 0, 0, "0006 001c 0003 4000",
               "extensions=[{type=record_size_limit limit=16384 malformed_at=8))");
    check_text(HANDSHAKE_ENCRYPTED_EXTENSIONS, 0, 0, "0007 001c 0003 400000",
               "extensions=[{type=record_size_limit limit=16384 malformed_at=8))");
}

TEST(arguments)
{
    const dtls_message_t message = {.msg_type = HANDSHAKE_FINISHED, .length = 1};

    CHECK_EQ(dtls_decode_message(NULL, show, &decoded), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_decode_message(&message, show, &decoded), -DTLS_ERR_ARGUMENT);
    CHECK_EQ(dtls_decode_message(&(dtls_message_t){.msg_type = 0}, NULL, NULL), -DTLS_ERR_ARGUMENT);
}
