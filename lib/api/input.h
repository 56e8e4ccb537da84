/* input.h - receiving: splits a datagram into records, finds the association of each record,
 * decrypts the record, and calls the function that handles its content. */
#ifndef INPUT_H
#define INPUT_H

#include "conn/state.h"

/* Processes datagrams from this address. They are stored back to back: `length` bytes in total.
 * Each datagram has `segment` bytes; only the last may be shorter. If length is 0, there is one
 * empty datagram. The datagrams are decrypted in place. */
void input_datagrams(dtls_context_t *ctx, session_t *session, uint8_t *datagrams, size_t length,
                     size_t segment);

#endif
