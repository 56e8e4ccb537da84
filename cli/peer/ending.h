/*
 * ending.h - ends sessions. Without -k, the run ends with its session.
 *
 * In these functions, code is an exit code, and becomes that of the run unless -k is given. end is
 * a string constant with the reason, for the summary of the session.
 */
#ifndef ENDING_H
#define ENDING_H

#include "dtls.h"

struct app;
struct peer;

/* Returns true if data may be sent: the session is open, and is not going to be closed. */
bool peer_accepts_data(const struct peer *peer);

/* Refuses a peer before its session is open, and aborts the association with an alert. For a client
 * this ends the run. Always returns false. */
bool peer_reject(struct peer *peer, dtls_alert_t alert);
/* Removes a peer without a report. Its association may have ended before. */
void peer_dismiss(struct peer *peer);

/* Begins to close a session: sends a close_notify alert, and waits for the close_notify of the
 * peer. */
void peer_leave(struct peer *peer, int code, const char *end);

/* Ends a session at once, without waiting for close_notify from the peer. */
void peer_abandon(struct peer *peer, int code, const char *end);
/* Ends a session whose last data was not delivered. A peer with heartbeats may have a request under way,
 * and would take our close for the end of a transfer. So it gets a fatal alert, and the session ends at
 * once. Another peer gets a close_notify, as by peer_leave(). */
void peer_refuse(struct peer *peer, int code, const char *end);

/* Removes a peer whose association has ended, and prints the summary of its session. */
void peer_gone(struct peer *peer, int code, const char *end);
/* Removes a peer whose association was replaced by a new handshake, and prints the summary. The run
 * continues. */
void peer_replaced(struct peer *peer);

/* Ends the run: begins to close all sessions. */
void peers_close(struct app *app, int code, const char *end);

/* Returns true if the peer counts in app->serving. In a listener, a peer counts once its handshake
 * is complete. */
bool peer_is_session(const struct peer *peer);
/* Sets the state of the run to OVER if the run is ending and no session is left. */
void peers_none_left(struct app *app);

#endif
