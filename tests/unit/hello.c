#include "message/hello.h"
#include "base/iana.h"
#include "common.h"
#include "conn/state.h"
#include "handshake/hs12.h"
#include "handshake/hs12_resume.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

static const uint8_t random_bytes[RANDOM_LENGTH] = {0xc0, 0xc1, 0xc2};

static bool has(const extensions_t *extensions, unsigned bit)
{
    return extensions->seen & bit;
}

/* ---- a ClientHello built from parts ---- */

typedef struct {
    const char *version, *session_id, *cookie, *suites, *compressions,
        *extensions; /* NULL: the default */
} parts_t;

static void put_hex(writer_t *w, size_t width, const char *hex)
{
    uint8_t bytes[1024];
    size_t length = UNHEX(hex, bytes);
    block_t block = open_block(w, width);
    put_bytes(w, bytes, length);
    close_block(w, block);
}

static const char *either(const char *given, const char *usual)
{
    return given ? given : usual;
}

static size_t build(uint8_t *out, const parts_t *parts)
{
    uint8_t version[2];
    writer_t w = writer(out, ROOM);
    UNHEX(either(parts->version, "fefd"), version);
    put_bytes(&w, version, sizeof version);
    put_bytes(&w, random_bytes, sizeof random_bytes);
    put_hex(&w, 1, either(parts->session_id, ""));
    put_hex(&w, 1, either(parts->cookie, ""));
    put_hex(&w, 2, either(parts->suites, "c0a8"));
    put_hex(&w, 1, either(parts->compressions, "00"));
    if (parts->extensions)
        put_hex(&w, 2, parts->extensions);
    CHECK(!w.failed);
    return writer_length(&w);
}

/* Copies the message into a block of its own, so that the sanitizer detects reads past its end. */
static dtls_error_t parse(const uint8_t *bytes, size_t length, client_hello_t *hello)
{
    uint8_t *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    reader_t r = reader(copy, length);
    memset(hello, 0, sizeof *hello);
    dtls_error_t error = client_hello_parse(&r, hello);
    CHECK(error || reader_done(&r));
    free(copy);
    return error;
}

#define EMS "0017 0000 "
#define RENEGOTIATION "ff01 0001 00 "
#define X32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define X128 X32 X32 X32 X32

