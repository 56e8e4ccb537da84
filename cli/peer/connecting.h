/*
 * connecting.h - a client's handshake with the addresses of its peer's name, one after the other.
 */
#ifndef CONNECTING_H
#define CONNECTING_H

#include <stdbool.h>

struct app;
struct peer;

/* Starts the handshake with the address that the socket is connected to. Returns 0, or an exit code after
 * reporting why. */
int connecting_begin(struct app *app);

/* The present address is silent, or cannot be reached, which why says under -v: starts the handshake with the next
 * one. False: there is none, or no time is left. */
bool connecting_next(struct peer *peer, bool silent, const char *why);

#endif
