/*
 * loop.h - waiting for whatever comes next: datagrams, stdin, stdout, time, signals.
 */
#ifndef LOOP_H
#define LOOP_H

#include "cat.h"

/* Runs until it is over and stdout has everything. */
void loop_run(struct cat *cat);

#endif
