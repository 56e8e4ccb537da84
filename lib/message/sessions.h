/* sessions.h - a server's cache of DTLS 1.2 sessions, for clients without ticket support (RFC 5246
 * section 7.3). An entry is a session ID and the session, encrypted as a ticket. The client is sent
 * only the session ID. The cache is a ring of the latest sessions. It is allocated with the first
 * entry. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "base/table.h"
#include "message/hello.h"
#include "message/ticket.h"

#define SESSIONS_MAX 65536 /* the most entries */

typedef struct {
    table_entry_t entry; /* first, so that a pointer to it is one to the session */
    uint8_t id[SESSION_ID_MAX], ticket[TICKET_MAX];
    size_t length;   /* length of the ticket; 0: the entry is unused */
    uint64_t number; /* the session's number, counted from 1 */
} cached_session_t;

typedef struct {
    cached_session_t *cached; /* a ring of sessions; NULL: no session was added yet */
    table_t ids;              /* the used entries, by session ID */
    size_t capacity;          /* number of entries */
    uint64_t count;           /* how many sessions were added so far */
} sessions_t;

/* Wipes and frees the cache. */
void sessions_end(sessions_t *sessions, const alloc_t *alloc);
/* Adds a session, and returns its number, or 0 if there is not enough memory. The new session
 * replaces the session with the same ID, or if the cache is full, the oldest session. capacity: the
 * number of sessions for which to allocate the cache. */
uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t capacity,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket);
/* Removes the session with this number, which sessions_put() has returned. Does nothing if number
 * is 0. Call this after a fatal alert: the session must not be resumed (RFC 5246 section 7.2.2). */
void sessions_forget(sessions_t *sessions, uint64_t number);
/* Returns the ticket of the session with this ID. Returns an empty reader if there is no such
 * session. */
reader_t sessions_find(const sessions_t *sessions, reader_t id);

#endif
