/* parse.c - each parser of lib/ that needs no association. The first byte selects the parser. */
#include "base/iana.h"
#include "crypto/import.h"
#include "fuzz/common_input.h"
#include "message/hello.h"
#include "message/hello_pool.h"
#include "message/reassembly.h"
#include "record/record.h"

#include <stdlib.h>
#include <string.h>

static size_t live;

static void *allocate(void *hook, size_t size)
{
    (void)hook;
    live += size;
    size_t *memory = malloc(sizeof(*memory) * 2 + size);
    FUZZ_CHECK(memory != NULL);
    *memory = size;
    return memory + 2;
}

static void release(void *hook, void *memory)
{
    size_t *start = (size_t *)memory - 2;

    (void)hook;
    live -= *start;
    free(start);
}

static const alloc_t alloc = {NULL, allocate, release};

/* A parser may only return bytes of the message. */
static void check_inside(const reader_t *inner, const uint8_t *bytes, size_t length)
{
    FUZZ_CHECK(!inner->at || inner->at == inner->end ||
               (inner->at >= bytes && inner->end <= bytes + length));
}

static void check_extensions(const extensions_t *found, const uint8_t *bytes, size_t length)
{
    const reader_t *const readers[] = {
        &found->versions, &found->groups, &found->point_formats, &found->modes,
        &found->shares,   &found->share,  &found->cookie,        &found->identities,
        &found->binders,  &found->cid,    &found->session_ticket};
    reader_t share;

    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
        check_inside(readers[i], bytes, length);
    }
    if (find_share(found->shares, 29, &share)) {
        check_inside(&share, bytes, length);
    }
    (void)list_contains_u16(found->groups, 29);
    (void)list_contains_u8(found->modes, 1);
}

/* ---- records ---- */

static void parse_record(uint8_t *bytes, size_t length, unsigned choice)
{
    static const uint8_t key[16];
    record_t record;
    size_t at = 0;

    while (at < length) {
        bool as_long = choice & 32 && record_header_is_ambiguous(bytes + at, length - at);
        dtls_drop_t drop = as_long
                               ? record_split_long(bytes + at, length - at, choice % 21, &record)
                               : record_split(bytes + at, length - at, choice % 21, &record);
        if (drop != DTLS_DROP_COUNT) {
            return;
        }
        FUZZ_CHECK(record.size > 0 && record.size <= length - at && record.length <= record.size);
        FUZZ_CHECK(record.payload + record.length == bytes + at + record.size);
        (void)record_check(&record);
        (void)record_digest(key, &record);
        at += record.size;
        record_find_type(&record);
    }
}

/* ---- hellos ---- */

static void parse_client_hello(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t body = reader(bytes, length);
    client_hello_t hello;

    memset(&hello, 0, sizeof(hello));
    if ((choice & 1 ? client_hello_parse_start(&body, &hello)
                    : client_hello_parse(&body, &hello)) == DTLS_ERR_NONE) {
        FUZZ_CHECK(choice & 1 || body.at == body.end);
        check_inside(&hello.session_id, bytes, length);
        check_inside(&hello.cookie, bytes, length);
        check_inside(&hello.suites, bytes, length);
        check_inside(&hello.compressions, bytes, length);
        check_extensions(&hello.extensions, bytes, length);
    }
}

static void parse_server_hello(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t body = reader(bytes, length);
    server_hello_t hello;

    memset(&hello, 0, sizeof(hello));
    if (server_hello_parse(&body, choice & 1, &hello) == DTLS_ERR_NONE) {
        check_inside(&hello.session_id, bytes, length);
        check_extensions(&hello.extensions, bytes, length);
    }
    (void)message_kind(HANDSHAKE_SERVER_HELLO, bytes, length);
}

static void parse_verify_request(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t body = reader(bytes, length), cookie = reader(NULL, 0);

    (void)choice;
    if (hello_verify_request_parse(&body, &cookie) == DTLS_ERR_NONE) {
        check_inside(&cookie, bytes, length);
    }
}

static void parse_extensions(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t body = reader(bytes, length);
    extensions_t extensions;

    memset(&extensions, 0, sizeof(extensions));
    if (ext_parse(&body, (ext_place_t)(choice % IN_COUNT), &extensions) == DTLS_ERR_NONE) {
        check_extensions(&extensions, bytes, length);
    }
    (void)ext_present(reader(bytes, length), (uint16_t)choice);
}

/* ---- fragments ---- */

