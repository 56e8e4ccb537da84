#include "message/sessions.h"

#include <string.h>

void sessions_end(sessions_t *sessions, const alloc_t *alloc)
{
    if (!sessions->cached)
        return;
    table_end(&sessions->ids, alloc);
    alloc_wipe(alloc, sessions->cached, sessions->capacity * sizeof *sessions->cached);
}

static bool start(sessions_t *sessions, const alloc_t *alloc, size_t capacity)
{
    static const uint8_t unused_key[16];
    if (!table_start(&sessions->ids, alloc, unused_key))
        return false;
    sessions->cached = alloc_zeroed(alloc, capacity * sizeof *sessions->cached);
    sessions->capacity = capacity;
    if (!sessions->cached)
        table_end(&sessions->ids, alloc);
    return sessions->cached != NULL;
}

/* Returns the hash of a session ID for the table. A server makes its session IDs from random bytes, so an attacker
 * cannot make many IDs in the table have one hash. */
static uint64_t hash_of(const uint8_t *id)
{
    reader_t r = reader(id, SESSION_ID_MAX);
    return take_uint(&r, 8);
}

static cached_session_t *find_session(const sessions_t *sessions, const uint8_t *id)
{
    table_entry_t *entry = table_find(&sessions->ids, hash_of(id));
    while (entry && memcmp(((cached_session_t *)entry)->id, id, SESSION_ID_MAX) != 0)
        entry = table_next(entry);
    return (cached_session_t *)entry;
}

static void remove_session(sessions_t *sessions, cached_session_t *session)
{
    if (session->length > 0)
        table_remove(&sessions->ids, &session->entry);
    session->length = 0;
}

/* The numbers count the sessions that were added, so the number of a session gives its entry in the ring. */
static cached_session_t *entry_of(const sessions_t *sessions, uint64_t number)
{
    return &sessions->cached[(number - 1) % sessions->capacity];
}

static cached_session_t *make_session(sessions_t *sessions, const alloc_t *alloc, const uint8_t *id)
{
    cached_session_t *session = entry_of(sessions, ++sessions->count);
    remove_session(sessions, session);
    memcpy(session->id, id, SESSION_ID_MAX);
    session->number = sessions->count;
    table_insert(&sessions->ids, alloc, &session->entry, hash_of(id));
    return session;
}

uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t capacity,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket)
{
    if (reader_left(&ticket) == 0 || (!sessions->cached && !start(sessions, alloc, capacity)))
        return 0;
    cached_session_t *session = find_session(sessions, id);
    if (!session)
        session = make_session(sessions, alloc, id);
    session->length = reader_left(&ticket);
    memcpy(session->ticket, ticket.at, session->length);
    return session->number;
}

void sessions_forget(sessions_t *sessions, uint64_t number)
{
    if (number == 0)
        return;
    cached_session_t *session = entry_of(sessions, number);
    if (session->number == number)
        remove_session(sessions, session);
}

reader_t sessions_find(const sessions_t *sessions, reader_t id)
{
    bool possible = sessions->cached && reader_left(&id) == SESSION_ID_MAX;
    const cached_session_t *session = possible ? find_session(sessions, id.at) : NULL;
    return session ? reader(session->ticket, session->length) : reader(NULL, 0);
}
