/*
 * report.h - the lines that sum up: connected, closed, --stats.
 */
#ifndef REPORT_H
#define REPORT_H

#include "peer/peer.h"

void report_connected(const char *who, const struct peer *peer);

/* With --export, the keying material; false: there is none, which is said. */
bool report_export(const struct peer *peer);

/* Something did not arrive, on either side of the network, and is counted. */
bool report_is_missing(const struct peer *peer);
/* At the end of the session, what is asked for of the two: a line, and the counters. The line always
 * comes if something is missing. */
void report_session(struct peer *peer);
/* The line for those that are there. */
void report_so_far(struct cat *cat);

/* "1.5 MB" */
#define AMOUNT_MAX 32
const char *show_amount(char text[AMOUNT_MAX], uint64_t bytes);

/* What is lost or left if the session ends now, as "12 messages" or "3.4 kB": what the peer has not confirmed,
 * and what was not sent; or the latter alone. False: nothing. */
#define MISSING_MAX 96
bool report_unconfirmed(char text[MISSING_MAX], struct peer *peer);
bool report_unsent(char text[MISSING_MAX], struct peer *peer);

#endif
