/*
 * eventlog.h - the stream of events of --json: one JSON object per line, on stderr or in a file. Writing does not
 * block. A line that cannot be queued is dropped, and the event "omitted" reports later how many were dropped.
 */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/jsonwriter.h"

#define EVENTLOG_VERSION 1 /* of the format: docs/trace.schema.json */

/* Opens the stream, writes the event "start", and from now on an event for each line of report.h. With path NULL the
 * events are written to stderr instead of these lines. version is that of the program. Returns 0, or an exit code after
 * reporting the error. */
int eventlog_open(const char *path, const char *version);
bool eventlog_is_open(void);
/* Returns true if the stream is stderr, where nothing else may be written. */
bool eventlog_is_stderr(void);

/* Begins an event. Returns the writer for its members, which eventlog_end() completes. The stream must be open. */
struct json_writer *eventlog_begin(const char *event);
void eventlog_end(void);

/* These write an event to a buffer of the caller. eventlog_put() writes its complete lines to the stream, and empties
 * the buffer. */
void eventlog_begin_in(struct json_writer *writer, const char *event);
void eventlog_end_in(struct json_writer *writer);
void eventlog_put(struct json_writer *writer);
/* Sets a function that is called before each event of eventlog_begin(), to write what came before it. */
void eventlog_before(void (*hook)(void));

/* Returns the last error that was reported, or NULL. */
const char *eventlog_last_error(void);

/* Returns the descriptor that has to become writable before more can be written, or -1. */
int eventlog_fd(void);
/* Writes as many queued lines as the reader accepts. */
void eventlog_flush(void);
/* Completes the last event, which is not dropped. Waits until all lines are written, but at most one second. Then closes
 * the stream. */
void eventlog_close(void);

/* Call this in a worker: its number, from 1, is in each of its events. */
void eventlog_worker(unsigned number);
/* Call this in a child process that writes no events. */
void eventlog_forget(void);

/* Writes the event "exit" if that is possible at once. Call this before _exit(2). A signal handler may call it. */
void eventlog_abort(int code, const char *reason);

#endif
