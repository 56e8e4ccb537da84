/*
 * jsontrace.h - the trace of --json: the event "datagram" with the records of a datagram and what they contain, and an
 * event of its own for each retransmission, alert, dropped record, KeyUpdate and ticket in it.
 */
#ifndef JSONTRACE_H
#define JSONTRACE_H

#include "dtls.h"
#include "net/impair.h"

/* Starts the trace. The stream of eventlog.h must be open. */
void jsontrace_start(void);
/* Adds an event of the library to the trace. */
void jsontrace_show(const dtls_trace_t *event);
/* Adds what --sim has done to a datagram, unless that is nothing. The first of a direction has the number 1. */
void jsontrace_impaired(enum impair_direction direction, uint64_t number, size_t length,
                        const struct impair_decision *decision);
/* Writes the datagram that is not written yet. Call this at the end of each turn of the loop: only then it is certain
 * that no more belongs to the datagram. */
void jsontrace_end_datagram(void);

#endif
