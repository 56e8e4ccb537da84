/*
 * progress.h - --progress: shows a line on the terminal, and updates it twice a second.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"

struct progress {
    bool on;              /* --progress is given, and stderr is a terminal */
    bool shares_terminal; /* stdout is the terminal too, so the line must be erased before output */
    int64_t start_us;     /* time at which the run began */
    int64_t next_us;      /* time of the next update of the line */
    int64_t last_us;      /* time of the last update of the line */
    uint64_t last_bytes;  /* bytes sent and received, as of the last update */
    dtls_stats_t ended;   /* sum of the statistics of all sessions that have ended */
};

/* Begins to measure progress. The line is shown only if wanted is true and stderr is a terminal. */
void progress_start(struct progress *progress, bool wanted);
/* Returns the microseconds until the next update, or a negative number if the line is not shown. */
int64_t progress_wait(const struct progress *progress, int64_t now_us);
/* Updates the line with the totals and the current rate. */
void progress_show(struct progress *progress, const dtls_stats_t *sum);
/* Erases the line if stdout is a terminal too. Call this before data is written to stdout. */
void progress_clear(struct progress *progress);
/* Adds the statistics of a session to sum. */
void progress_add(dtls_stats_t *sum, const dtls_stats_t *stats);
/* Prints the totals and the rate of the whole run, and leaves the line on the terminal. */
void progress_end(struct progress *progress, const dtls_stats_t *sum);

#endif
