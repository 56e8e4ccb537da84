/*
 * jsonpeer.h - writes the address of a peer as JSON.
 */
#ifndef JSONPEER_H
#define JSONPEER_H

#include "common/jsonwriter.h"
#include "dtls.h"

/* Writes the address and port as a string. */
void jsonpeer_put(struct json_writer *writer, const char *name, const session_t *session);

#endif
