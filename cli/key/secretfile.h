/*
 * secretfile.h - opens and reads files with secrets, and checks that no other user can read or
 * replace what is in them. Key files are parsed in keyfile.c.
 */
#ifndef SECRETFILE_H
#define SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens a file for reading, and does not follow a symbolic link, since its owner could change what
 * is read. Paths such as /dev/fd/3 are links too, but are opened: they name a descriptor that this
 * process has been given. flags are flags of open(2), such as O_NONBLOCK. Returns the descriptor, or
 * -1 with errno. */
int secretfile_open(const char *path, int flags);
/* Returns the text for an error of secretfile_open(). */
const char *secretfile_error(int error);

/* Writes the path, at most 200 bytes of it, with quotes if the shell needs them. Returns text. */
#define QUOTED_MAX 204
const char *secretfile_quoted(char text[QUOTED_MAX], const char *path);

/* From now on, a file may belong to this user too: the user of --user. */
void secretfile_trust(uid_t user);

/* Returns true if the file belongs to root or to the user of this process, and only that user can
 * read or write it. Only the owner of a pipe or device matters, not its mode. Otherwise reports the
 * error, with chown or chmod as the next step, and returns false. `otherwise` is a second way out, or
 * NULL. */
bool secretfile_is_safe(const char *path, int fd, const char *otherwise);

/* Reports that other users can read or write the file, with `advice` as the next step, and returns
 * false. Returns true if only the owner can, or if the file is not a regular file. */
bool secretfile_is_private_or(const char *name, int fd, const char *advice);

/* Reads a file to its end. Returns the length, or -1 with errno. errno is EFBIG if the file does
 * not fit data. */
ssize_t secretfile_read(int fd, void *data, size_t size);

#endif
