/*
 * stack.h - runs a function on a stack of its own, to search what it leaves there.
 */
#ifndef TESTS_STACK_H
#define TESTS_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Skips the case in a build with AddressSanitizer, which keeps variables elsewhere, and under valgrind. A
 * case calls it before it allocates memory. */
void stack_need(void);
/* Calls run(argument) on a stack that is filled with zeros before. */
void stack_run(void (*run)(void *argument), void *argument);
/* Returns true if the stack of the last stack_run() contains these bytes, or 8 of them: later calls
 * may have overwritten others. */
bool stack_holds(const void *bytes, size_t length);
/* Returns the same for what functions have left that have returned: for the part below the frame of the caller, which
 * must run by stack_run(). */
bool stack_holds_below(const void *bytes, size_t length);
/* Returns that part, as far as it was used. */
const uint8_t *stack_left(size_t *length);
/* Fills that part with zeros. */
void stack_clean(void);

#endif
