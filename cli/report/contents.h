/*
 * contents.h - shows the contents of handshake messages for -vv: a few indented lines per message, with short names for
 * what a handshake has always, and the names of the RFCs for the rest.
 */
#ifndef CONTENTS_H
#define CONTENTS_H

#include <stdbool.h>

#include "dtls.h"

/* Prints the contents of the message of an event (event->message), indented by indent columns. all: true to print long
 * lists whole. */
void contents_show(const dtls_trace_t *event, int indent, bool all);

/* Returns the name of the message in a record of an event DTLS_TRACE_RECORD, for heartbeat and return_routability_check:
 * RFC 6520 and RFC 9853. Returns NULL for other records. */
const char *contents_record_message(const dtls_trace_t *event);

/* Writes the name of a cipher suite from its IANA name, as it is used in --suite: without "TLS_" and "WITH". Returns
 * text. */
#define SUITE_NAME_MAX 64
const char *contents_suite_name(char text[SUITE_NAME_MAX], uint16_t suite, const char *iana_name);

#endif
