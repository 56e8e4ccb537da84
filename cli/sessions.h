/*
 * sessions.h - handles the library's events about sessions: a session begins, its peer moves to
 * another address, it ends.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "app.h"

struct peer;

/* The handshake is complete. Opens the session. */
void sessions_connected(struct app *app, const session_t *session);

/* The peer has moved to another address. session is the old address. */
void sessions_moved(struct app *app, const session_t *session);
/* The peer sends from another address, and supports no check of that address. session is the old
 * address. */
void sessions_unverified(struct app *app, const session_t *session);

/* The peer has sent close_notify, and sends nothing more. */
void sessions_half_closed(struct peer *peer);

/* An association has ended. event is DTLS_EVENT_CLOSED, DTLS_EVENT_FAILED or DTLS_EVENT_TIMEOUT. */
void sessions_ended(struct app *app, const session_t *session, unsigned event);

/* The library has refused a ClientHello, and created no association. */
void sessions_refused(struct app *app, const session_t *session, dtls_error_t error);

#endif
