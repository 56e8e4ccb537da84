/*
 * ending.h - how a session ends, and with the last one the run.
 */
#ifndef ENDING_H
#define ENDING_H

#include "dtls.h"

struct app;
struct peer;

/* Whether data may be sent to it: it is open, and not just asked for the last time. */
bool peer_accepts_data(const struct peer *peer);

/* It is no session, and will be none; the association is told so, or is no more. A client that sends its
 * only peer away has nothing left to do. */
bool peer_send_away(struct peer *peer, dtls_alert_t alert); /* false */
void peer_dismiss(struct peer *peer);

/* Closes it, and ends with that code when it is the one that the run is for. */
void peer_leave(struct peer *peer, int code, const char *end);

/* Ends it at once, with that code when it is the one that the run is for. */
void peer_abandon(struct peer *peer, int code, const char *end);

/* Its association is no more: sums up. Once replaced, the run goes on. */
void peer_gone(struct peer *peer, int code, const char *end);
void peer_replaced(struct peer *peer);

/* The run ends with that code: closes all. */
void peers_close(struct app *app, int code, const char *end);

/* Whether it counts among app->serving: a listener's client does not before its handshake is done. */
bool peer_is_session(const struct peer *peer);
/* While the run ends: it is over if no session is left. */
void peers_none_left(struct app *app);

#endif
