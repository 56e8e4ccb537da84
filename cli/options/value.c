#include "options/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/home.h"
#include "common/numbers.h"
#include "common/report.h"

static void store(const struct row *row, struct options *options, int64_t value)
{
    void *field = (char *)options + row->field;

    switch (row->width) {
    case 1: memcpy(field, &(uint8_t){(uint8_t)value}, 1); break;
    case 2: memcpy(field, &(uint16_t){(uint16_t)value}, 2); break;
    case 4: memcpy(field, &(uint32_t){(uint32_t)value}, 4); break;
    default: memcpy(field, &value, sizeof value);
    }
}

static bool store_text(const struct row *row, struct options *options, const char *text)
{
    if (text == NULL)
        report("cannot store the value of an option: out of memory");
    memcpy((char *)options + row->field, &text, sizeof text);
    return text != NULL;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static bool read_number(const struct row *row, const char *text, int64_t *value)
{
    unsigned long number;
    bool good = parse_number(text, (unsigned long)row->least, (unsigned long)row->most, &number);

    *value = good ? (int64_t)number : 0;
    return good;
}

static bool read_size(const struct row *row, const char *text, int64_t *value)
{
    uint64_t size;
    bool good = parse_size(text, &size) && (size == 0 || size >= (uint64_t)row->least);

    *value = good ? (int64_t)size : 0;
    return good;
}

static bool read_time(const struct row *row, const char *text, int64_t *value)
{
    return parse_time(text, row->kind == KIND_MS ? 1 : SECONDS, value) && *value >= row->least &&
           *value <= row->most;
}

static bool read_choice(const struct row *row, const char *text, int64_t *value)
{
    for (const struct choice *choice = row->choices; choice->name != NULL; choice++) {
        if (strcmp(text, choice->name) != 0)
            continue;
        *value = choice->value;
        return true;
    }
    return false;
}

/* Writes the names of all choices as "on, off or auto". */
static void list_choices(char *list, size_t size, const struct choice *choice)
{
    size_t used = 0;

    for (list[0] = '\0'; choice->name != NULL && used < size; choice++)
        used += (size_t)snprintf(list + used, size - used, "%s%s",
                                 used == 0                ? ""
                                 : choice[1].name == NULL ? " or "
                                                          : ", ",
                                 choice->name);
}

bool value_expected(char text[EXPECTED_MAX], const struct row *row)
{
    switch (row->kind) {
    case KIND_NUMBER:
        snprintf(text, EXPECTED_MAX, "%s, %" PRId64 "-%" PRId64, row->unit, row->least, row->most);
        return true;
    case KIND_SIZE:
        snprintf(text, EXPECTED_MAX, "0, or at least %" PRId64 ", as in 64k, 20M or 1G",
                 row->least);
        return true;
    case KIND_CHOICE: list_choices(text, EXPECTED_MAX, row->choices); return true;
    default:
        if (row->unit != NULL)
            snprintf(text, EXPECTED_MAX, "%s", row->unit);
        return row->unit != NULL;
    }
}

static void report_invalid(const struct row *row, const char *text)
{
    char label[LABEL_MAX], expected[EXPECTED_MAX];

    value_expected(expected, row);
    report("invalid %s \"%.60s\": expected %s", option_label(label, row), text, expected);
}

static bool (*const readers[KIND_SET])(const struct row *row, const char *text, int64_t *value) = {
    [KIND_NUMBER] = read_number, [KIND_SIZE] = read_size,     [KIND_SECONDS] = read_time,
    [KIND_MS] = read_time,       [KIND_CHOICE] = read_choice,
};

/* ---- all kinds ------------------------------------------------------------------------------ */

static bool set(const struct row *row, struct options *options, char *value)
{
    bool good = row->set(options, value);

    if (!good && row->unit != NULL)
        report_invalid(row, value);
    return good;
}

bool value_apply(const struct row *row, struct options *options, char *value)
{
    int64_t number = row->value;

    switch (row->kind) {
    case KIND_SET: return set(row, options, value);
    case KIND_TEXT: return store_text(row, options, value);
    case KIND_FILE: return store_text(row, options, home_path(value));
    default: break;
    }
    if (readers[row->kind] != NULL && !readers[row->kind](row, value, &number)) {
        report_invalid(row, value);
        return false;
    }
    store(row, options, number);
    return true;
}

void value_set_default(const struct row *row, struct options *options, const char *standard)
{
    char text[16];

    snprintf(text, sizeof text, "%s", standard);
    value_apply(row, options, text);
}

bool value_is_same(const struct row *row, const struct options *a, const struct options *b)
{
    return memcmp((const char *)a + row->field, (const char *)b + row->field, row->width) == 0;
}
