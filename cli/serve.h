/*
 * serve.h - what a turn of the event loop does for each touched peer: serves its program, sends its
 * queue, checks its deadlines, and frees it after its end. A peer is touched when something has
 * happened to it or its deadline has passed (due.h).
 */
#ifndef SERVE_H
#define SERVE_H

struct app;

/* Moves data between the touched peers and their programs, and sends what is queued for the
 * peers. */
void serve_peers(struct app *app);

/* Checks the deadlines of the touched peers, and sets the next ones. Frees the touched peers that
 * have ended. Call this at the end of the turn: afterwards, no peer is touched. */
void serve_settle(struct app *app);

#endif
