#include "fuzz/common_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: oracle failed: %s\n", file, line, condition);
    abort();
}

uint8_t input_byte(input_t *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

unsigned input_word(input_t *input)
{
    unsigned high = input_byte(input);

    return high << 8 | input_byte(input);
}

input_t input_take(input_t *input, size_t length)
{
    size_t left = input_left(input);
    input_t taken = {input->at, input->at + (length < left ? length : left)};

    input->at = taken.end;
    return taken;
}

size_t input_left(const input_t *input)
{
    return (size_t)(input->end - input->at);
}

uint8_t *input_copy(const input_t *input)
{
    size_t length = input_left(input);
    uint8_t *copy = malloc(length > 0 ? length : 1);

    FUZZ_CHECK(copy != NULL);
    if (length > 0) {
        memcpy(copy, input->at, length);
    }
    return copy;
}
