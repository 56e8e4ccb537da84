/*
 * secretfile.h - files with secrets: only their owner may read or write them.
 */
#ifndef SECRETFILE_H
#define SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* False: others may read or write the file, which is reported in a line that ends with `otherwise`. Anything
 * but a regular file is accepted. */
bool secretfile_is_private(const char *path, int fd);
bool secretfile_is_private_or(const char *path, int fd, const char *otherwise);

/* Everything up to the end: its length, or -1 with errno, EFBIG if it fills size bytes. */
ssize_t secretfile_read(int fd, void *data, size_t size);

#endif
