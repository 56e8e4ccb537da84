/*
 * fileops.h - opens and replaces files that options name. The helper process executes these functions
 * for a process in the sandbox.
 */
#ifndef FILEOPS_H
#define FILEOPS_H

#include <stdbool.h>

/* The functions return -1 with errno on failure. */
/* Opens a file for reading, with further flags of open(2). Returns the descriptor. */
int fileops_open(const char *path, int flags);
/* Creates a new file, with mode 0600, that is to replace the file at path. Returns a descriptor for
 * writing. At most one such file exists at a time. */
int fileops_create(const char *path);
/* Gives the created file its final path. */
int fileops_replace(const char *path);
/* Removes the created file. */
int fileops_discard(const char *path);
/* Removes the file at path. */
int fileops_remove(const char *path);

#endif
