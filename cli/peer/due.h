/*
 * due.h - which peers the loop has to look at: those to which something has happened, and those
 * whose deadline has passed. All other peers cost nothing in a turn of the loop.
 *
 * Call due_touch() after any change that can move the next deadline of a peer, that permits sending
 * to the peer, or that can end its session. The loop takes each touched peer once, and then sets
 * its next deadline.
 *
 * Times are microseconds of clock_us().
 */
#ifndef DUE_H
#define DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer;

/* An entry of the heap. at_us is at most the deadline of the peer: a deadline that has moved to a
 * later time is corrected only when the entry gets to the root. */
struct due_slot {
    int64_t at_us;
    struct peer *peer;
};

struct due {
    struct peer *first, **end; /* list of touched peers in order of due_touch(); end of the list */
    struct due_slot *heap;     /* binary heap; the root has the earliest time */
    size_t count, room, peers; /* entries of the heap, space for entries, number of peers */
};

/* The fields of a peer that due.c writes. */
struct due_mark {
    struct peer *next; /* next touched peer */
    bool touched;
    size_t slot;   /* position in the heap, counted from 1; 0: not in the heap */
    int64_t at_us; /* deadline; valid if slot is not 0 */
};

void due_init(struct due *due);
void due_clear(struct due *due);

/* Reserves memory for one more peer. Returns false if memory is exhausted. */
bool due_add(struct due *due);
/* Removes the deadline of a peer that will be freed next. The peer must not be in the list of
 * touched peers. */
void due_remove(struct peer *peer);

/* Touches the peer: the loop then looks at it in this turn. */
void due_touch(struct peer *peer);
/* Touches the peers whose deadline has passed, and removes these deadlines. */
void due_expire(struct due *due, int64_t now_us);
/* Removes the first peer from the list of touched peers, and returns it. NULL: the list is
 * empty. */
struct peer *due_take(struct due *due);

/* Sets the deadline of a peer. CLOCK_NEVER: the peer has no deadline. */
void due_at(struct peer *peer, int64_t at_us);
/* Returns the earliest deadline of all peers. CLOCK_NEVER: no peer has a deadline. */
int64_t due_next_us(struct due *due);

#endif
