/*
 * sessions.h - handles the events of the library: sessions begin, move and end.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "app.h"

struct peer;

/* The handshake is complete: opens the session. */
void sessions_connected(struct app *app, const session_t *session);

/* The peer has moved to another address. session: the old address. */
void sessions_moved(struct app *app, const session_t *session);
/* The peer sends from another address, and supports no check of it. session: the old address. */
void sessions_unverified(struct app *app, const session_t *session);

/* The peer has closed its sending direction. */
void sessions_half_closed(struct peer *peer);

/* An association has ended. event: DTLS_EVENT_CLOSED, _FAILED or _TIMEOUT. */
void sessions_ended(struct app *app, const session_t *session, unsigned event);

/* A ClientHello was refused before an association existed. */
void sessions_refused(struct app *app, const session_t *session, dtls_error_t error);

#endif
