/* input.h - receiving: splits a datagram into records, finds the association of each record,
 * decrypts the record, and calls the function that handles its content. */
#ifndef INPUT_H
#define INPUT_H

#include "conn/state.h"

/* Processes the datagrams from this address that lie back to back in `length` bytes. Each has `segment`
 * bytes, but the last may be shorter; it is empty if length is 0. They are decrypted in place. */
void input_datagrams(dtls_context_t *ctx, session_t *session, uint8_t *datagrams, size_t length,
                     size_t segment);

#endif
