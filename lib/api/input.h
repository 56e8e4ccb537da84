/* input.h - receiving: splits a datagram into records, finds the association of each record,
 * decrypts the record, and calls the function that handles its content. */
#ifndef INPUT_H
#define INPUT_H

#include "conn/state.h"

/* Processes a datagram from this address. The datagram is decrypted in place. */
void input_datagram(dtls_context_t *ctx, session_t *session, uint8_t *datagram, size_t length);

#endif
