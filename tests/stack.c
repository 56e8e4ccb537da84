#include "stack.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

enum { SIZE = 1 << 20, PIECE = 8, SPARE = 1 << 15 };

static struct {
    _Alignas(64) uint8_t bytes[SIZE];
    const uint8_t *lowest; /* below it nothing was used, as far as stack_left() has looked */
    ucontext_t caller, callee;
    void (*run)(void *argument);
    void *argument;
} stack;

static void enter(void)
{
    stack.run(stack.argument);
}

void stack_need(void)
{
    const char *preloaded = getenv("LD_PRELOAD"); /* valgrind preloads libraries of its own */
    if (SANITIZED)
        SKIP("AddressSanitizer keeps variables elsewhere");
    if (preloaded && strstr(preloaded, "vgpreload"))
        SKIP("valgrind makes the memory of a function that has ended inaccessible");
}

void stack_run(void (*run)(void *argument), void *argument)
{
    memset(stack.bytes, 0, sizeof stack.bytes);
    stack.lowest = stack.bytes + SIZE;
    stack.run = run;
    stack.argument = argument;
    CHECK_EQ(getcontext(&stack.callee), 0);
    stack.callee.uc_stack.ss_sp = stack.bytes;
    stack.callee.uc_stack.ss_size = sizeof stack.bytes;
    stack.callee.uc_link = &stack.caller;
    makecontext(&stack.callee, enter, 0);
    CHECK_EQ(swapcontext(&stack.caller, &stack.callee), 0);
}

static bool holds(const uint8_t *end, const void *bytes, size_t length)
{
    const uint8_t *piece = bytes;
    for (size_t at = 0; at + PIECE <= length; at += PIECE)
        if (memmem(stack.bytes, (size_t)(end - stack.bytes), piece + at, PIECE))
            return true;
    return false;
}

bool stack_holds(const void *bytes, size_t length)
{
    return holds(stack.bytes + SIZE, bytes, length);
}

__attribute__((noinline)) bool stack_holds_below(const void *bytes, size_t length)
{
    const uint8_t *here = __builtin_frame_address(0);
    CHECK(here > stack.bytes && here < stack.bytes + SIZE);
    return holds(here - 256, bytes, length);
}

/* Returns the lowest byte that was used. A function may leave up to SPARE bytes of its frame unused. */
static const uint8_t *lowest_used(void)
{
    static const uint8_t zeros[SPARE];
    const uint8_t *at = stack.lowest;

    while (at >= stack.bytes + SPARE && memcmp(at - SPARE, zeros, SPARE) != 0)
        at -= SPARE;
    return stack.lowest = at;
}

__attribute__((noinline)) const uint8_t *stack_left(size_t *length)
{
    const uint8_t *here = __builtin_frame_address(0);

    const uint8_t *end = here - 256, *lowest = lowest_used();

    *length = end > lowest ? (size_t)(end - lowest) : 0;
    return lowest;
}

__attribute__((noinline)) void stack_clean(void)
{
    size_t length;
    const uint8_t *left = stack_left(&length);

    memset(stack.bytes + (left - stack.bytes), 0, length);
}
