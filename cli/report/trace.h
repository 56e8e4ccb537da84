/*
 * trace.h - what the library does, for people (-v) and for decoders (key log).
 */
#ifndef TRACE_H
#define TRACE_H

#include "options/options.h"

/* How often -v was given. */
enum { TRACE_SESSIONS = 1, TRACE_MESSAGES, TRACE_RECORDS };

struct trace {
    unsigned verbose;
    bool name_peers; /* a listener talks to several at once */
    int64_t started_us;
    size_t datagram; /* length of the one whose records are shown */
    int keylog;      /* descriptor, -1: none */
};

/* 0, or an exit code after having said why the key log cannot be written. */
int trace_open(struct trace *trace, const struct options *options);
void trace_close(struct trace *trace);

/* What the library does, says and knows, as far as it was asked for. */
void trace_show(struct trace *trace, const dtls_trace_t *event);
void trace_log(const struct trace *trace, dtls_log_t level, const char *message);
void trace_key(const struct trace *trace, const char *label, const uint8_t *client_random,
               const uint8_t *secret, size_t secret_length);

/* Whether trace_show() has anything to show, and trace_key() anywhere to write to. */
static inline bool trace_wants_messages(const struct trace *trace)
{
    return trace->verbose >= TRACE_MESSAGES;
}

static inline bool trace_wants_keys(const struct trace *trace)
{
    return trace->keylog >= 0;
}

#endif
