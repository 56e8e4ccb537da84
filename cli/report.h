/*
 * report.h - the lines that sum up: connected, closed, --stats.
 */
#ifndef REPORT_H
#define REPORT_H

#include "dtls.h"

void report_connected(const char *who, const dtls_info_t *info, const dtls_stats_t *stats);
void report_closed(const char *end, const dtls_stats_t *stats);

/* One line of key=value pairs. */
void report_stats(const dtls_info_t *info, const dtls_stats_t *stats);

#endif
