/*
 * lines.h - writes lines to stderr without blocking. If stderr does not accept a line at once, the
 * line is queued. If the queue is full, the line is dropped, and a later line reports how many were
 * dropped.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>

/* PIPE_BUF of Linux: a write(2) of at most this size is not mixed with writes of other programs. */
#define LINES_MAX 4096

enum lines_kind {
    LINES_ERROR,    /* may use the whole queue */
    LINES_TRACE,    /* may use a part of the queue, so that room for errors is left */
    LINES_TRANSIENT /* is neither queued nor counted: the next line of this kind replaces it */
};

/* Call this once, before the first line. */
void lines_open(void);

/* Writes a line of at most LINES_MAX bytes, including its newline, with a single write(2). */
void lines_put(const char *line, size_t length, enum lines_kind kind);

/* Returns the descriptor that has to become writable before more can be written, or -1 if all lines
 * have been written. */
int lines_fd(void);
/* Writes as many queued lines as stderr accepts. */
void lines_flush(void);
/* Waits until all lines are written, but at most one second. Call this at the end. */
void lines_finish(void);
/* Discards the queue. Call this in a child process, since its parent writes the same lines. */
void lines_forget(void);

#endif
