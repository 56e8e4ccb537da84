/*
 * jsonmessage.h - writes the fields of a handshake message as JSON.
 */
#ifndef JSONMESSAGE_H
#define JSONMESSAGE_H

#include "common/jsonwriter.h"
#include "dtls.h"

/* Writes the member "fields" with what the message of an event (event->message) contains. */
void jsonmessage_fields(struct json_writer *writer, const dtls_trace_t *event);

#endif
