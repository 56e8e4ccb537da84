/*
 * sessions.h - sessions of DTLS 1.2 that a server keeps for clients that know no tickets (RFC 5246 section
 * 7.3): what their ticket would say, under the ID that such a client has instead. The latest ones; nothing
 * is kept before the first such client.
 */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "message/hello.h"
#include "message/ticket.h"

#define SESSIONS_MAX 65536 /* they are searched one by one */

typedef struct {
    uint8_t id[SESSION_ID_MAX], ticket[TICKET_MAX];
    size_t length;   /* of the ticket; 0: there is none */
    uint64_t number; /* of the session, from 1 on */
} kept_session_t;

typedef struct {
    kept_session_t *kept; /* a ring; NULL: there was none yet */
    size_t room, next;
    uint64_t count; /* of all that there were */
} sessions_t;

void sessions_end(sessions_t *sessions, const alloc_t *alloc);
/* Of so many, in place of what has that ID, or else of the oldest. Its number; 0: without memory it is not
 * kept. */
uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t room,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket);
/* One of its connections has ended by a fatal alert: RFC 5246 section 7.2.2. */
void sessions_forget(sessions_t *sessions, uint64_t number);
/* The ticket; empty: none has that ID. */
reader_t sessions_find(const sessions_t *sessions, reader_t id);

#endif