TEST(hellos_good_and_bad)
{
    static const struct {
        parts_t parts;
        dtls_error_t error;
        bool ems, renegotiation, empty;
    } rows[] = {
        {{.extensions = NULL}, DTLS_ERR_NONE, false, false, false},
        {{.extensions = ""}, DTLS_ERR_NONE, false, false, false},
        {{.extensions = EMS}, DTLS_ERR_NONE, true, false, false},
        {{.extensions = EMS RENEGOTIATION}, DTLS_ERR_NONE, true, true, true},
        {{.extensions = "ff01 0003 02 aabb"}, DTLS_ERR_NONE, false, true, false},
        {{.version = "feff"}, DTLS_ERR_NONE, false, false, false},
        /* A matter of negotiation, not of syntax. */
        {{.version = "0303"}, DTLS_ERR_NONE, false, false, false},
        {{.session_id = X32}, DTLS_ERR_NONE, false, false, false},
        {{.session_id = X32 "00"}, DTLS_ERR_DECODE, false, false, false},
        {{.cookie = X128 X32 X32 X32 "aabb"}, DTLS_ERR_NONE, false, false, false},
        {{.suites = ""}, DTLS_ERR_DECODE, false, false, false},
        {{.suites = "c0"}, DTLS_ERR_DECODE, false, false, false},
        {{.suites = "c0a8 c0"}, DTLS_ERR_DECODE, false, false, false},
        {{.suites = "0a0a c0a8 1a1a fafa 00ff"}, DTLS_ERR_NONE, false, false, false},
        {{.compressions = ""}, DTLS_ERR_DECODE, false, false, false},
        {{.compressions = "01"}, DTLS_ERR_NONE, false, false, false},
        {{.compressions = "0100"}, DTLS_ERR_NONE, false, false, false},
        /* GREASE (RFC 8701) and extensions that other implementations offer */
        {{.extensions = "0a0a 0000 5a5a 0001 00 000f 0001 01 0005 0005 0100000000 " EMS},
         DTLS_ERR_NONE,
         true,
         false,
         false},
        {{.extensions = EMS "0a0a 0000 " EMS}, DTLS_ERR_ILLEGAL_PARAMETER, false, false, false},
        {{.extensions = "0a0a 0000 0a0a 0000"}, DTLS_ERR_ILLEGAL_PARAMETER, false, false, false},
        {{.extensions = RENEGOTIATION RENEGOTIATION},
         DTLS_ERR_ILLEGAL_PARAMETER,
         false,
         false,
         false},
        {{.extensions = "0017 0001 00"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "ff01 0000"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "ff01 0001 01"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "ff01 0002 00 00"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "0017"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "0017 00"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "0a0a 0002 00"}, DTLS_ERR_DECODE, false, false, false},
        {{.extensions = "0a0a ffff 00"}, DTLS_ERR_DECODE, false, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static uint8_t bytes[ROOM];
        client_hello_t hello;
        NOTE("row %zu", i);
        size_t length = build(bytes, &rows[i].parts);
        CHECK_EQ(parse(bytes, length, &hello), rows[i].error);
        if (rows[i].error)
            continue;
        CHECK_EQ(has(&hello.extensions, EXT_EXTENDED_MASTER_SECRET), rows[i].ems);
        CHECK_EQ(has(&hello.extensions, EXT_RENEGOTIATION_INFO), rows[i].renegotiation);
        CHECK_EQ(hello.extensions.renegotiation_info_empty, rows[i].empty);
        CHECK_EQ(parse(bytes, length + 1, &hello), DTLS_ERR_DECODE); /* a byte after the hello */
    }
}

static size_t every_part(uint8_t *out)
{
    static const parts_t parts = {.session_id = "a1a2a3",
                                  .cookie = "b1b2b3b4",
                                  .suites = "c0a8 00a8 00ff",
                                  .compressions = "0100",
                                  .extensions = "0a0a 0002 0000 " RENEGOTIATION EMS};
    return build(out, &parts);
}

TEST(each_field_is_where_it_belongs)
{
    static uint8_t bytes[ROOM];
    reader_t r = reader(bytes, every_part(bytes));
    client_hello_t hello;
    CHECK_EQ(client_hello_parse(&r, &hello), DTLS_ERR_NONE);
    CHECK_EQ(hello.version, VERSION_DTLS12);
    CHECK_MEM(hello.random, random_bytes, RANDOM_LENGTH);
    CHECK_EQ(reader_left(&hello.session_id), 3);
    CHECK_EQ(take_u24(&hello.session_id), 0xa1a2a3);
    CHECK_EQ(reader_left(&hello.cookie), 4);
    CHECK_EQ(take_uint(&hello.cookie, 4), 0xb1b2b3b4);
    CHECK_EQ(reader_left(&hello.suites), 6);
    CHECK(list_contains_u16(hello.suites, 0xc0a8) && list_contains_u16(hello.suites, 0x00ff));
    CHECK(!list_contains_u16(hello.suites, 0xa800) && !list_contains_u16(hello.suites, 0));
    CHECK_EQ(take_u16(&hello.compressions), 0x0100);
}

/* A hello that is cut is valid only if the cut is just before the extensions. */
TEST(every_truncation_is_malformed)
{
    static uint8_t bytes[ROOM];
    size_t length = every_part(bytes), fine = 0;
    for (size_t cut = 0; cut < length; cut++) {
        client_hello_t hello;
        NOTE("%zu of %zu bytes", cut, length);
        dtls_error_t error = parse(bytes, cut, &hello);
        CHECK(error == DTLS_ERR_DECODE || cut == length - 2 - 15);
        fine += error == DTLS_ERR_NONE;
    }
    CHECK_EQ(fine, 1);
}

TEST(no_byte_makes_it_crash)
{
    uint64_t state = unit_seed();
    static uint8_t bytes[ROOM];
    for (int run = 0; run < 20000; run++) {
        client_hello_t hello;
        size_t length = every_part(bytes);
        for (uint64_t flips = 1 + unit_below(&state, 4); flips > 0; flips--)
            bytes[unit_below(&state, length)] = (uint8_t)unit_random(&state);
        parse(bytes, unit_below(&state, length + 1), &hello);
    }
}

TEST(a_hundred_extensions_and_no_more)
{
    for (size_t count = 99; count <= 101; count++) {
        static uint8_t bytes[ROOM];
        client_hello_t hello;
        writer_t w = writer(bytes, sizeof bytes);
        w.at += build(bytes, &(parts_t){.extensions = NULL});
        block_t list = open_block(&w, 2);
        for (size_t i = 0; i < count; i++) {
            put_u16(&w, (unsigned)(0x4000 + i));
            put_u16(&w, 0);
        }
        close_block(&w, list);
        NOTE("%zu extensions", count);
        CHECK_EQ(parse(bytes, writer_length(&w), &hello),
                 count <= 100 ? DTLS_ERR_NONE : DTLS_ERR_DECODE);
    }
}

TEST(our_own_hello_is_read_back)
{
    const suite_t *suites[] = {suite_by_id(0x00a8), suite_by_id(0xc0a8)};
    uint8_t cookie[255];
    memset(cookie, 0xcc, sizeof cookie);
    for (size_t length = 0; length <= sizeof cookie; length++) {
        for (int ems = 0; ems < 2; ems++) {
            uint8_t bytes[512];
            client_hello_t hello;
            writer_t w = writer(bytes, sizeof bytes);
            NOTE("cookie of %zu bytes", length);
            put_client_hello(&w, &(hello_params_t){.v12 = true,
                                                   .random = random_bytes,
                                                   .cookie12 = cookie,
                                                   .cookie12_length = length,
                                                   .suites = suites,
                                                   .suite_count = 2,
                                                   .extended_master_secret = ems});
            reader_t r = reader(bytes, writer_length(&w));
            CHECK_EQ(client_hello_parse(&r, &hello), DTLS_ERR_NONE);
            CHECK_EQ(hello.version, VERSION_DTLS12);
            CHECK_MEM(hello.random, random_bytes, RANDOM_LENGTH);
            CHECK_EQ(reader_left(&hello.session_id), 0);
            CHECK_EQ(reader_left(&hello.cookie), length);
            CHECK_MEM(hello.cookie.at, cookie, length);
            CHECK_EQ(take_u16(&hello.suites), suites[0]->id);
            CHECK_EQ(take_u16(&hello.suites), suites[1]->id);
            CHECK_EQ(take_u16(&hello.suites), SCSV_RENEGOTIATION);
            CHECK(reader_done(&hello.suites));
            CHECK_EQ(has(&hello.extensions, EXT_EXTENDED_MASTER_SECRET), ems);
            /* A client sends only one of both, RFC 5746 section 3.4. */
            CHECK(!has(&hello.extensions, EXT_RENEGOTIATION_INFO));
        }
    }
}

/* Each extension by itself. A hello without extensions has no list at all. */
TEST(extensions_are_there_or_not)
{
    static const uint8_t cid[] = {1, 2, 3};
    static const uint16_t groups[] = {29};
    static const struct {
        const char *name;
        hello_params_t params;
        size_t length; /* bytes of the extensions, including their length field */
    } rows[] = {{"nothing", {.random = NULL}, 0},
                {"extended master secret", {.extended_master_secret = true}, 6},
                {"encrypt_then_mac", {.encrypt_then_mac = true}, 6},
                {"session ticket", {.session_ticket = true}, 6},
                {"heartbeat", {.heartbeat = true}, 7},
                {"record size", {.record_size_limit = 64}, 8},
                {"connection ID", {.connection_id = true, .cid = cid, .cid_length = 3}, 14},
                {"groups", {.groups = groups, .group_count = 1}, 10},
                {"point formats", {.point_formats = true}, 8}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[512];
        client_hello_t hello;
        hello_params_t params = rows[i].params;
        writer_t w = writer(bytes, sizeof bytes);
        NOTE("%s", rows[i].name);
        params.v12 = true;
        params.random = random_bytes;
        put_client_hello(&w, &params);
        CHECK_EQ(writer_length(&w), 2 + RANDOM_LENGTH + 1 + 1 + 4 + 2 + rows[i].length);
        reader_t r = reader(bytes, writer_length(&w));
        CHECK_EQ(client_hello_parse(&r, &hello), DTLS_ERR_NONE);
        CHECK_EQ(hello.extensions.seen != 0, rows[i].length > 0);
    }
}

/* RFC 6520 section 2: the mode is 1 or 2. */
TEST(heartbeat_modes)
{
    for (uint8_t mode = 0; mode < 4; mode++) {
        uint8_t bytes[512];
        client_hello_t hello;
        const hello_params_t params = {.v12 = true, .random = random_bytes, .heartbeat = true};
        writer_t w = writer(bytes, sizeof bytes);
        bool known = mode == 1 || mode == 2;
        NOTE("mode %u", mode);
        put_client_hello(&w, &params);
        bytes[writer_length(&w) - 1] = mode;
        reader_t r = reader(bytes, writer_length(&w));
        CHECK_EQ(client_hello_parse(&r, &hello),
                 known ? DTLS_ERR_NONE : DTLS_ERR_ILLEGAL_PARAMETER);
        CHECK_EQ(hello.extensions.heartbeat_mode, mode);
    }
}

TEST(kind_of_a_message)
{
    uint8_t body[2 + RANDOM_LENGTH] = {0xfe, 0xfd};
    memcpy(body + 2, hello_retry_random, RANDOM_LENGTH);
    for (size_t length = 0; length <= sizeof body; length++) {
        NOTE("%zu bytes", length);
        CHECK_EQ(message_kind(HANDSHAKE_SERVER_HELLO, body, length),
                 length == sizeof body ? HANDSHAKE_HELLO_RETRY_REQUEST : HANDSHAKE_SERVER_HELLO);
        CHECK_EQ(message_kind(HANDSHAKE_FINISHED, body, length), HANDSHAKE_FINISHED);
    }
    body[20] ^= 1;
    CHECK_EQ(message_kind(HANDSHAKE_SERVER_HELLO, body, sizeof body), HANDSHAKE_SERVER_HELLO);
}

/* ---- ServerHello ---- */

TEST(server_hellos_good_and_bad)
{
    static const struct {
        const char *tail; /* the fields from session_id on */
        dtls_error_t error;
        bool ems, renegotiation, empty;
    } rows[] = {
        {"00 c0a8 00", DTLS_ERR_NONE, false, false, false},
        {"00 c0a8 00 0000", DTLS_ERR_NONE, false, false, false},
        {"00 c0a8 00 0004" EMS, DTLS_ERR_NONE, true, false, false},
        {"00 c0a8 00 0009" RENEGOTIATION EMS, DTLS_ERR_NONE, true, true, true},
        {"00 c0a8 00 0006 ff01 0002 01 aa", DTLS_ERR_NONE, false, true, false},
        /* Compression is checked later: it is not syntax. */
        {"20" X32 "c0a8 01", DTLS_ERR_NONE, false, false, false},
        {"21" X32 "00 c0a8 00", DTLS_ERR_DECODE, false, false, false},
        {"00 c0a8", DTLS_ERR_DECODE, false, false, false},
        {"00 c0", DTLS_ERR_DECODE, false, false, false},
        {"", DTLS_ERR_DECODE, false, false, false},
        {"00 c0a8 00 00", DTLS_ERR_DECODE, false, false, false},
        {"00 c0a8 00 0000 00", DTLS_ERR_DECODE, false, false, false},
        {"00 c0a8 00 0005" EMS, DTLS_ERR_DECODE, false, false, false},
        {"00 c0a8 00 0008" EMS EMS, DTLS_ERR_ILLEGAL_PARAMETER, false, false, false},
        {"00 c0a8 00 0004 0a0a 0000", DTLS_ERR_UNSUPPORTED_EXTENSION, false, false, false},
        {"00 c0a8 00 0005 0023 0001 aa", DTLS_ERR_DECODE, false, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[256], tail[128];
        size_t length = UNHEX(rows[i].tail, tail);
        server_hello_t hello;
        writer_t w = writer(bytes, sizeof bytes);
        put_u16(&w, 0xfefd);
        put_bytes(&w, random_bytes, sizeof random_bytes);
        put_bytes(&w, tail, length);
        reader_t r = reader(bytes, writer_length(&w));
        NOTE("row %zu", i);
        CHECK_EQ(server_hello_parse(&r, false, &hello), rows[i].error);
        if (rows[i].error)
            continue;
        CHECK_EQ(hello.version, 0xfefd);
        CHECK_EQ(hello.suite, 0xc0a8);
        CHECK_EQ(hello.compression, i == 5);
        CHECK_MEM(hello.random, random_bytes, RANDOM_LENGTH);
        CHECK_EQ(has(&hello.extensions, EXT_EXTENDED_MASTER_SECRET), rows[i].ems);
        CHECK_EQ(has(&hello.extensions, EXT_RENEGOTIATION_INFO), rows[i].renegotiation);
        CHECK_EQ(hello.extensions.renegotiation_info_empty, rows[i].empty);
    }
}

TEST(our_server_hello_is_read_back)
{
    uint8_t bytes[128];
    server_hello_t hello;
    writer_t w = writer(bytes, sizeof bytes);
    put_server_hello_start(&w, random_bytes, (bytes_t){NULL, 0}, 0xccab);
    block_t list = open_block(&w, 2);
    put_ext_renegotiation_info(&w);
    put_ext_empty(&w, EXTENSION_EXTENDED_MASTER_SECRET);
    close_block(&w, list);
    reader_t r = reader(bytes, writer_length(&w));
    CHECK_EQ(server_hello_parse(&r, true, &hello), DTLS_ERR_NONE);
    CHECK_EQ(hello.version, VERSION_DTLS12);
    CHECK_EQ(hello.suite, 0xccab);
    CHECK_EQ(hello.compression, COMPRESSION_NULL);
    CHECK(!hello.is13 && hello.extensions.renegotiation_info_empty);
    CHECK_EQ(hello.extensions.seen, EXT_RENEGOTIATION_INFO | EXT_EXTENDED_MASTER_SECRET);
    for (size_t cut = 0; cut < writer_length(&w); cut++) {
        r = reader(bytes, cut);
        CHECK(server_hello_parse(&r, true, &hello) == DTLS_ERR_DECODE || cut == 38);
    }
}

/* ---- HelloVerifyRequest ---- */

TEST(hello_verify_requests)
{
    static const struct {
        const char *hex;
        size_t cookie;
        dtls_error_t error;
    } rows[] = {
        {"feff 02 a1a2", 2, DTLS_ERR_NONE},
        {"fefd 02 a1a2", 2, DTLS_ERR_NONE},
        {"feff 00", 0, DTLS_ERR_NONE},
        {"feff 02 a1", 0, DTLS_ERR_DECODE},
        {"feff 02 a1a2a3", 0, DTLS_ERR_DECODE},
        {"feff", 0, DTLS_ERR_DECODE},
        {"", 0, DTLS_ERR_DECODE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[16];
        reader_t r = reader(bytes, UNHEX(rows[i].hex, bytes)), cookie;
        NOTE("row %zu", i);
        CHECK_EQ(hello_verify_request_parse(&r, &cookie), rows[i].error);
        if (!rows[i].error)
            CHECK_EQ(reader_left(&cookie), rows[i].cookie);
    }
    uint8_t bytes[16], expected[16];
    writer_t w = writer(bytes, sizeof bytes);
    put_hello_verify_request(&w, (const uint8_t *)"\xa1\xa2", 2);
    CHECK_EQ(writer_length(&w), UNHEX("feff 02 a1a2", expected));
    CHECK_MEM(bytes, expected, writer_length(&w));
}

/* ---- NewSessionTicket: RFC 5077 section 3.3, RFC 9325 section 3.4 ---- */

TEST(lifetime_of_a_ticket_is_capped)
{
    static const struct {
        uint32_t sent, stored;
    } rows[] = {{0, 7200}, {1, 1}, {604800, 604800}, {604801, 604800}, {UINT32_MAX, 604800}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        memory_t memory = {.calls = 0};
        dtls_context_t ctx = {.alloc = memory_alloc(&memory)};
        handshake_t hs = {.keys = false};
        conn_t conn = {.ctx = &ctx, .hs = &hs};
        uint8_t bytes[4 + 2 + 1];
        writer_t w = writer(bytes, sizeof bytes);
        put_uint(&w, rows[i].sent, 4);
        put_u16(&w, 1);
        put_u8(&w, 't');
        reader_t body = reader(bytes, sizeof bytes);
        NOTE("%lu s", (unsigned long)rows[i].sent);
        CHECK_EQ(hs12_receive_ticket(&conn, &body, NULL), DTLS_ERR_NONE);
        CHECK_EQ(hs.session.lifetime_s, rows[i].stored);
        alloc_wipe(&ctx.alloc, hs.session.ticket, hs.session.ticket_length);
        memory_check(&memory);
    }
}
