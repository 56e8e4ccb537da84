/* common_calls.h - calls of the public functions, with arguments from the input. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "fuzz/common_world.h"

/* Makes one call: a byte for the function, one for the address, and arguments. */
void calls_make(end_t *end, input_t *input);

#endif
