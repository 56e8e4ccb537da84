/*
 * child.h - starts the program of -e or -c that serves a peer.
 *
 * Standard input and output of a program are two pipes. They carry byte streams, or with --frame
 * messages in that framing. With --frame=packet both are one socket that preserves message
 * boundaries (SOCK_SEQPACKET): one read is one record, and one write is one record.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "options/options.h"
#include "peer/childio.h"

struct app;
struct peer;

/* Returns true if the program of -e is executable, or if there is none. Otherwise reports the
 * reason and returns false. */
bool child_can_start(const struct options *options);

/* Starts the program for a peer. Returns false after reporting an error. */
bool child_start(struct child **child, struct peer *peer);

#endif
