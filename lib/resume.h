/*
 * resume.h - what a client keeps of a session of DTLS 1.3 to resume it: the state that config.ticket
 * gives out and dtls_resume() takes back.
 */
#ifndef RESUME_H
#define RESUME_H

#include "state.h"

/* Tells the application of a ticket. False: it is not kept, for want of memory. */
bool resume_give(const conn_t *conn, const resumption_t *ticket);
/* The ticket in such a state becomes the first PSK of a client's handshake, if it can still be used.
 * False: no memory. */
bool resume_take(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms);

#endif
