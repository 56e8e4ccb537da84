/*
 * test.h - the harness of the C tests.
 *
 *     TEST(window_takes_each_number_once)
 *     {
 *         CHECK_EQ(window_check(&window, 7), 0);
 *     }
 *
 * A case ends at its first failed check, even if a function that it called makes the check. Cases
 * run in the order of the file. main() is in test.c. Its arguments are --list, or parts of the
 * names of the cases to run.
 *
 * For each case the program prints "ok NAME", "not ok NAME - why" or "skip NAME - why" on stdout,
 * and details on stderr. It exits with 0 if no case failed.
 */
#ifndef TEST_H
#define TEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct test_case test_case_t;
struct test_case {
    const char *name;
    void (*run)(void);
    test_case_t *next;
};

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void test_add_##name(void)                                 \
    {                                                                                              \
        static test_case_t test_case = {#name, test_##name, NULL};                                 \
        test_add(&test_case);                                                                      \
    }                                                                                              \
    static void test_##name(void)

#define CHECK(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #condition))
#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(...) test_skip(__VA_ARGS__)

/* Compares the value found with the value expected, two integers of any type. */
#define CHECK_EQ(found, expected)                                                                  \
    test_check_eq(__FILE__, __LINE__, #found, (long long)(found), (long long)(expected))
#define CHECK_STR(found, expected) test_check_str(__FILE__, __LINE__, #found, found, expected)
#define CHECK_MEM(found, expected, length)                                                         \
    test_check_mem(__FILE__, __LINE__, #found, found, expected, length)

/* Names the row of a table, or the seed. It is printed if the case fails after this. */
#define NOTE(...) test_note(__VA_ARGS__)

/* Decodes hexadecimal digits, with or without spaces, into the array out. Returns the number of
 * bytes. */
#define UNHEX(hex, out) test_unhex(__FILE__, __LINE__, hex, out, sizeof(out))

/* Returns how many seeds to try: count, multiplied by the environment variable SEEDS (such as 10 or
 * 0.1) if that is set, but at least one. */
unsigned test_seeds(unsigned count);

void test_add(test_case_t *test_case);
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
void test_skip(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test_check_eq(const char *file, int line, const char *what, long long found,
                   long long expected);
void test_check_str(const char *file, int line, const char *what, const char *found,
                    const char *expected);
void test_check_mem(const char *file, int line, const char *what, const void *found,
                    const void *expected, size_t length);
size_t test_unhex(const char *file, int line, const char *hex, uint8_t *out, size_t size);

#endif
