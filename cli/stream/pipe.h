/*
 * pipe.h - stdin in records, records to stdout. Neither descriptor is made non-blocking: they may
 * be shared with other programs. So nothing is read or written before poll(2) said that it can be,
 * and no more than a pipe then takes.
 */
#ifndef PIPE_H
#define PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

/* What one datagram can bring, with all that was held back for it, in the wordiest frame. */
#define SINK_RESERVE (1 << 20)
/* A reader may stall for so much; memory that was never needed is never touched. */
#define SINK_BYTES (16 << 20)

enum pipe_result { PIPE_DATA, PIPE_AGAIN, PIPE_END, PIPE_FAILED };

struct source {
    int fd;
    bool file;  /* a regular file: always ready */
    bool ended; /* nothing more will come */
};

struct sink {
    int fd;
    bool file;   /* a regular file: takes everything */
    bool broken; /* nobody reads: what comes is thrown away */
    size_t start, end;
    uint8_t data[SINK_BYTES]; /* start..end waits */
};

void source_init(struct source *source, int fd);
/* Whether a read would not wait. */
bool source_is_ready(const struct source *source);
/* One read of at most size bytes. PIPE_END once, at the end; PIPE_FAILED with errno. */
enum pipe_result source_read(struct source *source, uint8_t *data, size_t size, size_t *length);

void sink_init(struct sink *sink, int fd);
bool sink_pending(const struct sink *sink);
/* Whether SINK_RESERVE more bytes fit. */
bool sink_has_room(const struct sink *sink);
/* False: it does not fit. */
bool sink_put(struct sink *sink, const uint8_t *data, size_t length);
/* Writes what goes without waiting: PIPE_DATA all, PIPE_AGAIN some is left, PIPE_END nobody reads
 * any more, PIPE_FAILED with errno. */
enum pipe_result sink_flush(struct sink *sink);
/* Forgets what waits and takes no more. */
void sink_break(struct sink *sink);

#endif
