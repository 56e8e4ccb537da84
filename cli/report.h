/*
 * report.h - the lines that sum up: connected, closed, --stats.
 */
#ifndef REPORT_H
#define REPORT_H

#include "cat.h"

void report_connected(const char *who, const dtls_info_t *info, const dtls_stats_t *stats);
void report_closed(const char *end, const dtls_stats_t *stats);

/* With --export, the keying material; false: there is none, which is said. */
bool report_export(struct cat *cat);

/* At the end of the session, what is asked for of the two: the line above, and the counters. */
void report_session(struct cat *cat);

#endif
