/*
 * names.h - what the library tells the peer about each of its errors; the names for people are
 * public, in dtls.h.
 */
#ifndef NAMES_H
#define NAMES_H

#include "dtls.h"

/* The alert that goes with an error. */
/* The version is that of the association; 0: not known. */
dtls_alert_t error_alert(dtls_error_t error, uint16_t version);

#endif
