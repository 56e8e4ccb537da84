/*
 * errors.h - how the shim reports the reason of a failure.
 */
#ifndef SHIM_ERRORS_H
#define SHIM_ERRORS_H

#include "dtls.h"

/* Prints one line on stderr: the runner's name of the error, if it has one, as in
 * ":DECODE_ERROR:", and always ours, as in "dtls:decode". */
void errors_print(const dtls_info_t *info);
/* Reports a hello that got an alert or no response, before there was an association. */
void errors_print_refused(const dtls_trace_t *trace);

#endif
