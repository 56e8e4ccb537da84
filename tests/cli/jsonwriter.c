/*
 * jsonwriter.c - JSON values: what is escaped, numbers, and texts that end where the buffer grows.
 */
#include "common/jsonwriter.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_writer writer;

/* What was written, with a terminating zero. */
static const char *written(void)
{
    static char text[1 << 16];

    CHECK(!writer.failed && writer.used < sizeof text);
    memcpy(text, writer.bytes, writer.used);
    text[writer.used] = '\0';
    json_reset(&writer);
    return text;
}

static const struct {
    const char *text, *json;
} strings[] = {
    {"", "\"\""},
    {"plain ~ text", "\"plain ~ text\""},
    {"\"\\/", "\"\\\"\\\\/\""},
    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
    {"\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\""},
    {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
    {"\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\""}, /* C1 */
    {"\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf",
     "\"\\u202e\\u2066\\ufeff\""}, /* bidirectional, invisible */
    {"\xd8\x9c\xe2\x81\xa0\xe2\x81\xaf\xc2\xad", "\"\\u061c\\u2060\\u206f\\u00ad\""},
    {"\xe3\x85\xa4\xf3\xa0\x81\xa1", "\"\\u3164\\udb40\\udc61\""}, /* a filler, a tag */
    {"a\x80z", "\"a\\ufffdz\""},
    {"\xc3", "\"\\ufffd\""},
    {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                       /* overlong */
    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            /* a surrogate */
    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* above U+10FFFF */
};

TEST(strings_are_escaped)
{
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        NOTE("%s", strings[i].json);
        json_string(&writer, NULL, strings[i].text);
        CHECK_STR(written(), strings[i].json);
    }
    json_bytes(&writer, NULL, (const uint8_t *)"a\0b", 3);
    CHECK_STR(written(), "\"a\\u0000b\"");
}

TEST(text_that_is_not_utf8_is_hex)
{
    json_begin_object(&writer, NULL);
    json_text(&writer, "a", (const uint8_t *)"\xc3\xa9", 2);
    json_text(&writer, "b", (const uint8_t *)"\xc3", 1);
    json_text(&writer, "c", (const uint8_t *)"", 0);
    json_hex(&writer, "d", (const uint8_t *)"\x00\xff", 2);
    json_base64(&writer, "e", (const uint8_t *)"hell", 4);
    json_base64(&writer, "f", NULL, 0);
    json_end_object(&writer);
    CHECK_STR(written(), "{\"a\":\"\xc3\xa9\",\"b_hex\":\"c3\",\"c\":\"\",\"d\":\"00ff\",\"e\":"
                         "\"aGVsbA==\",\"f\":\"\"}");
}

TEST(commas_are_between_values)
{
    json_begin_array(&writer, NULL);
    json_begin_object(&writer, NULL);
    json_end_object(&writer);
    json_begin_object(&writer, NULL);
    json_bool(&writer, "yes", true);
    json_bool(&writer, "no", false);
    json_begin_array(&writer, "list");
    json_number(&writer, NULL, 1);
    json_string(&writer, NULL, "[");
    json_number(&writer, NULL, 2);
    json_end_array(&writer);
    json_end_object(&writer);
    json_end_array(&writer);
    json_newline(&writer);
    json_number(&writer, NULL, 3);
    CHECK_STR(written(), "[{},{\"yes\":true,\"no\":false,\"list\":[1,\"[\",2]}]\n3");
}

TEST(numbers)
{
    json_begin_object(&writer, NULL);
    json_number(&writer, "a", 0);
    json_number(&writer, "b", UINT64_MAX);
    json_seconds(&writer, "c", 0);
    json_seconds(&writer, "d", 1);
    json_seconds(&writer, "e", 61000002);
    json_seconds(&writer, "f", -5);
    json_code(&writer, "g", "", 10);
    json_code(&writer, "h", "GREASE ", 0x1a1a);
    json_number_of(&writer, "i", "_length", 7);
    json_seconds(&writer, "j", INT64_MAX);
    json_end_object(&writer);
    CHECK_STR(written(),
              "{\"a\":0,\"b\":18446744073709551615,\"c\":0.000000,\"d\":0.000001,\"e\":61.000002,"
              "\"f\":0.000000,\"g\":\"0x000a\",\"h\":\"GREASE 0x1a1a\",\"i_length\":7,"
              "\"j\":9223372036854.775807}");
}

/* A string, hex and base64 that end before, at and after each place where the buffer grows. */
TEST(the_buffer_grows)
{
    static uint8_t bytes[5000];
    static char expected[20000];

    memset(bytes, 'x', sizeof bytes);
    for (size_t length = 0; length<4200; length += length> 490 && length < 1040 ? 1 : 7) {
        struct json_writer small = {.used = 0};
        NOTE("%zu", length);
        json_begin_array(&small, NULL);
        json_bytes(&small, NULL, bytes, length);
        json_hex(&small, NULL, bytes, length);
        json_base64(&small, NULL, bytes, length / 3 * 3);
        json_end_array(&small);
        size_t used = (size_t)sprintf(expected, "[\"%.*s\",\"", (int)length, (const char *)bytes);
        for (size_t i = 0; i < length; i++)
            used += (size_t)sprintf(expected + used, "78");
        used += (size_t)sprintf(expected + used, "\",\"");
        for (size_t i = 0; i < length / 3; i++)
            used += (size_t)sprintf(expected + used, "eHh4");
        used += (size_t)sprintf(expected + used, "\"]");
        CHECK_EQ(small.used, used);
        CHECK(small.size >= small.used && !small.failed);
        CHECK_MEM(small.bytes, expected, used);
        json_free(&small);
    }
    json_free(&writer);
}
