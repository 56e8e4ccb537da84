/*
 * common_stack.h - measures other stacks by the programs of tests/bench/stacks, which are not linked with the
 * library. stacks/stack.h describes the lines that these programs read and write.
 */
#ifndef COMMON_STACK_H
#define COMMON_STACK_H

#include <stddef.h>

enum { STACKS = 2 };
extern const char *const stack_names[STACKS];

/* Sends this line to the program of a stack, and returns the CPU time in ns that the program answers. Returns 0 if the
 * stack is not installed, or does not support what the line names. */
double stack_ns(size_t stack, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
