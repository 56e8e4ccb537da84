/*
 * frame.c - how --frame splits bytes into messages, and writes messages as bytes.
 */
#include "stream/frame.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = 1195, COUNT = 1000, STREAM = 8 << 20 };

static const char *const all_modes[] = {"raw",   "line",     "nul", "len16",
                                        "len32", "fixed:64", "hex", "json"};

static const struct origin origin = {
    .name = "127.0.0.1:5684", .identity = (const uint8_t *)"alice", .identity_length = 5};

static struct frame_in in;

/* ---- a stream, and what is read from it ---- */

static struct framing framing_of(const char *mode)
{
    struct framing framing = {.crlf = false};

    CHECK(frame_parse(mode, &framing));
    return framing;
}

/* Reads the next message of a stream that arrives in chunks of at most `chunk` bytes. */
typedef struct {
    const uint8_t *bytes;
    size_t left, chunk;
} stream_t;

static enum frame_result next(stream_t *stream, size_t max, struct message *message)
{
    for (;;) {
        enum frame_result result = frame_next(&in, max, stream->left == 0, message);
        size_t room, length = stream->chunk > 1 ? (size_t)rand() % stream->chunk + 1 : 1;
        if (result != FRAME_MORE || stream->left == 0)
            return result;
        uint8_t *space = frame_space(&in, &room);
        CHECK(room > 0);
        length = length < room ? length : room;
        length = length < stream->left ? length : stream->left;
        memcpy(space, stream->bytes, length);
        frame_filled(&in, length);
        stream->bytes += length;
        stream->left -= length;
    }
}

static stream_t begin(const struct framing *framing, const char *text, size_t length)
{
    memset(&in, 0xa5, sizeof in);
    frame_in_init(&in, framing);
    return (stream_t){.bytes = (const uint8_t *)text, .left = length, .chunk = 1};
}

static void expect(stream_t *stream, const char *text, size_t length)
{
    struct message message;

    CHECK_EQ(next(stream, MAX, &message), FRAME_MESSAGE);
    CHECK_EQ(message.length, length);
    CHECK_MEM(message.data, text, length);
}

static void expect_no(stream_t *stream, enum frame_result wanted)
{
    struct message message;

    CHECK_EQ(next(stream, MAX, &message), wanted);
}

/* ---- there and back ---- */

static size_t random_message(const struct framing *framing, uint8_t *data)
{
    size_t length = framing->fixed > 0 ? framing->fixed : (size_t)rand() % (MAX + 1);
    char ends = framing->mode == FRAME_LINE ? '\n' : '\0';
    bool text = framing->mode == FRAME_LINE || framing->mode == FRAME_NUL;

    for (size_t i = 0; i < length; i++) {
        data[i] = (uint8_t)rand();
        if (text && data[i] == (uint8_t)ends)
            data[i]++;
    }
    return length;
}

static void back_and_forth(const char *mode, size_t chunk)
{
    struct framing framing = framing_of(mode);
    uint8_t *bytes = malloc(STREAM), *sent = malloc(COUNT * MAX);
    size_t *lengths = malloc(COUNT * sizeof *lengths), used = 0;
    struct message message;

    NOTE("%s, chunks of %zu", mode, chunk);
    CHECK(bytes && sent && lengths);
    for (size_t i = 0; i < COUNT; i++) {
        lengths[i] = random_message(&framing, sent + i * MAX);
        CHECK(used + FRAME_OUT_BYTES < STREAM);
        ssize_t length = frame_put(&framing, bytes + used, &origin, sent + i * MAX, lengths[i]);
        CHECK(length >= 0);
        used += (size_t)length;
    }
    stream_t stream = {.bytes = bytes, .left = used, .chunk = chunk};
    frame_in_init(&in, &framing);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_EQ(next(&stream, MAX, &message), FRAME_MESSAGE);
        CHECK_EQ(message.length, lengths[i]);
        CHECK_MEM(message.data, sent + i * MAX, lengths[i]);
        CHECK(framing.mode == FRAME_JSON ? strcmp(message.peer, origin.name) == 0 : !message.peer);
    }
    CHECK_EQ(next(&stream, MAX, &message), FRAME_MORE);
    free(bytes);
    free(sent);
    free(lengths);
}

