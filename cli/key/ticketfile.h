/*
 * ticketfile.h - the file of --resume. It contains the state of an earlier session, with a key, and
 * serves for one resumption. The file is removed before the ticket is sent. The next ticket
 * replaces it.
 */
#ifndef TICKETFILE_H
#define TICKETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"

#define TICKETFILE_BYTES (3 << 17)

struct ticketfile {
    const char *path;   /* NULL without --resume */
    int fd;             /* of the locked file; -1 initially, and after the file was removed */
    int64_t written_ms; /* real time at which the file was written */
    size_t length;      /* bytes of state; 0: there is none */
    char identity[IDENTITY_TEXT_MAX]; /* the identity of the sessions */
    uint8_t state[TICKETFILE_BYTES];
};

/* Reads the file, if it exists and no other process has locked it. Returns 0, or an exit code after
 * reporting the error. A file that is not a ticket is an error, since a new ticket would overwrite
 * it. path may be NULL. */
int ticketfile_load(struct ticketfile *file, const char *path, const uint8_t *identity,
                    size_t length);

/* Removes the file, before its ticket is sent. If this fails, the error is reported and the state
 * is not used. */
void ticketfile_consume(struct ticketfile *file);

/* Returns the time since the file was written; 0 if the clock was set back. */
uint64_t ticketfile_age_ms(const struct ticketfile *file);

/* Replaces the file by one with a new state. If this fails, the error is reported and the file is
 * not changed. */
void ticketfile_store(const struct ticketfile *file, const uint8_t *state, size_t length);

/* Removes the file after a fatal alert: the session must not be resumed (RFC 5246 section 7.2.2).
 * */
void ticketfile_forget(const struct ticketfile *file);

/* Wipes the state and closes the file. */
void ticketfile_clear(struct ticketfile *file);

#endif
