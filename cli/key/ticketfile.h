/*
 * ticketfile.h - the file of --resume: the state of an earlier session, which is good for one more. It
 * holds a key, and goes when it is offered; the next ticket takes its place.
 */
#ifndef TICKETFILE_H
#define TICKETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"

#define TICKETFILE_BYTES (3 << 17)

struct ticketfile {
    const char *path; /* NULL: none */
    int fd;           /* of the file as long as it is there, locked; else -1, as at first */
    int64_t came_ms;  /* when it was written, by the clock on the wall */
    size_t length;    /* 0: there is no state */
    char identity[IDENTITY_TEXT_MAX]; /* whose sessions it keeps */
    uint8_t state[TICKETFILE_BYTES];
};

/* Reads the file, if it is there and no other program has it. 0, or an exit code after having said what
 * is wrong: also if it is there and no ticket, which would be lost. path NULL: there is none. */
int ticketfile_load(struct ticketfile *file, const char *path, const uint8_t *identity,
                    size_t length);

/* Removes the file, since its state is going to be offered. Where that fails there is no state. */
void ticketfile_consume(struct ticketfile *file);

/* Since it was written; never negative. */
uint64_t ticketfile_age_ms(const struct ticketfile *file);

/* Puts a new state into the file, whole or not at all. */
void ticketfile_store(const struct ticketfile *file, const uint8_t *state, size_t length);

/* Removes the file with the new state: its session ended with a fatal alert. */
void ticketfile_forget(const struct ticketfile *file);

/* Wipes and closes. */
void ticketfile_clear(struct ticketfile *file);

#endif