TEST(messages_keep_their_boundaries)
{
    static const size_t chunks[] = {1, 10, 1000, 70000};

    srand(7);
    for (size_t i = 1; i < sizeof all_modes / sizeof all_modes[0]; i++)
        for (size_t k = 0; k < sizeof chunks / sizeof chunks[0]; k++)
            back_and_forth(all_modes[i], chunks[k]);
}

TEST(raw_is_cut_and_nothing_else)
{
    struct framing framing = framing_of("raw");
    static char bytes[100000];
    struct message message;
    size_t used = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 >> 3);
    stream_t stream = begin(&framing, bytes, sizeof bytes);
    stream.chunk = 5000;
    while (next(&stream, MAX, &message) == FRAME_MESSAGE) {
        CHECK(message.length > 0 && message.length <= MAX);
        CHECK_MEM(message.data, bytes + used, message.length);
        used += message.length;
    }
    CHECK_EQ(used, sizeof bytes);
}

/* ---- each mode, at its edges ---- */

TEST(modes_and_no_others)
{
    static const char *const wrong[] = {"",       "RAW",     "lines",   "line:",       "fixed",
                                        "fixed:", "fixed:0", "fixed:x", "fixed:16385", "len8",
                                        "raw:1",  "hex:"};
    struct framing framing;

    for (size_t i = 0; i < sizeof all_modes / sizeof all_modes[0]; i++)
        CHECK(frame_parse(all_modes[i], &framing));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        NOTE("%s", wrong[i]);
        CHECK(!frame_parse(wrong[i], &framing));
    }
}

#define BEGIN(framing, text) begin(&(framing), text, sizeof text - 1)
#define EXPECT(stream, text) expect(&(stream), text, sizeof text - 1)

TEST(lines)
{
    struct framing framing = framing_of("line");
    stream_t stream = BEGIN(framing, "one\n\nthree\r\nlast");

    EXPECT(stream, "one");
    EXPECT(stream, "");
    EXPECT(stream, "three\r");
    EXPECT(stream, "last");
    expect_no(&stream, FRAME_MORE);
    framing.crlf = true;
    stream = BEGIN(framing, "one\ntwo\r\n\n");
    EXPECT(stream, "one\r\n");
    EXPECT(stream, "two\r\n");
    EXPECT(stream, "\r\n");
    expect_no(&stream, FRAME_MORE);
}

TEST(text_with_crlf)
{
    struct framing framing = framing_of("raw");
    static const char text[] = "a\nb\r\nc\n\n", wanted[] = "a\r\nb\r\nc\r\n\r\n";
    struct message message;
    char got[sizeof wanted * 2] = "";
    size_t used = 0;

    framing.crlf = true;
    for (size_t max = 2; max < 8; max++) {
        stream_t stream = BEGIN(framing, text);
        for (used = 0; next(&stream, max, &message) == FRAME_MESSAGE; used += message.length) {
            CHECK(message.length > 0 && message.length <= max);
            memcpy(got + used, message.data, message.length);
        }
        CHECK_EQ(used, sizeof wanted - 1);
        CHECK_MEM(got, wanted, used);
    }
}

TEST(lengths_before_messages)
{
    struct framing framing = framing_of("len16");
    stream_t stream = BEGIN(framing, "\0\2hi\0\0\0\1x\0");

    EXPECT(stream, "hi");
    EXPECT(stream, "");
    EXPECT(stream, "x");
    expect_no(&stream, FRAME_BAD);
    expect_no(&stream, FRAME_MORE);
    stream = BEGIN(framing, "\0\5hi");
    expect_no(&stream, FRAME_BAD);
    framing = framing_of("fixed:3");
    stream = BEGIN(framing, "abcdefg");
    EXPECT(stream, "abc");
    EXPECT(stream, "def");
    expect_no(&stream, FRAME_BAD);
}

