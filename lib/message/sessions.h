/*
 * sessions.h - a server's cache of DTLS 1.2 sessions, for clients without ticket support (RFC 5246
 * section 7.3). An entry holds the ticket that the client would have got, under the session ID that
 * it got instead. The cache holds the latest sessions. It is allocated with the first entry.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "message/hello.h"
#include "message/ticket.h"

#define SESSIONS_MAX 65536 /* a bound on the linear search */

typedef struct {
    uint8_t id[SESSION_ID_MAX], ticket[TICKET_MAX];
    size_t length;   /* bytes of the ticket; 0: the entry is unused */
    uint64_t number; /* number of the session, starting at 1 */
} cached_session_t;

typedef struct {
    cached_session_t *cached; /* a ring; NULL: no session has been added yet */
    size_t capacity, next;    /* entries of the ring; the next entry to overwrite */
    uint64_t count;           /* sessions added so far */
} sessions_t;

void sessions_end(sessions_t *sessions, const alloc_t *alloc);
/* Adds a session, or replaces the one with this ID. capacity: the size of the cache; the oldest
 * session is overwritten if it is full. Returns the number of the session, 0 if there is not
 * enough memory. */
uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t capacity,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket);
/* Removes a session after a fatal alert on one of its connections: RFC 5246 section 7.2.2.
 * number: as returned by sessions_put(); 0: does nothing. */
void sessions_forget(sessions_t *sessions, uint64_t number);
/* Returns the ticket of the session with this ID. It is empty if there is none. */
reader_t sessions_find(const sessions_t *sessions, reader_t id);

#endif
