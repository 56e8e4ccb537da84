/*
 * sessions.h - a server's cache of DTLS 1.2 sessions, for clients without ticket support (RFC 5246
 * section 7.3). An entry is a session ID and a ticket with the session. The server sends the
 * session ID and keeps the ticket. The cache is a ring of the latest sessions. It is allocated with
 * the first entry.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "message/hello.h"
#include "message/ticket.h"

#define SESSIONS_MAX 65536 /* limits the time of the linear search */

typedef struct {
    uint8_t id[SESSION_ID_MAX], ticket[TICKET_MAX];
    size_t length;   /* bytes of the ticket; 0: the entry is unused */
    uint64_t number; /* the session's number, from 1 */
} cached_session_t;

typedef struct {
    cached_session_t *cached; /* a ring; NULL: no session was added yet */
    size_t capacity, next;    /* entries of the ring; the entry to write next */
    uint64_t count;           /* sessions added so far */
} sessions_t;

/* Wipes and frees the cache. */
void sessions_end(sessions_t *sessions, const alloc_t *alloc);
/* Adds a session. A session with the same ID is replaced. In a full cache the oldest session is
 * replaced. capacity is the number of sessions for which to allocate the cache. Returns the number
 * of the session, or 0 if there is not enough memory. */
uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t capacity,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket);
/* Removes a session after a fatal alert: RFC 5246 section 7.2.2. number is the result of
 * sessions_put(). Does nothing if number is 0. */
void sessions_forget(sessions_t *sessions, uint64_t number);
/* Returns the ticket of the session with this ID. Returns an empty reader if there is no such
 * session. */
reader_t sessions_find(const sessions_t *sessions, reader_t id);

#endif