/* A message that is too long is skipped, and the next message is read. */
TEST(messages_that_are_too_long)
{
    static char bytes[300000];
    struct framing framing = framing_of("len32");
    struct message message;

    memcpy(bytes, "\0\3\x0d\x40", 4); /* 200000 */
    memcpy(bytes + 200004, "\0\0\0\2ok", 6);
    stream_t stream = begin(&framing, bytes, 200010);
    stream.chunk = 70000;
    CHECK_EQ(next(&stream, MAX, &message), FRAME_TOO_LONG);
    CHECK_EQ(message.length, 200000);
    EXPECT(stream, "ok");
    expect_no(&stream, FRAME_MORE);

    framing = framing_of("line");
    for (size_t length = MAX + 1; length < sizeof bytes - 10; length *= 3) {
        NOTE("a line of %zu", length);
        memset(bytes, 'x', sizeof bytes);
        memcpy(bytes + length, "\nok\n", 4);
        stream = begin(&framing, bytes, length + 4);
        stream.chunk = 70000;
        CHECK_EQ(next(&stream, MAX, &message), FRAME_TOO_LONG);
        EXPECT(stream, "ok");
        expect_no(&stream, FRAME_MORE);
        stream = begin(&framing, bytes, length);
        stream.chunk = 70000;
        CHECK_EQ(next(&stream, MAX, &message), FRAME_TOO_LONG);
        expect_no(&stream, FRAME_MORE);
    }
    framing = framing_of("len32");
    stream = BEGIN(framing, "\xff\xff\xff\xff"
                            "abc");
    CHECK_EQ(next(&stream, MAX, &message), FRAME_TOO_LONG);
    CHECK_EQ(message.length, 0xffffffff);
    expect_no(&stream, FRAME_MORE);
}

TEST(hex_lines)
{
    struct framing framing = framing_of("hex");
    stream_t stream = BEGIN(framing, "00ff\n\nDE ad\tBE\r\nabc\nxy\n2 1");

    EXPECT(stream, "\x00\xff");
    EXPECT(stream, "");
    EXPECT(stream, "\xde\xad\xbe");
    expect_no(&stream, FRAME_BAD);
    expect_no(&stream, FRAME_BAD);
    EXPECT(stream, "!");
    expect_no(&stream, FRAME_MORE);
}

