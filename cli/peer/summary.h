/*
 * summary.h - the lines that sum up: connected, closed, --stats.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "peer/peer.h"

void summary_connected(const char *who, const struct peer *peer);

/* With --export, the keying material; false: there is none, which is said. */
bool summary_export(const struct peer *peer);

/* Something did not arrive, on either side of the network, and is counted. */
bool summary_is_missing(const struct peer *peer);
/* At the end of the session, what is asked for of the two: a line, and the counters. The line always
 * comes if something is missing. */
void summary_session(struct peer *peer);
/* The line for those that are there. */
void summary_so_far(struct app *app);

/* What is lost or left if the session ends now, as "12 messages" or "3.4 kB": what the peer has not confirmed,
 * and what was not sent; or the latter alone. False: nothing. */
#define MISSING_MAX 96
bool summary_unconfirmed(char text[MISSING_MAX], struct peer *peer);
bool summary_unsent(char text[MISSING_MAX], struct peer *peer);

/* What all sessions, also those that have ended, have sent, received and lost. */
dtls_stats_t summary_of_all(const struct app *app);

#endif
