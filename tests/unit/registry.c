/*
 * registry.c - the names of suites, groups, extensions and signature schemes are those that tshark has for
 * the numbers.
 */
#include "common.h"
#include "message/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that an older tshark has for a number of a draft, or writes in another way. */
static const struct {
    const char *field;
    unsigned from, to;
} exceptions[] = {
    {"tls.handshake.extension.type", 34, 34}, /* delegated_credential */
    {"tls.handshake.extension.type", 53, 53}, /* connection_id of drafts */
    {"tls.handshake.extensions_supported_group", 512, 0xffff},
};

static const struct {
    const char *field;
    const char *(*name_of)(uint16_t number);
    unsigned least; /* how many names both have, with tshark 4.0 */
} rows[] = {
    {"tls.handshake.ciphersuite", code_suite, 86},
    {"tls.handshake.extension.type", code_extension, 43},
    {"tls.handshake.extensions_supported_group", code_group, 16},
    {"tls.handshake.sig_hash_alg", code_signature, 16},
};
static unsigned compared[COUNT(rows)];

static bool is_exception(const char *field, unsigned number)
{
    for (size_t i = 0; i < COUNT(exceptions); i++)
        if (strcmp(exceptions[i].field, field) == 0 && number >= exceptions[i].from &&
            number <= exceptions[i].to)
            return true;
    return false;
}

/* A line is "V", the field, the number and its name, with tabs between them. */
static void compare(char *line)
{
    char *rest = line, *parts[4] = {NULL};

    for (size_t i = 0; i < COUNT(parts) && rest; i++)
        parts[i] = strsep(&rest, "\t\n");
    if (!parts[3] || strcmp(parts[0], "V") != 0)
        return;
    unsigned long number = strtoul(parts[2], NULL, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(parts[1], rows[i].field) != 0 || number > 0xffff)
            continue;
        const char *name = rows[i].name_of((uint16_t)number);
        if (!name || strstr(parts[3], "GREASE") || is_exception(parts[1], (unsigned)number))
            continue;
        NOTE("%s %lu", parts[1], number);
        CHECK_STR(name, parts[3]);
        compared[i]++;
    }
}

TEST(names_of_tshark)
{
    char line[1024];
    FILE *values = popen("tshark -G values 2>/dev/null", "r");

    CHECK(values != NULL);
    while (fgets(line, sizeof line, values))
        compare(line);
    if (pclose(values) != 0)
        SKIP("tshark is missing");
    for (size_t i = 0; i < COUNT(rows); i++) {
        NOTE("%s", rows[i].field);
        CHECK(compared[i] >= rows[i].least);
    }
}
