/*
 * progress.h - --progress: a line on the terminal that is written anew twice a second.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"

struct progress {
    bool on;
    bool shares_terminal; /* with stdout */
    int64_t start_us, next_us, last_us;
    uint64_t last_bytes;
    dtls_stats_t ended; /* the sum of the sessions that have ended */
};

/* Nothing is shown if stderr is no terminal. */
void progress_start(struct progress *progress, bool wanted);
/* Microseconds until the line is due; negative: never. */
int64_t progress_wait(const struct progress *progress, int64_t now_us);
void progress_show(struct progress *progress, const dtls_stats_t *sum);
/* Erases the line, before data is written to the same terminal. */
void progress_clear(struct progress *progress);
/* Adds a session to what the line shows. */
void progress_add(dtls_stats_t *sum, const dtls_stats_t *stats);
/* Shows the totals, and keeps that line. */
void progress_end(struct progress *progress, const dtls_stats_t *sum);

#endif
