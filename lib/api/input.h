/*
 * input.h - the way in: a datagram to its records, a record to its association.
 */
#ifndef INPUT_H
#define INPUT_H

#include "conn/state.h"

void input_datagram(dtls_context_t *ctx, session_t *session, uint8_t *datagram, size_t length);

#endif
