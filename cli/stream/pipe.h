/*
 * pipe.h - reads stdin, and writes stdout through a buffer. Other programs may share these
 * descriptors, so they are not made non-blocking. A source is read only after poll(2) has reported
 * that it is readable. A sink is written with nowait_write().
 */
#ifndef PIPE_H
#define PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

/* The most bytes that one datagram can add to stdout, in the longest frame format: its own records,
 * and earlier records that the library could not deliver before the datagram arrived. */
#define SINK_RESERVE (1 << 20)
/* Size in bytes of the buffer for stdout, which fills if the reader stops. Pages that are never
 * used take no memory. */
#define SINK_BYTES (16 << 20)

enum pipe_result { PIPE_DATA, PIPE_AGAIN, PIPE_END, PIPE_FAILED };

struct source {
    int fd;
    bool file;  /* a regular file, which is always readable */
    bool ended; /* the input has ended, or reading failed */
};

struct sink {
    int fd;
    bool file;         /* a regular file: writing does not block for long */
    bool broken;       /* discard all data: see sink_break() */
    size_t start, end; /* data[start] to data[end - 1] is not written yet */
    uint8_t data[SINK_BYTES];
};

void source_init(struct source *source, int fd);
/* Returns true if a read would not block. */
bool source_is_ready(const struct source *source);
/* Reads once, at most size bytes. Returns PIPE_DATA with the number of bytes in length, PIPE_AGAIN
 * if nothing is ready, PIPE_END at the end, or PIPE_FAILED with errno. */
enum pipe_result source_read(struct source *source, uint8_t *data, size_t size, size_t *length);

void sink_init(struct sink *sink, int fd);
/* Returns true if there is data to write. */
bool sink_pending(const struct sink *sink);
/* Returns true if SINK_RESERVE more bytes fit, or if the sink is broken. */
bool sink_has_room(const struct sink *sink);
/* Appends data, or discards it if the sink is broken. Returns false if the data does not fit. */
bool sink_put(struct sink *sink, const uint8_t *data, size_t length);
/* Writes as much as possible without blocking. Returns PIPE_DATA if everything was written,
 * PIPE_AGAIN if data is left, PIPE_END if the reader has closed (EPIPE), or PIPE_FAILED with errno.
 * After PIPE_END and PIPE_FAILED the sink is broken. */
enum pipe_result sink_flush(struct sink *sink);
/* Breaks the sink: discards its data and all later data. For a sink whose reader has closed, or
 * does not read any more. */
void sink_break(struct sink *sink);

#endif
