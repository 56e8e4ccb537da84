/*
 * secretfile.h - reads files with secrets, and checks that only their owner has access. Key files
 * are parsed in keyfile.c.
 */
#ifndef SECRETFILE_H
#define SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Returns true if only the owner can read or write the file, or if it is not a regular file.
 * Otherwise reports the error, with the advice to change the mode, and returns false. */
bool secretfile_is_private(const char *path, int fd);
/* Does the same as secretfile_is_private(), but the error line begins with `name` instead of the
 * path, and ends with `advice`. */
bool secretfile_is_private_or(const char *name, int fd, const char *advice);

/* Reads a file to its end. Returns the length, or -1 with errno. errno is EFBIG if the file does
 * not fit data. */
ssize_t secretfile_read(int fd, void *data, size_t size);

#endif
