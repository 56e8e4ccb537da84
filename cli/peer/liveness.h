/*
 * liveness.h - whether a peer is alive, and has what was sent to it.
 *
 * Evidence of both is the answer to a question: a heartbeat (RFC 6520), or in DTLS 1.3 with a peer that takes
 * none the ACK of a KeyUpdate (RFC 9147 section 7). A question is asked when something has been unconfirmed for
 * a while, before a session is closed, and after silence with --keepalive. A peer that leaves it unanswered is
 * given up after --lost-after; a passed deadline alone proves nothing, since this process may have been stopped.
 */
#ifndef LIVENESS_H
#define LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct peer;

/* Whether the peer has confirmed all that was sent, our Finished included. */
bool liveness_is_confirmed(const struct peer *peer);

/* Whether there is a question that the peer has to answer. */
bool liveness_can_ask(const struct peer *peer);

/* The port of the peer was refused by ICMP, which anybody can forge: it shortens the wait for an answer. */
void liveness_refused(struct peer *peer);

/* Whether a session that we close has come to its end without an answer, as its port is refused. When to ask
 * again, at the latest; 0: it has. */
int64_t liveness_closing(struct peer *peer, int64_t now);

/* The close of a session was not answered: reports what that leaves open. Returns the exit code. */
int liveness_close_unconfirmed(struct peer *peer);

/* When the peer was last heard, in microseconds of clock_us(); and notes when it last answered. */
int64_t liveness_received_any(struct peer *peer, int64_t now);

/* Asks and judges what is due. When to call it again, at the latest. */
int64_t liveness_check(struct peer *peer, int64_t now);

/* If our own address has changed, and the peer can know us at another one, a client's socket takes the new one. */
void liveness_follow(struct peer *peer);

/* Closes the session once the peer has confirmed all that was sent, if it can be asked for that. */
void liveness_finish(struct peer *peer, const char *end);
/* The same for all, and ends the run. */
void liveness_finish_all(struct app *app, const char *end);

#endif
