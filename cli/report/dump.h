/*
 * dump.h - -o and -x: a copy of all data, as it is or in hex.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options/options.h"

enum dump_way { DUMP_SENT, DUMP_RECEIVED };

struct dump {
    FILE *raw, *hex; /* NULL: not asked for */
    uint64_t offset[2];
    bool failed; /* one of them has not everything */
};

/* 0, or an exit code after having said which file cannot be written. */
int dump_open(struct dump *dump, const struct options *options);
void dump_data(struct dump *dump, enum dump_way way, const uint8_t *data, size_t length);
void dump_close(struct dump *dump);

#endif
