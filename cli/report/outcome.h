/*
 * outcome.h - what the end of an association means to people and to scripts.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "key/psk.h"

/* The exit code for an association that ended by itself. */
int outcome_code(const dtls_info_t *info, bool connected);

/* One line: who, what, why, next step. limit_ms is that of the handshake. */
void outcome_say(const dtls_info_t *info, bool connected, const char *who, const struct psk *psk,
                 uint32_t limit_ms);

#endif
