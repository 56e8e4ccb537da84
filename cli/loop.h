/*
 * loop.h - the event loop. It waits for datagrams, stdin, stdout, programs, timers and signals, and
 * handles them.
 */
#ifndef LOOP_H
#define LOOP_H

#include <poll.h>

#include "app.h"

enum { SIGNALS, SOCKET, STDIN, STDOUT, DIAGNOSTICS, CAPTURE, EVENTS, PROGRAMS, LOOP_DESCRIPTORS };

/* One turn of the event loop. */
struct turn {
    struct pollfd ready[LOOP_DESCRIPTORS];
    int64_t now;        /* the current time */
    int64_t until;      /* time at which the wait ends at the latest; CLOCK_NEVER: no limit */
    bool received;      /* received datagrams are not handled yet: do not wait */
    int64_t arrival_us; /* time at which a datagram that --sim delays arrives */
};

/* Waits for events, at most until turn->until, and handles them. Serves only the peers with an
 * event or a deadline that has passed. Sets turn->until for the next turn. */
void loop_turn(struct app *app, struct turn *turn);

/* Runs until all sessions and programs have ended, and all output is written. */
void loop_run(struct app *app);

#endif
