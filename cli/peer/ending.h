/*
 * ending.h - ends sessions, and with the last session the run.
 *
 * A code is an exit code. It becomes that of the run unless -k is given. end is the reason for the summary of the
 * session, a string constant.
 */
#ifndef ENDING_H
#define ENDING_H

#include "dtls.h"

struct app;
struct peer;

/* True if data may be sent: the session is open, and not about to close. */
bool peer_accepts_data(const struct peer *peer);

/* Refuses a peer before its session is open: aborts the association with an alert. For a client this ends the run.
 * Returns false. */
bool peer_reject(struct peer *peer, dtls_alert_t alert);
/* Detaches a peer from its association, which may have ended already. */
void peer_dismiss(struct peer *peer);

/* Closes a session with a close_notify alert. */
void peer_leave(struct peer *peer, int code, const char *end);

/* Ends a session at once, without waiting for a response. */
void peer_abandon(struct peer *peer, int code, const char *end);

/* The association has ended: prints the summary. */
void peer_gone(struct peer *peer, int code, const char *end);
/* A new handshake of the peer has replaced the association: prints the summary; the run continues. */
void peer_replaced(struct peer *peer);

/* Ends the run: closes all sessions. */
void peers_close(struct app *app, int code, const char *end);

/* True if the peer counts in app->serving. A client of a listener counts once its handshake is complete. */
bool peer_is_session(const struct peer *peer);
/* If the run is ending and no session is left, sets its state to OVER. */
void peers_none_left(struct app *app);

#endif
