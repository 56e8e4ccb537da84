/*
 * steer.h - several sockets on one port (SO_REUSEPORT), one for each worker. The kernel selects the
 * socket of a datagram by a hash of its addresses. A record with a connection ID must reach the
 * worker that has issued the ID, even if the client has a new address. For such records a filter in
 * the kernel selects the worker's socket by the first byte of the ID.
 */
#ifndef STEER_H
#define STEER_H

#include <stdbool.h>
#include <stddef.h>

/* Attaches the filter to a group of sockets, of which fd is one. count is their number. The first
 * byte of a connection ID is the number of its socket, counted from 0 in the order of bind(2).
 * Returns false with errno on failure. */
bool steer_by_cid(int fd, size_t count);

#endif
