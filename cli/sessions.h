/*
 * sessions.h - handles the library's events about sessions: a session begins, its peer moves to
 * another address, it ends.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "app.h"

struct peer;

/* Opens the session of a peer whose handshake is complete: starts its program, reports the session
 * and delivers early data. */
void sessions_connected(struct app *app, const session_t *session);

/* Sends to the new address of a peer that has moved, and reports it. session is the old address. */
void sessions_moved(struct app *app, const session_t *session);
/* Reports a peer that sends from another address, and supports no check of that address. Data is
 * still sent to the old address, which is session. */
void sessions_unverified(struct app *app, const session_t *session);

/* Handles the close_notify of a peer, which sends nothing more but still receives. If a program
 * serves the peer, ends the input of the program. Otherwise ends the session: if the peer supports
 * heartbeats, only after it has confirmed what was sent. */
void sessions_half_closed(struct peer *peer);

/* Reports how an association has ended, removes its peer, and sets the exit code. event is
 * DTLS_EVENT_CLOSED, DTLS_EVENT_FAILED or DTLS_EVENT_TIMEOUT. */
void sessions_ended(struct app *app, const session_t *session, unsigned event);

/* With -v, reports a ClientHello that the library has refused without an association. */
void sessions_refused(struct app *app, const session_t *session, dtls_error_t error);

#endif
