/*
 * limits.h - how long things may take, and what happens then: silence, the end of stdin, signs of life.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "cat.h"

#define LIMITS_NEVER INT64_MAX

/* Does what is due. When to call it again, at the latest, in microseconds of clock_us(). */
int64_t limits_check(struct cat *cat);

/* A signal has come: from now on stdout has two seconds for each piece that it takes. */
void limits_hurry(struct cat *cat);

#endif
