/*
 * progress.h - --progress: a line on the terminal that is written anew twice a second.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cat;

struct progress {
    bool on;
    int64_t next_us, last_us;
    uint64_t last_bytes;
};

/* Nothing is shown if stderr is no terminal. */
void progress_start(struct progress *progress, bool wanted);
/* Microseconds until the line is due; negative: never. */
int64_t progress_wait(const struct progress *progress, int64_t now_us);
void progress_show(struct cat *cat);

#endif
