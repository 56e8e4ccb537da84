/*
 * connecting.h - how a client connects: it tries the addresses of the host name one after the
 * other, until a handshake succeeds or the time limit of the handshake has passed.
 */
#ifndef CONNECTING_H
#define CONNECTING_H

#include <stdbool.h>

struct app;
struct peer;

/* Starts the first handshake, with the address to which the socket is connected. Returns EXIT_DONE,
 * or another exit code after reporting the error. */
int connecting_begin(struct app *app);

/* Starts a handshake with the next address, because that with the current one has failed. silent
 * tells that the current address did not answer, so it is worth another round. why is the reason
 * for a report with -v. Returns false if no address or no time is left. */
bool connecting_next(struct peer *peer, bool silent, const char *why);

#endif
