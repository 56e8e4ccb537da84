/* names.h - the alert for each error. The functions of names.c that return names are public: see
 * dtls.h. */
#ifndef NAMES_H
#define NAMES_H

#include "dtls.h"

/* Returns the alert that reports error to the peer. version is the negotiated version, or 0 before
 * the negotiation. */
dtls_alert_t error_alert(dtls_error_t error, uint16_t version);

#endif