TEST(json_lines)
{
    static const struct {
        const char *line, *message, *peer; /* message is NULL if the line is invalid */
    } cases[] = {
        {"{\"data\":\"aGVsbG8=\"}", "hello", NULL},
        {"{\"data\":\"aGVsbG8\"}", "hello", NULL},
        {"{\"data\":\"\"}", "", NULL},
        {" { \"text\" : \"hello\" , \"peer\" : \"[::1]:5684\" } ", "hello", "[::1]:5684"},
        {"{\"peer\":\"a\",\"identity\":\"alice\",\"len\":5,\"data\":\"aGVsbG8=\"}", "hello", "a"},
        {"{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t", NULL},
        {"{\"text\":\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\"}",
         "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", NULL},
        {"{\"len\":77,\"text\":\"hello\"}", "hello", NULL},
        {"{\"text\":\"\xc3\xa4\xf0\x9f\x98\x80\"}", "\xc3\xa4\xf0\x9f\x98\x80", NULL},
        {"", NULL, NULL},
        {"[]", NULL, NULL},
        {"{}", NULL, NULL},
        {"{\"text\":\"a\"", NULL, NULL},
        {"{\"text\":\"a\"}x", NULL, NULL},
        {"{\"text\":\"a\",\"data\":\"\"}", NULL, NULL},
        {"{\"text\":1}", NULL, NULL},
        {"{\"data\":\"a\"}", NULL, NULL},
        {"{\"data\":\"a?==\"}", NULL, NULL},
        {"{\"text\":\"\\x\"}", NULL, NULL},
        {"{\"text\":\"\\ud83d\"}", NULL, NULL},
        {"{\"text\":\"\\ude00\"}", NULL, NULL},
        {"{\"text\":\"\\u12\"}", NULL, NULL},
        {"{\"text\":\"a\tb\"}", NULL, NULL},
        {"{\"text\":\"a", NULL, NULL},
        {"{\"text\":\"a\\", NULL, NULL},
        {"{\"x\":1,\"text\":\"a\"}", NULL, NULL},
        {"{\"Peer\":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"peer \":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"peer\\u0000\":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"identty\":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"\":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"peer\":null,\"text\":\"a\"}", NULL, NULL},
        {"{\"peer\":[\"a\"],\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":1,\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":\"a\\u0000b\",\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":\"#\",\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":\"#6\",\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":\"#xy\",\"text\":\"a\"}", NULL, NULL},
        {"{\"identity\":\"a\",\"text\":\"a\",\"identity\":\"b\"}", NULL, NULL},
        {"{\"text\":\"a\",\"text\":\"a\"}", NULL, NULL},
        {"{\"len\":1,\"text\":\"a\",\"len\":1}", NULL, NULL},
        {"{\"len\":\"1\",\"text\":\"a\"}", NULL, NULL},
        {"{\"len\":-1,\"text\":\"a\"}", NULL, NULL},
        {"{\"peer\":\"a\"}", NULL, NULL},
        {"{\"text\":\"a\",}", NULL, NULL},
        {"{\"text\":\"\xc3\"}", NULL, NULL},
        {"{\"text\":\"\xff\"}", NULL, NULL},
        {"{\"text\":\"\xc0\x80\"}", NULL, NULL},
        {"{\"text\":\"\xed\xa0\x80\"}", NULL, NULL},
        {"{\"peer\":\"\xe4\",\"text\":\"a\"}", NULL, NULL},
        {"{text:\"a\"}", NULL, NULL},
        {"{\"peer\":\"a\\u0000b\",\"text\":\"a\"}", NULL, NULL},
        {"{\"peer\":\"a\",\"peer\":\"b\",\"text\":\"a\"}", NULL, NULL},
    };
    struct framing framing = framing_of("json");
    struct message message;

    for (size_t i = 1; i < sizeof cases / sizeof cases[0]; i++) {
        NOTE("%s", cases[i].line);
        if (cases[i].line[0] == '\0')
            continue; /* blank lines are not messages */
        stream_t stream = begin(&framing, cases[i].line, strlen(cases[i].line));
        stream.chunk = 100;
        enum frame_result result = next(&stream, MAX, &message);
        CHECK_EQ(result, cases[i].message ? FRAME_MESSAGE : FRAME_BAD);
        if (!cases[i].message)
            continue;
        CHECK_EQ(message.length, strlen(cases[i].message));
        CHECK_MEM(message.data, cases[i].message, message.length);
        CHECK(cases[i].peer ? strcmp(message.peer, cases[i].peer) == 0 : !message.peer);
    }
    stream_t stream = BEGIN(framing, "\n  \n{\"text\":\"x\"}\n\n");
    EXPECT(stream, "x");
    expect_no(&stream, FRAME_MORE);
}

static void addresses(const char *line, const char *peer, const char *identity, size_t length)
{
    struct framing framing = framing_of("json");
    stream_t stream = begin(&framing, line, strlen(line));
    struct message message;

    NOTE("%s", line);
    stream.chunk = 100;
    CHECK_EQ(next(&stream, MAX, &message), FRAME_MESSAGE);
    CHECK(peer ? message.peer && strcmp(message.peer, peer) == 0 : !message.peer);
    CHECK(!message.identity == !identity);
    if (identity == NULL)
        return;
    CHECK_EQ(message.identity_length, length);
    CHECK_MEM(message.identity, identity, length);
}

TEST(json_addresses)
{
    addresses("{\"text\":\"x\"}", NULL, NULL, 0);
    addresses("{\"peer\":\"\",\"text\":\"x\"}", "", NULL, 0);
    addresses("{\"identity\":\"\",\"text\":\"x\"}", NULL, "", 0);
    addresses("{\"identity\":\"alice\",\"data\":\"eA==\"}", NULL, "alice", 5);
    addresses("{\"text\":\"x\",\"identity\":\"\\u0061\\\"\",\"peer\":\"p\"}", "p", "a\"", 2);
    addresses("{\"identity\":\"#00fF23\",\"text\":\"x\"}", NULL, "\0\xff#", 3);
}

/* A line that was written can be read again, for example as a response with other data, whatever
 * the identity. */
