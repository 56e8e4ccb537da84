/*
 * common_stack.h - other stacks to compare with: programs of tests/bench/stacks, which are not linked with the
 * library. stacks/stack.h has what can be asked of them.
 */
#ifndef COMMON_STACK_H
#define COMMON_STACK_H

#include <stddef.h>

enum { STACKS = 2 };
extern const char *const stack_names[STACKS];

/* Returns the CPU time in ns that a stack answers to this line, or 0 if it is not installed or does not support
 * that. */
double stack_ns(size_t stack, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
