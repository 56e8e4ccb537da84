/*
 * common_series.h - values for tests/bench/summary.awk, which prints their medians and ratios.
 */
#ifndef COMMON_SERIES_H
#define COMMON_SERIES_H

#include <stdbool.h>
#include <stddef.h>

double clock_us(void);                          /* the time of the monotonic clock */
double median_of(double *values, size_t count); /* also sorts the values */
unsigned bench_runs(void);                      /* how often to measure: $BENCH_RUNS, or 5 */
/* Forks. Returns true in the child, which measures, prints samples, and calls bench_apart_end(). Its heap has not been
 * shaped by earlier measurements. Returns false in the parent when the child has ended. */
bool bench_apart(void);
void bench_apart_end(void);
/* Prints one value of a figure, such as "record of 64 bytes". series: what was measured, such as the name of a
 * library. */
void sample(const char *figure, const char *unit, const char *series, double value);
/* Makes summary.awk print the ratio of two series of a figure, from values that were measured one after the other. */
void ratio(const char *figure, const char *series, const char *base);

#endif
