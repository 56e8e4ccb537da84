#include "test.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSED, FAILED, SKIPPED };

static test_case_t *first_case, **last_case = &first_case;
static jmp_buf case_end;
static char note[256], reason[512];

void test_add(test_case_t *test_case)
{
    *last_case = test_case;
    last_case = &test_case->next;
}

unsigned test_seeds(unsigned count)
{
    const char *factor = getenv("SEEDS");
    double seeds = count * (factor ? strtod(factor, NULL) : 1);

    return seeds > 1 ? (unsigned)seeds : 1;
}

void test_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(note, sizeof(note), format, arguments);
    va_end(arguments);
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    int used = snprintf(reason, sizeof(reason), "%s:%d: %s%s", file, line, note, *note ? ": " : "");

    va_start(arguments, format);
    if (used >= 0 && (size_t)used < sizeof(reason)) {
        (void)vsnprintf(reason + used, sizeof(reason) - (size_t)used, format, arguments);
    }
    va_end(arguments);
    longjmp(case_end, FAILED);
}

void test_skip(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    longjmp(case_end, SKIPPED);
}

void test_check_eq(const char *file, int line, const char *what, long long found,
                   long long expected)
{
    if (found != expected) {
        test_fail(file, line, "%s is %lld (%#llx), expected %lld (%#llx)", what, found,
                  (unsigned long long)found, expected, (unsigned long long)expected);
    }
}

void test_check_str(const char *file, int line, const char *what, const char *found,
                    const char *expected)
{
    if (found == NULL || expected == NULL) {
        if (found != expected) {
            test_fail(file, line, "%s is %s, expected %s", what, found ? found : "NULL",
                      expected ? expected : "NULL");
        }
    } else if (strcmp(found, expected) != 0) {
        test_fail(file, line, "%s is \"%s\", expected \"%s\"", what, found, expected);
    }
}

static void print_hex(const char *title, const uint8_t *bytes, size_t length)
{
    fprintf(stderr, "%s", title);
    for (size_t i = 0; i < length; i++) {
        fprintf(stderr, "%s%02x", i % 32 == 0 ? "\n    " : "", bytes[i]);
    }
    fprintf(stderr, "\n");
}

void test_check_mem(const char *file, int line, const char *what, const void *found,
                    const void *expected, size_t length)
{
    const uint8_t *a = found, *b = expected;

    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i]) {
            print_hex("found:", a, length);
            print_hex("expected:", b, length);
            test_fail(file, line, "%s: byte %zu of %zu is %02x, expected %02x", what, i, length,
                      a[i], b[i]);
        }
    }
}

static int hex_digit(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, tolower((unsigned char)digit)) : NULL;

    return at ? (int)(at - digits) : -1;
}

size_t test_unhex(const char *file, int line, const char *hex, uint8_t *out, size_t size)
{
    size_t used = 0;

    for (; *hex; hex++) {
        if (isspace((unsigned char)*hex)) {
            continue;
        }
        int high = hex_digit(hex[0]), low = hex_digit(hex[1]);
        if (high < 0 || low < 0 || used == size) {
            test_fail(file, line, "%s at \"%.16s\"", used == size ? "no room" : "no hex", hex);
        }
        out[used++] = (uint8_t)(high << 4 | low);
        hex++;
    }
    return used;
}

static bool wanted(const char *name, int count, char *const *parts)
{
    for (int i = 0; i < count; i++) {
        if (strstr(name, parts[i])) {
            return true;
        }
    }
    return count == 0;
}

static bool run_case(const test_case_t *test_case)
{
    int result;

    note[0] = '\0';
    result = setjmp(case_end);
    if (result == PASSED) {
        test_case->run();
        printf("ok %s\n", test_case->name);
    } else {
        printf("%s %s - %s\n", result == FAILED ? "not ok" : "skip", test_case->name, reason);
    }
    return result != FAILED;
}

int main(int argc, char **argv)
{
    bool list = argc > 1 && strcmp(argv[1], "--list") == 0, good = true;

    /* Flush after each line: a later case may crash the program. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (const test_case_t *at = first_case; at; at = at->next) {
        if (list) {
            printf("%s\n", at->name);
        } else if (wanted(at->name, argc - 1, argv + 1)) {
            good = run_case(at) && good;
        }
    }
    return good ? 0 : 1;
}
