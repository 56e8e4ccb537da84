/*
 * dump.h - -o and -x: copy all application data to a file, raw or in hex.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options/options.h"

enum dump_way { DUMP_SENT, DUMP_RECEIVED };

struct dump {
    FILE *raw, *hex;    /* NULL without -o or -x, and after a write error */
    uint64_t offset[2]; /* bytes so far in each direction */
    bool failed;        /* a file is incomplete after a write error */
};

/* Creates the files. Returns 0, or an exit code after reporting the file that cannot be written. */
int dump_open(struct dump *dump, const struct options *options);
/* Appends data. Reports a write error once, and stops writing to that file. */
void dump_data(struct dump *dump, enum dump_way way, const uint8_t *data, size_t length);
void dump_close(struct dump *dump);

#endif
