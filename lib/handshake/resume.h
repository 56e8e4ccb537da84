/*
 * resume.h - what a client keeps of a session to resume it: the state that config.ticket gives out and
 * dtls_resume() takes back. Its suite says of which version it is.
 */
#ifndef RESUME_H
#define RESUME_H

#include "conn/state.h"

/* Tells the application of a session; not without memory, and nothing is wrong. */
void resume_give(const conn_t *conn, const resumption_t *session);
/* What such a state has becomes the first PSK (1.3) or the session (1.2) of a client's handshake, if it
 * can still be used. False: no memory, or no randomness. */
bool resume_take(conn_t *conn, const uint8_t *state, size_t length, uint64_t age_ms);
/* 1.2: it is not offered, or not taken. */
void resume_forget(conn_t *conn);

#endif
