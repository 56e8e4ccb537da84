/*
 * errors.h - how the shim reports the reason of a failure.
 */
#ifndef SHIM_ERRORS_H
#define SHIM_ERRORS_H

#include "dtls.h"

/* Prints one line on stderr: the runner's name of the error if there is one, as in
 * ":DECODE_ERROR:", then our name, as in "dtls:decode". */
void errors_print(const dtls_info_t *info);
/* Prints the reason for which a hello was refused or discarded before there was an association. */
void errors_print_refused(const dtls_trace_t *trace);

#endif
