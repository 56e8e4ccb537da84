/*
 * sessions.h - what the events of the library mean: sessions begin, move and end.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "app.h"

struct peer;

/* The handshake is done. */
void sessions_connected(struct app *app, const session_t *session);

/* The peer has another address; or sends from one that it cannot be checked at. */
void sessions_moved(struct app *app, const session_t *session);
void sessions_unverified(struct app *app, const session_t *session);

/* The peer sends no more. */
void sessions_half_closed(struct peer *peer);

/* An association has ended: closed, failed or timed out, by the event. */
void sessions_ended(struct app *app, const session_t *session, unsigned event);

/* A ClientHello was refused before there was an association. */
void sessions_refused(struct app *app, const session_t *session, dtls_error_t error);

#endif
