/*
 * dump.h - -o and -x: copies all application data to a file, raw or as a hex dump.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options/options.h"

enum dump_way { DUMP_SENT, DUMP_RECEIVED };

struct dump {
    FILE *raw, *hex;    /* NULL if the option is not given, and after a write error */
    uint64_t offset[2]; /* number of bytes copied so far; index: enum dump_way */
    bool failed;        /* a write error has made a file incomplete */
};

/* Creates the files of -o and -x. Returns 0, or an exit code after reporting the file that cannot
 * be written. */
int dump_open(struct dump *dump, const struct options *options);
/* Appends data to the files. If writing to a file fails, reports that and stops writing to it. */
void dump_data(struct dump *dump, enum dump_way way, const uint8_t *data, size_t length);
void dump_close(struct dump *dump);

#endif
