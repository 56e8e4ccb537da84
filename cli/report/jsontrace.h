/*
 * jsontrace.h - the trace of --json: the event "datagram" with the records of a datagram and what they contain, and an
 * event of its own for each retransmission, alert, dropped record, KeyUpdate and ticket in it.
 */
#ifndef JSONTRACE_H
#define JSONTRACE_H

#include "dtls.h"

/* Starts the trace. The stream of eventlog.h must be open. */
void jsontrace_start(void);
/* Adds an event of the library to the trace. */
void jsontrace_show(const dtls_trace_t *event);
/* Writes the datagram that is not written yet. Call this at the end of each turn of the loop: only then it is certain
 * that no more belongs to the datagram. */
void jsontrace_end_datagram(void);

#endif
