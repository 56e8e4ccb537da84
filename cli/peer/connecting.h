/*
 * connecting.h - a client's handshake with each address of the host name in turn.
 */
#ifndef CONNECTING_H
#define CONNECTING_H

#include <stdbool.h>

struct app;
struct peer;

/* Starts the handshake with the address that the socket is connected to. Returns EXIT_DONE, or an exit code after
 * reporting the error. */
int connecting_begin(struct app *app);

/* The current address has failed: starts the handshake with the next one. silent: it did not answer, so that another
 * round may reach it. why: the reason, reported with -v. Returns false if no address or no time is left. */
bool connecting_next(struct peer *peer, bool silent, const char *why);

#endif
