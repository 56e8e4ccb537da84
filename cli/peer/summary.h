/*
 * summary.h - reports about sessions: a line when a session begins, a line with counters when it
 * ends, --stats, and the keying material of --export.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "peer/peer.h"

/* Reports a new session. name is the address of the peer. */
void summary_connected(const char *name, const struct peer *peer);

/* Prints the keying material if --export is given. Returns false after reporting an error. */
bool summary_export(const struct peer *peer);

/* Returns true if data of the session was lost in the network, or discarded on this side. */
bool summary_has_loss(const struct peer *peer);
/* Reports the end of a session. Prints its summary if sessions are reported or data was lost.
 * Prints its counters if --stats is given. */
void summary_session(struct peer *peer);
/* Prints the counters of each open session, for SIGUSR1. */
void summary_so_far(struct app *app);

#define MISSING_MAX 96

/* Writes how much data is not sent or not confirmed, as "12 messages" or "3.4 kB". Returns false if
 * there is no such data. No messages can be read from the stdin feed afterwards. */
bool summary_unconfirmed(char text[MISSING_MAX], struct peer *peer);
/* Does the same as summary_unconfirmed(), but does not count data that was sent. */
bool summary_unsent(char text[MISSING_MAX], struct peer *peer);
/* Reports how much data the peer has not confirmed, if there is any: the session ends without it. */
void summary_lost(struct peer *peer);

/* Returns the sum of the counters of all sessions, including those that have ended. */
dtls_stats_t summary_of_all(const struct app *app);

#endif
