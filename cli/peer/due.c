#include "peer/due.h"

#include <stdlib.h>

#include "common/clock.h"
#include "peer/peer.h"

#define ROOM 64 /* number of entries for which the heap first has space */

void due_init(struct due *due)
{
    *due = (struct due){.end = &due->first};
}

void due_clear(struct due *due)
{
    free(due->heap);
    due_init(due);
}

/* ---- touched peers -------------------------------------------------------------------------- */

void due_touch(struct peer *peer)
{
    struct due *due = &peer->app->due;
    struct due_mark *mark = &peer->due;

    if (mark->touched)
        return;
    mark->touched = true;
    mark->next = NULL;
    *due->end = peer;
    due->end = &mark->next;
}

struct peer *due_take(struct due *due)
{
    struct peer *peer = due->first;

    if (peer == NULL)
        return NULL;
    due->first = peer->due.next;
    if (due->first == NULL)
        due->end = &due->first;
    peer->due.touched = false;
    return peer;
}

/* ---- the heap ------------------------------------------------------------------------------- */

static void put(struct due *due, size_t index, struct due_slot slot)
{
    due->heap[index] = slot;
    slot.peer->due.slot = index + 1;
}

/* Stores the slot at the index, or nearer to the root if its time is earlier than that of a
 * parent. */
static void move_up(struct due *due, size_t index, struct due_slot slot)
{
    while (index > 0 && slot.at_us < due->heap[(index - 1) / 2].at_us) {
        put(due, index, due->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(due, index, slot);
}

/* Stores the slot at the index, or further from the root if its time is later than that of a
 * child. */
static void move_down(struct due *due, size_t index, struct due_slot slot)
{
    size_t child;

    while ((child = 2 * index + 1) < due->count) {
        if (child + 1 < due->count && due->heap[child + 1].at_us < due->heap[child].at_us)
            child++;
        if (slot.at_us <= due->heap[child].at_us)
            break;
        put(due, index, due->heap[child]);
        index = child;
    }
    put(due, index, slot);
}

static void take_out(struct due *due, size_t index)
{
    due->heap[index].peer->due.slot = 0;
    struct due_slot last = due->heap[--due->count];
    if (index == due->count)
        return;
    if (index > 0 && last.at_us < due->heap[(index - 1) / 2].at_us)
        move_up(due, index, last);
    else
        move_down(due, index, last);
}

bool due_add(struct due *due)
{
    size_t room = due->room > 0 ? 2 * due->room : ROOM;

    if (due->peers == due->room) {
        struct due_slot *heap = realloc(due->heap, room * sizeof *heap);
        if (heap == NULL)
            return false;
        due->heap = heap;
        due->room = room;
    }
    due->peers++;
    return true;
}

void due_remove(struct peer *peer)
{
    struct due *due = &peer->app->due;

    if (peer->due.slot > 0)
        take_out(due, peer->due.slot - 1);
    due->peers--;
}

void due_at(struct peer *peer, int64_t at_us)
{
    struct due *due = &peer->app->due;
    struct due_mark *mark = &peer->due;
    struct due_slot slot = {.at_us = at_us, .peer = peer};

    mark->at_us = at_us;
    if (mark->slot > 0 && at_us < due->heap[mark->slot - 1].at_us)
        move_up(due, mark->slot - 1, slot);
    else if (mark->slot == 0 && at_us != CLOCK_NEVER)
        move_up(due, due->count++, slot);
}

int64_t due_next_us(struct due *due)
{
    while (due->count > 0) {
        struct due_slot slot = due->heap[0];
        int64_t at_us = slot.peer->due.at_us;
        if (slot.at_us == at_us)
            return at_us;
        slot.at_us = at_us;
        if (at_us == CLOCK_NEVER)
            take_out(due, 0);
        else
            move_down(due, 0, slot);
    }
    return CLOCK_NEVER;
}

void due_expire(struct due *due, int64_t now_us)
{
    while (due_next_us(due) <= now_us) {
        struct peer *peer = due->heap[0].peer;
        take_out(due, 0);
        due_touch(peer);
    }
}
