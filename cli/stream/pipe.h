/*
 * pipe.h - reads from stdin and buffered writes to stdout. Neither descriptor is made non-blocking,
 * since other programs may share it. A source is therefore read only when poll(2) reports that it
 * is readable. A sink is written by nowait_write().
 */
#ifndef PIPE_H
#define PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

/* Bytes that one datagram can add in the longest frame format, with the records that were held for
 * it. */
#define SINK_RESERVE (1 << 20)
/* The limit for a stalled reader. Pages that were never needed take no memory. */
#define SINK_BYTES (16 << 20)

enum pipe_result { PIPE_DATA, PIPE_AGAIN, PIPE_END, PIPE_FAILED };

struct source {
    int fd;
    bool file;  /* a regular file, which is always readable */
    bool ended; /* the end of the input, or a read error */
};

struct sink {
    int fd;
    bool file;         /* a regular file, where a write does not block for long */
    bool broken;       /* there is no reader: discard all data */
    size_t start, end; /* the part of data that is not written yet */
    uint8_t data[SINK_BYTES];
};

void source_init(struct source *source, int fd);
/* True if a read would not block. */
bool source_is_ready(const struct source *source);
/* Reads once, at most size bytes. Returns PIPE_DATA with length, PIPE_AGAIN if interrupted or not
 * ready, PIPE_END at the end, or PIPE_FAILED with errno. */
enum pipe_result source_read(struct source *source, uint8_t *data, size_t size, size_t *length);

void sink_init(struct sink *sink, int fd);
/* True if there is data to write. */
bool sink_pending(const struct sink *sink);
/* True if SINK_RESERVE more bytes fit, or if the sink is broken. */
bool sink_has_room(const struct sink *sink);
/* Appends data. A broken sink discards it. Returns false if the data does not fit. */
bool sink_put(struct sink *sink, const uint8_t *data, size_t length);
/* Writes as much as possible without blocking. Returns PIPE_DATA if all was written, PIPE_AGAIN if
 * some data is left, PIPE_END if the reader has closed (EPIPE), or PIPE_FAILED with errno. The last
 * two break the sink. */
enum pipe_result sink_flush(struct sink *sink);
/* Discards the pending data and all later data. */
void sink_break(struct sink *sink);

#endif
