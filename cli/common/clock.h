/*
 * clock.h - monotonic time in microseconds.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NEVER INT64_MAX

static inline int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t clock_later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t clock_sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
