/*
 * programs.h - all programs of -e or -c: waits for their descriptors and for their end, and signals
 * them.
 *
 * An epoll(7) set has the descriptors of all programs, and the loop waits for that set. So a turn
 * of the loop costs the same, however many programs there are.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct child;

#define PROGRAMS_BUCKETS 1024

struct programs {
    int set;                                /* the epoll set; -1: not opened */
    struct child *first;                    /* linked list of all programs */
    struct child *by_pid[PROGRAMS_BUCKETS]; /* hash table of the running programs */
    size_t detached;                        /* number of programs that outlive their sessions */
};

void programs_init(struct programs *programs);
/* Opens the epoll set. Returns false with errno on failure. */
bool programs_open(struct programs *programs);

/* Adds a program that was started. */
void programs_add(struct child *child);

/* Handles the events of the set: for each program with an event, makes the loop look at its peer in
 * this turn (due_touch()). */
void programs_pump(struct app *app);
/* Reaps the programs that have ended, and reports those that failed. Call this after SIGCHLD. */
void programs_reap(struct app *app);
/* Sends a signal to all programs. */
void programs_signal(const struct app *app, int number);

/* Call this when the session of a program has ended. The program can still read its queued input,
 * and its output is discarded. Sets *child to NULL. Does nothing if *child is NULL. */
void programs_detach(struct child **child);

#endif
