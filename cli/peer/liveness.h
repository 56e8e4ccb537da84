/*
 * liveness.h - finds out whether a peer is alive, and has received what was sent to it.
 *
 * The evidence for both is the response to a request: to a heartbeat (RFC 6520), or in DTLS 1.3
 * without heartbeats the ACK of a KeyUpdate (RFC 9147 section 7). A request is sent when data has
 * been unconfirmed for some time, before a session is closed, and after silence with --keepalive. A
 * peer that leaves requests unanswered is given up after --lost-after. A deadline that has passed
 * proves nothing by itself, since this process may have been stopped.
 *
 * Times are microseconds of clock_us().
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct peer;

/* Returns true if the peer has confirmed all that was sent, including our Finished. */
bool liveness_is_confirmed(const struct peer *peer);

/* Returns true if the peer supports heartbeats or DTLS 1.3, so that it has to answer requests. */
bool liveness_can_ask(const struct peer *peer);

/* Requests a confirmation of what was sent, unless a request is outstanding. */
void liveness_ask(struct peer *peer);

/* Call this when ICMP has reported that the port of the peer is closed. An attacker can forge ICMP
 * messages, so this only shortens the wait for a response. */
void liveness_refused(struct peer *peer);

/* Checks a session that we are closing. Returns 0 if ICMP has reported a closed port and the peer
 * has been silent for too long. Otherwise returns the latest time of the next check. */
int64_t liveness_closing(struct peer *peer, int64_t now);

/* Call this when a peer has not answered our close: reports what is unconfirmed. Returns the exit
 * code. */
int liveness_close_unconfirmed(struct peer *peer);

/* Updates the times of the last authenticated record and of the last confirmation. Returns the time
 * of the last authenticated record. */
int64_t liveness_received_any(struct peer *peer, int64_t now);

/* Sends the request that is due, and gives up a peer that has not answered in time. Returns the
 * latest time of the next call. */
int64_t liveness_check(struct peer *peer, int64_t now);

/* For a client: if our own address has changed, and the peer can recognize us at the new address,
 * binds the socket to the new address. */
void liveness_follow(struct peer *peer);

/* Closes the session once the peer has confirmed all that was sent, or at once if it cannot
 * confirm. end is the reason, as for peer_leave(). */
void liveness_finish(struct peer *peer, const char *end);
/* Calls liveness_finish() for all sessions, and ends the run. */
void liveness_finish_all(struct app *app, const char *end);

#endif
