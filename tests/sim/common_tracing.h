/*
 * common_tracing.h - what happens in a network, on stderr, if the environment variable TRACE is
 * set.
 */
#ifndef TESTS_SIM_COMMON_TRACING_H
#define TESTS_SIM_COMMON_TRACING_H

#include "net.h"

bool tracing_is_on(void);
/* From now on each line has the time of this network. */
void tracing_start(net_t *net);
/* Traces what the library does in this node, which has no context yet. */
void tracing_use(node_t *node);
void tracing(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a datagram and what becomes of it. */
void tracing_packet(const net_packet_t *packet);

#endif
