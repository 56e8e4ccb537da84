/*
 * ticketfile.h - the file of --resume. It contains the ticket and the secrets of an earlier
 * session. A ticket is used only once: the file is removed before the ticket is sent. When the
 * server issues a new ticket, the file is written again.
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
    int fd;             /* descriptor of the locked file; -1 if the file is not open */
    int64_t written_ms; /* modification time of the file, in ms since the epoch */
    size_t length;      /* length of state in bytes; 0: no ticket */
    char identity[IDENTITY_TEXT_MAX]; /* the identity that the client uses */
    uint8_t state[TICKETFILE_BYTES];
};

/* Reads the file of --resume, if it exists and no other process has locked it. path is NULL without
 * --resume. A file that is not a ticket is an error, since a new ticket would overwrite it. Returns
 * 0, or an exit code after reporting the error. */
int ticketfile_load(struct ticketfile *file, const char *path, const uint8_t *identity,
                    size_t length);

/* Removes the file. Call this before the ticket is sent. If the file cannot be removed, the error
 * is reported and the ticket is not used. */
void ticketfile_consume(struct ticketfile *file);

/* Returns the milliseconds since the file was written, or 0 if the clock was set back. */
uint64_t ticketfile_age_ms(const struct ticketfile *file);

/* Replaces the file by one with a new ticket. If that fails, the error is reported and the old file
 * is unchanged. */
void ticketfile_store(const struct ticketfile *file, const uint8_t *state, size_t length);

/* Removes the file after a fatal alert, since RFC 5246 section 7.2.2 forbids resuming its
 * session. */
void ticketfile_forget(const struct ticketfile *file);

/* Wipes the ticket from memory, and closes the file. */
void ticketfile_clear(struct ticketfile *file);

#endif
