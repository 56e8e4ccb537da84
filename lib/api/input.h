/*
 * input.h - splits a datagram into records, and finds the association of each record.
 */
#ifndef INPUT_H
#define INPUT_H

#include "conn/state.h"

/* Handles a datagram from this address. Decrypts it in place. */
void input_datagram(dtls_context_t *ctx, session_t *session, uint8_t *datagram, size_t length);

#endif
