/*
 * progress.h - --progress: a line on the terminal that is updated twice a second.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"

struct progress {
    bool on;
    bool shares_terminal; /* stdout is a terminal too, so the line must be erased before output */
    int64_t start_us;     /* beginning of the run */
    int64_t next_us;      /* time of the next update */
    int64_t last_us;      /* time of the last update */
    uint64_t last_bytes;  /* bytes sent and received at the last update */
    dtls_stats_t ended;   /* the sum of all closed sessions */
};

/* Begins. Nothing is shown unless wanted is set and stderr is a terminal. */
void progress_start(struct progress *progress, bool wanted);
/* Returns the microseconds until the next update, or a negative number if there is none. */
int64_t progress_wait(const struct progress *progress, int64_t now_us);
/* Prints the totals, and the rate since the last update. */
void progress_show(struct progress *progress, const dtls_stats_t *sum);
/* Erases the line if stdout is a terminal. Call it before data is written to stdout. */
void progress_clear(struct progress *progress);
/* Adds the statistics of a session to sum. */
void progress_add(dtls_stats_t *sum, const dtls_stats_t *stats);
/* Prints the totals, and the rate of the whole run. The line stays on the terminal. */
void progress_end(struct progress *progress, const dtls_stats_t *sum);

#endif
