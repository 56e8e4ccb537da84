/*
 * peer.h - the library's side of a run: its context and callbacks, and what follows from events.
 */
#ifndef PEER_H
#define PEER_H

#include "cat.h"

/* Makes cat->dtls. 0, or an exit code after having said why. */
int peer_start(struct cat *cat);

/* Starts the handshake with the address that the socket is connected to. */
int peer_call(struct cat *cat);

/* Ends the run with that exit code: tells the peer, and waits for its answer in state CLOSING. */
void peer_close(struct cat *cat, int code, const char *end);

/* The same, but with -k another client may follow. */
void peer_leave(struct cat *cat, int code, const char *end);

/* An ICMP error came. Before anything else did, it ends the run or tries the next address. */
void peer_refused(struct cat *cat);

#endif
