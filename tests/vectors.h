/*
 * vectors.h - reads the files in tests/vectors. Their format is in tests/vectors/README.
 *
 * A test runs in the top directory of the project. If a file cannot be read or parsed, the case
 * fails.
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

/* Calls run() with the name of each file whose name begins with prefix, such as "openssl-", in
 * alphabetical order. Returns the number of files. */
size_t vector_each(const char *prefix, void (*run)(const char *name));

void vector_open(vector_file_t *file, const char *name); /* name has no ".vec" */
void vector_close(vector_file_t *file);

/* Returns the first line with that key after the line `after`, or from the start if `after` is
 * NULL. Returns NULL if there is no such line. */
const vector_line_t *vector_next(const vector_file_t *file, const char *key,
                                 const vector_line_t *after);

/* Returns field n of a line, decoded from hexadecimal digits. */
vector_bytes_t vector_bytes(const vector_line_t *line, size_t n);
unsigned long vector_number(const vector_line_t *line, size_t n);

/* Returns the first field of the first line with that key, decoded. Returns no bytes if there is no
 * such line. */
vector_bytes_t vector_value(const vector_file_t *file, const char *key);

/* Checks that length bytes at found are the value of that key. */
void vector_check(const vector_file_t *file, const char *key, const uint8_t *found, size_t length);

#endif
