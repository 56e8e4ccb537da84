/*
 * tracetext.h - the trace for people: -vv prints a block of lines for each datagram with handshake messages, alerts or
 * ACKs, with what the messages contain. -vvv prints every record, and the bytes of the messages.
 */
#ifndef TRACETEXT_H
#define TRACETEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"
#include "net/impair.h"

struct trace_text {
    bool records;       /* -vvv: print records too */
    bool name_peers;    /* print the peer's address, since a listener has several peers */
    int64_t started_us; /* time at which the run began */
    int64_t shown_us;   /* time of the last line that has a time */
    /* The current datagram. */
    bool pending; /* it has no line yet */
    bool outgoing;
    size_t length;
    int way_column, text_column; /* where the arrow and the text of its lines begin */
};

void trace_text_show(struct trace_text *trace, const dtls_trace_t *event);
/* Prints a line for a datagram that --sim drops, duplicates, reorders or corrupts. */
void trace_text_impaired(struct trace_text *trace, enum impair_direction direction, uint64_t number,
                         size_t length, const struct impair_decision *decision);

#endif
