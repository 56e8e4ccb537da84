/*
 * connecting.h - connects a client: tries the addresses of the host name one after the other, until
 * a handshake succeeds or the time limit of the handshake has passed.
 */
#ifndef CONNECTING_H
#define CONNECTING_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct peer;

/* Starts the first handshake, with the address to which the socket is connected. Returns EXIT_DONE,
 * or another exit code after reporting the error. */
int connecting_begin(struct app *app);

/* Starts a handshake with the next address, after the current address has failed. silent is true if
 * the current address did not answer. If all addresses were tried and at least one did not answer,
 * all are tried again, with a longer limit. why says how the current address failed, for a report
 * with -v: "refused", "no answer". Returns false if no address or no time is left. */
bool connecting_next(struct peer *peer, bool silent, const char *why);

/* Changes the local port when it is time to, as long as the server has not answered. now is a time of
 * clock_us(). Returns the time of the next call, or CLOCK_NEVER. */
int64_t connecting_check(struct peer *peer, int64_t now);

#endif
