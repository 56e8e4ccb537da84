/*
 * serve.h - the work of a turn for each peer that was touched (due.h): its program, its queue, its
 * deadlines and its end.
 */
#ifndef SERVE_H
#define SERVE_H

struct app;

/* Moves data between the touched peers and their programs, and sends what is queued for the
 * peers. */
void serve_peers(struct app *app);

/* Checks the deadlines of the touched peers, and sets the next ones. Frees the peers that have
 * gone. Call this at the end of the turn: afterwards, no peer is touched. */
void serve_settle(struct app *app);

#endif
