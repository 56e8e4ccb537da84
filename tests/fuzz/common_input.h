/*
 * common_input.h - what all fuzz targets share: the entry, the cursor over an input, and the check
 * of an oracle.
 *
 * libFuzzer, AFL++ and common_main.c call the entry. After a failed check the process aborts, which
 * all three report as a finding.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The entry of a target: runs one input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
void fuzz_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

typedef struct {
    const uint8_t *at, *end;
} input_t;

/* Returns the next byte, or 0 at the end of the input. */
uint8_t input_byte(input_t *input);
/* Returns the next two bytes as a big-endian number. */
unsigned input_word(input_t *input);
/* Takes at most length bytes. */
input_t input_take(input_t *input, size_t length);
size_t input_left(const input_t *input);
/* Returns a copy of the rest in memory of exactly that size, so that ASan finds each access beyond
 * its end. The caller frees it. */
uint8_t *input_copy(const input_t *input);

#endif