TEST(json_addresses_what_it_shows)
{
    static const char *const identities[] = {"",     "alice", "#61",  "a b", "\xc3\xa4",
                                             "\xff", "a\n",   "\"\\", "a\tb"};
    static uint8_t out[FRAME_OUT_BYTES];
    struct framing framing = framing_of("json");

    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
        size_t length = strlen(identities[i]);
        struct origin from = {
            .name = "a", .identity = (const uint8_t *)identities[i], .identity_length = length};
        ssize_t used = frame_put(&framing, out, &from, (const uint8_t *)"x", 1);
        out[used] = '\0';
        addresses((char *)out, "a", identities[i], length);
    }
}

/* ---- out ---- */

static void writes(const char *mode, const struct origin *from, const char *message,
                   const char *wanted, size_t length)
{
    static uint8_t out[FRAME_OUT_BYTES];
    struct framing framing = framing_of(mode);
    ssize_t used = frame_put(&framing, out, from, (const uint8_t *)message, strlen(message));

    NOTE("%s of \"%s\"", mode, message);
    CHECK_EQ(used, (ssize_t)length);
    CHECK_MEM(out, wanted, length);
}

#define WRITES(mode, from, message, wanted) writes(mode, from, message, wanted, sizeof(wanted) - 1)

TEST(messages_out)
{
    static const uint8_t huge[65535] = {1};
    static uint8_t out[FRAME_OUT_BYTES], message[FRAME_MAX_MESSAGE];
    struct framing framing = framing_of("json");
    struct origin odd = {
        .name = "a", .identity = (const uint8_t *)"\"\\\xc3\xa4", .identity_length = 4};

    WRITES("raw", &origin, "x\n", "x\n");
    WRITES("line", &origin, "x", "x\n");
    WRITES("line", &origin, "x\n", "x\n");
    WRITES("line", &origin, "", "\n");
    WRITES("nul", &origin, "x", "x\0");
    WRITES("len16", &origin, "x", "\0\1x");
    WRITES("len32", &origin, "x", "\0\0\0\1x");
    WRITES("fixed:3", &origin, "abc", "abc");
    WRITES("hex", &origin, "a\xff", "61ff\n");
    WRITES(
        "json", &origin, "hello",
        "{\"peer\":\"127.0.0.1:5684\",\"identity\":\"alice\",\"len\":5,\"data\":\"aGVsbG8=\"}\n");
    WRITES("json", &odd, "",
           "{\"peer\":\"a\",\"identity\":\"\\\"\\\\\xc3\xa4\",\"len\":0,\"data\":\"\"}\n");
    odd.identity = (const uint8_t *)"#x";
    odd.identity_length = 2;
    WRITES("json", &odd, "", "{\"peer\":\"a\",\"identity\":\"#2378\",\"len\":0,\"data\":\"\"}\n");
    odd = (struct origin){.name = "a", .identity = huge, .identity_length = sizeof huge};
    CHECK(frame_put(&framing, out, &odd, message, sizeof message) > 130000);
    memset(message, '"', sizeof message);
    framing = framing_of("fixed:3");
    CHECK_EQ(frame_put(&framing, out, &origin, message, 2), -1);
}

/* For any input the parser comes to an end, and returns no message that is too long. */
TEST(junk)
{
    static uint8_t bytes[200000];
    static const char letters[] = "{}[]\":,\\u0dat 19abcdef\n\r";
    struct message message;

    for (unsigned seed = 1; seed <= 200; seed++) {
        struct framing framing = framing_of(all_modes[seed % 8]);
        size_t length = (size_t)(seed * 997 % sizeof bytes), count = 0;
        NOTE("seed %u", seed);
        srand(seed);
        framing.crlf = seed % 3 == 0 && framing.mode <= FRAME_LINE;
        for (size_t i = 0; i < length; i++)
            bytes[i] = seed % 2 ? (uint8_t)rand()
                                : (uint8_t)letters[(size_t)rand() % (sizeof letters - 1)];
        stream_t stream = {.bytes = bytes, .left = length, .chunk = 5000};
        frame_in_init(&in, &framing);
        enum frame_result result;
        while ((result = next(&stream, MAX, &message)) != FRAME_MORE) {
            CHECK(result != FRAME_MESSAGE || message.length <= MAX);
            CHECK(++count <= 2 * length + 1);
        }
        CHECK_EQ(stream.left, 0);
    }
}
