/*
 * secretfile.h - files with secrets, which only the owner may read or write.
 */
#ifndef SECRETFILE_H
#define SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Returns false after reporting that others may read or write the file. The error line ends with
 * `advice`. Pipes and other files that are not regular are accepted. */
bool secretfile_is_private(const char *path, int fd);
bool secretfile_is_private_or(const char *path, int fd, const char *advice);

/* Reads to the end of the file. Returns the length, or -1 with errno. errno is EFBIG if the file
 * has size bytes or more. */
ssize_t secretfile_read(int fd, void *data, size_t size);

#endif
