/*
 * capturefile.h - the file or pipe of a capture, and the queue before it. If a pipe's reader has
 * stopped, nothing waits for it: what does not fit the queue is lost.
 */
#ifndef CAPTUREFILE_H
#define CAPTUREFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capturefile {
    const char *path;
    int fd;             /* -1: closed after an error */
    bool is_file;       /* a regular file: writing does not block for long */
    bool failed;        /* an error other than that the reader has gone */
    bool blocked;       /* the reader does not accept more now */
    bool loss_reported; /* that the reader is too slow */
    bool has_secrets;   /* the queue has secrets, and is wiped after they are written */
    size_t start, end;  /* bytes[start] to bytes[end - 1] are queued */
    uint8_t bytes[4 << 20];
};

/* Opens a file for secrets. A file that exists is emptied. Refuses stdout, and files to which other
 * users have access, unless the path is that of a descriptor. Returns 0, or an exit code after
 * reporting the error. */
int capturefile_open(struct capturefile *file, const char *path);
/* Writes what is queued, and waits a moment for the reader of a pipe. Closes the file. */
void capturefile_close(struct capturefile *file);

/* Returns a pointer to room for a block of at most `size` bytes, or NULL if the queue is full. Call
 * capturefile_add() with its length before the next call. Secrets may use all of the queue, other
 * blocks only a part of it. */
uint8_t *capturefile_space(struct capturefile *file, size_t size, bool secret);
void capturefile_add(struct capturefile *file, size_t length, bool secret);

/* Writes as much of the queue as the file accepts now. */
void capturefile_write(struct capturefile *file);

#endif