/* The input is a list of fragments. Each is stored in the reassembly and in the pool of hellos. */
static void parse_fragments(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t r = reader(bytes, length);
    reassembly_t reassembly = {.slots = NULL};
    fragment_t fragment;
    message_t message;
    uint16_t next = (uint16_t)choice;

    while (reader_left(&r) > 0 && parse_fragment(&r, &fragment)) {
        FUZZ_CHECK(fragment.offset + fragment.frag_length <= fragment.length);
        FUZZ_CHECK(fragment.body + fragment.frag_length <= bytes + length);
        fragment.epoch = (uint16_t)(fragment.type & 1);
        if ((uint16_t)(fragment.seq - next) < REASSEMBLY_AHEAD) {
            (void)reassembly_add(&reassembly, &alloc, next, &fragment);
        }
        FUZZ_CHECK(reassembly.held <= DTLS_MAX_REASSEMBLY);
        FUZZ_CHECK(live <= DTLS_MAX_REASSEMBLY + 4096);
        if (reassembly_complete(&reassembly, next, &message)) {
            FUZZ_CHECK(message.length >= MESSAGE_HEADER);
            reassembly_release(&reassembly, &alloc, next);
            next++;
        } else if (fragment.type == 0) {
            reassembly_age(&reassembly);
        } else if (fragment.type == 1) {
            reassembly_drop_plaintext(&reassembly, &alloc);
        }
    }
    reassembly_end(&reassembly, &alloc);
    FUZZ_CHECK(live == 0);
}

static void parse_hello_pool(uint8_t *bytes, size_t length, unsigned choice)
{
    reader_t r = reader(bytes, length);
    hello_pool_t pool = {.slots = NULL};
    fragment_t fragment;
    session_t session;
    dtls_tick_t now = 1;

    FUZZ_CHECK(hello_pool_start(&pool, &alloc));
    dtls_session_init(&session);
    session.addr.sin.sin_family = AF_INET;
    while (reader_left(&r) > 0 && parse_fragment(&r, &fragment)) {
        session.addr.sin.sin_addr.s_addr = fragment.type % 7;
        now += fragment.type & 0x80 ? DTLS_HELLO_POOL_MS : 1;
        if (fragment.length > HELLO_POOL_LENGTH) {
            continue;
        }
        hello_slot_t *slot =
            hello_pool_add(&pool, &session, &fragment, fragment.type & choice & 8, now);
        if (slot && hello_pool_complete(slot)) {
            hello_pool_release(slot);
        }
    }
    hello_pool_end(&pool, &alloc);
    FUZZ_CHECK(live == 0);
}

/* ---- imported identities ---- */

static void parse_import(uint8_t *bytes, size_t length, unsigned choice)
{
    static const uint8_t context[] = "context";
    reader_t identity = reader(NULL, 0);

    if (take_imported_identity(reader(bytes, length), choice & 1 ? HASH_SHA256 : HASH_SHA384,
                               context, choice & 2 ? sizeof(context) : 0, &identity)) {
        check_inside(&identity, bytes, length);
    }
}

/* ---- the display of messages ---- */

typedef struct {
    const uint8_t *bytes;
    size_t length;
    int depth;
    bool malformed;
} decoded_t;

static void on_field(void *arg, const dtls_field_t *field)
{
    decoded_t *decoded = arg;

    if (field->data) {
        reader_t inside = {.at = field->data, .end = field->data + field->length};
        check_inside(&inside, decoded->bytes, decoded->length);
    }
    decoded->depth += field->kind == DTLS_FIELD_LIST || field->kind == DTLS_FIELD_OBJECT;
    decoded->depth -= field->kind == DTLS_FIELD_END;
    FUZZ_CHECK(decoded->depth >= 0);
    FUZZ_CHECK(!decoded->malformed || field->kind == DTLS_FIELD_END);
    decoded->malformed |= field->kind == DTLS_FIELD_MALFORMED;
    FUZZ_CHECK(field->kind != DTLS_FIELD_MALFORMED || field->number <= decoded->length);
}

static void decode_message(uint8_t *bytes, size_t length, unsigned choice)
{
    static const uint16_t suites[] = {0, 0xc0a8, 0xd001, 0x00aa, 0x1301};
    decoded_t decoded = {.bytes = bytes, .length = length};
    const dtls_message_t message = {.msg_type = (uint8_t)(choice % 26),
                                    .version = choice & 1 ? 0xfefd : 0xfefc,
                                    .suite = suites[choice % 5],
                                    .body = bytes,
                                    .length = length};

    int result = dtls_decode_message(&message, on_field, &decoded);
    FUZZ_CHECK(result == (decoded.malformed ? -DTLS_ERR_DECODE : 0));
    FUZZ_CHECK(decoded.depth == 0);
}

static void (*const parsers[])(uint8_t *bytes, size_t length, unsigned choice) = {
    parse_record,    parse_client_hello, parse_server_hello, parse_verify_request, parse_extensions,
    parse_fragments, parse_hello_pool,   parse_import,       decode_message};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {data, data + size};
    unsigned which = input_byte(&input), choice = input_byte(&input);
    uint8_t *copy = input_copy(&input);

    parsers[which % (sizeof(parsers) / sizeof(*parsers))](copy, input_left(&input), choice);
    free(copy);
    return 0;
}
