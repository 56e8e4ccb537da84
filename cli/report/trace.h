/*
 * trace.h - the trace of the library for -v, and the key log for decoders such as Wireshark.
 */
#ifndef TRACE_H
#define TRACE_H

#include "options/options.h"

/* The number of -v options that each kind of line needs. */
enum { TRACE_SESSIONS = 1, TRACE_MESSAGES, TRACE_RECORDS };

struct trace {
    unsigned verbose;
    bool name_peers; /* a listener can have several peers: add the address to each line */
    int64_t started_us;
    size_t datagram; /* length of the datagram that contains the current records */
    int keylog;      /* descriptor, -1: none */
};

/* Opens the key log of --keylog or $SSLKEYLOGFILE, if any. Returns 0, or an exit code after
 * reporting why the file of --keylog cannot be written. */
int trace_open(struct trace *trace, const struct options *options);
void trace_close(struct trace *trace);

/* Prints one line per message, and per record with -vvv. */
void trace_show(struct trace *trace, const dtls_trace_t *event);
/* Prints a log message of the library, if -v was given often enough for its level. */
void trace_log(const struct trace *trace, dtls_log_t level, const char *message);
/* Appends a secret to the key log. The label and the format are those of SSLKEYLOGFILE. */
void trace_key(const struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length);

/* True if trace_show() prints lines. */
static inline bool trace_wants_messages(const struct trace *trace)
{
    return trace->verbose >= TRACE_MESSAGES;
}

/* True if there is a key log. */
static inline bool trace_wants_keys(const struct trace *trace)
{
    return trace->keylog >= 0;
}

#endif
