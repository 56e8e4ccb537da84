/*
 * errors.h - how the shim says why it failed.
 */
#ifndef SHIM_ERRORS_H
#define SHIM_ERRORS_H

#include "dtls.h"

/* One line on stderr: the runner's name for it where there is one, ":DECODE_ERROR:", and in any case
 * our own, "dtls:decode". */
void errors_print(const dtls_info_t *info);
/* A hello that was answered by an alert, or not at all, before there was an association. */
void errors_print_refused(const dtls_trace_t *trace);

#endif
