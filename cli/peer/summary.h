/*
 * summary.h - reports about sessions: connected, ended, exported keying material, counters.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "peer/peer.h"

/* Reports a new session. name: the address of the peer. */
void summary_connected(const char *name, const struct peer *peer);

/* Prints the keying material of --export, if it is given. Returns false after reporting an error. */
bool summary_export(const struct peer *peer);

/* True if data of the session was lost, in the network or on either side of it. */
bool summary_has_loss(const struct peer *peer);
/* At the end of a session, prints its summary if sessions are reported or data was lost, and the counters of
 * --stats. */
void summary_session(struct peer *peer);
/* Prints the summary of each open session. */
void summary_so_far(struct app *app);

#define MISSING_MAX 96

/* Writes what is unconfirmed or not sent if the session ends now, as "12 messages" or "3.4 kB". Returns false if that
 * is nothing. */
bool summary_unconfirmed(char text[MISSING_MAX], struct peer *peer);
/* Does the same for what is not sent. */
bool summary_unsent(char text[MISSING_MAX], struct peer *peer);

/* Returns the sum of the counters of all sessions, current and ended. */
dtls_stats_t summary_of_all(const struct app *app);

#endif
