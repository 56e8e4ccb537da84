/*
 * trace.h - prints the messages and records of the library's trace for -vv and -vvv, and writes the
 * key log for decoders such as Wireshark.
 */
#ifndef TRACE_H
#define TRACE_H

#include "options/options.h"

/* How often -v must be given for each kind of line. */
enum { TRACE_SESSIONS = 1, TRACE_MESSAGES, TRACE_RECORDS };

struct trace {
    unsigned verbose; /* how often -v was given */
    bool name_peers; /* end each line with the peer's address, since a listener has several peers */
    int64_t started_us; /* time at which the run began */
    size_t datagram;    /* length in bytes of the datagram that contains the current record */
    int keylog;         /* descriptor of the key log; -1: none */
    bool keylog_is_file;
    bool keylog_failed; /* an error of writing the key log was reported already */
};

/* Opens the key log of --keylog or $SSLKEYLOGFILE, if one is given. Returns 0, or an exit code
 * after reporting that the file of --keylog cannot be written. */
int trace_open(struct trace *trace, const struct options *options);
void trace_close(struct trace *trace);

/* Prints a line for a message. With -vvv, prints a line for a record too. */
void trace_show(struct trace *trace, const dtls_trace_t *event);
/* Prints a log message of the library if -v was given often enough for its level. */
void trace_log(const struct trace *trace, dtls_log_t level, const char *message);
/* Appends a secret to the key log, in the format of SSLKEYLOGFILE. */
void trace_key(struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length);

/* Returns true if -v was given often enough for lines of trace_show(). */
static inline bool trace_wants_messages(const struct trace *trace)
{
    return trace->verbose >= TRACE_MESSAGES;
}

/* Returns true if a key log is open. */
static inline bool trace_wants_keys(const struct trace *trace)
{
    return trace->keylog >= 0;
}

#endif
