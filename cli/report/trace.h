/*
 * trace.h - what the library does, for people (-v) and for decoders (key log).
 */
#ifndef TRACE_H
#define TRACE_H

#include "options/options.h"

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

/* Hands the library the hooks that are needed. config.hook is the struct cat. */
void trace_hook(const struct trace *trace, dtls_config_t *config);

#endif
