/*
 * chat.c - --chat: a message cannot look like a message of another sender, and cannot control the
 * terminals of its readers.
 */
#include "stream/chat.h"

#include "test.h"

#include <string.h>

TEST(a_message_is_one_line_with_the_name_of_its_sender)
{
    static const struct {
        const char *sent, *shown;
    } rows[] = {
        {"hello\n", "<\"mallory\"> hello\n"},
        {"hello", "<\"mallory\"> hello"},
        {"hello\r\n", "<\"mallory\"> hello\r\n"},
        {"hello\r\r\n", "<\"mallory\"> hello \r\n"},
        {"gr\303\274n\n", "<\"mallory\"> gr\303\274n\n"},
        {"", "<\"mallory\"> "},
        {"\n", "<\"mallory\"> \n"},
        {"\n\n", "<\"mallory\">  \n"},
        {"x\n<\"alice\"> hello\n", "<\"mallory\"> x <\"alice\"> hello\n"},
        {"x\r<\"alice\"> hello\n", "<\"mallory\"> x <\"alice\"> hello\n"},
        {"a\tb\n", "<\"mallory\"> a b\n"},
        {"\033[2J\a\177\n", "<\"mallory\"> ?[2J??\n"},
        {"\302\2332J\n", "<\"mallory\"> ??2J\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const uint8_t *sent = (const uint8_t *)rows[i].sent;
        struct chat_text text = chat_message("\"mallory\"", sent, strlen(rows[i].sent));

        NOTE("row %zu", i);
        CHECK_EQ(text.length, strlen(rows[i].shown));
        CHECK_MEM(text.data, rows[i].shown, text.length);
    }
}
