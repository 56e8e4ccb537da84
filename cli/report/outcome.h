/*
 * outcome.h - the exit code and the error line for an association that has failed.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "key/psk.h"

/* Returns the exit code for an association that has failed. connected is true if the handshake was
 * complete. */
int outcome_code(const dtls_info_t *info, bool connected);

/* Reports in one line which peer failed, what failed, the reason, and what to do next. name is the
 * peer. limit_ms is the time limit of the handshake. mismatch: a text of mismatch_text(). */
void outcome_report(const dtls_info_t *info, bool connected, const char *name,
                    const struct psk *psk, uint32_t limit_ms, const char *mismatch);

#endif
