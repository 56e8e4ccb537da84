#include "common_series.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

double clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

unsigned bench_runs(void)
{
    const char *runs = getenv("BENCH_RUNS");
    unsigned count = runs ? (unsigned)strtoul(runs, NULL, 10) : 0;
    return count ? count : 5;
}

bool bench_apart(void)
{
    int status = 1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        return true;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        FAIL("the measurement failed");
    return false;
}

void bench_apart_end(void)
{
    fflush(stdout);
    _exit(0);
}

void sample(const char *figure, const char *unit, const char *series, double value)
{
    printf("sample\t%s\t%s\t%s\t%.6g\n", figure, unit, series, value);
    fflush(stdout);
}

void ratio(const char *figure, const char *series, const char *base)
{
    printf("ratio\t%s\t%s\t%s\n", figure, series, base);
}
