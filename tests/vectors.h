/*
 * vectors.h - reads the files in tests/vectors; tests/vectors/README has the format.
 *
 * A test runs in the top directory of the project. What is wrong with a file fails the case.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <stddef.h>
#include <stdint.h>

enum { VECTOR_FIELDS = 10, VECTOR_BYTES = 1024 };

typedef struct {
    const char *key;
    size_t count;
    const char *fields[VECTOR_FIELDS];
} vector_line_t;

typedef struct {
    char *text;
    vector_line_t *lines;
    size_t count;
} vector_file_t;

typedef struct {
    size_t length;
    uint8_t data[VECTOR_BYTES];
} vector_bytes_t;

/* Calls run with each name that begins so, in order; returns how many: "openssl-" and the like. */
size_t vector_each(const char *prefix, void (*run)(const char *name));

void vector_open(vector_file_t *file, const char *name); /* without ".vec" */
void vector_close(vector_file_t *file);

/* The first line with that key behind `after`, or of all if that is NULL. NULL: no more. */
const vector_line_t *vector_next(const vector_file_t *file, const char *key,
                                 const vector_line_t *after);

/* Field n of a line, decoded. */
vector_bytes_t vector_bytes(const vector_line_t *line, size_t n);
unsigned long vector_number(const vector_line_t *line, size_t n);

/* The first field of the first line with that key; no such line: no bytes. */
vector_bytes_t vector_value(const vector_file_t *file, const char *key);

#endif
