#include "message/sessions.h"

#include <string.h>

void sessions_end(sessions_t *sessions, const alloc_t *alloc)
{
    alloc_wipe(alloc, sessions->cached, sessions->capacity * sizeof *sessions->cached);
}

static cached_session_t *find_session(const sessions_t *sessions, const uint8_t *id)
{
    for (size_t i = 0; i < sessions->capacity; i++)
        if (sessions->cached[i].length > 0 &&
            memcmp(sessions->cached[i].id, id, SESSION_ID_MAX) == 0)
            return &sessions->cached[i];
    return NULL;
}

static cached_session_t *make_session(sessions_t *sessions, const uint8_t *id)
{
    cached_session_t *session = &sessions->cached[sessions->next++ % sessions->capacity];
    memcpy(session->id, id, SESSION_ID_MAX);
    session->number = ++sessions->count;
    return session;
}

uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t capacity,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket)
{
    if (!sessions->cached)
        sessions->cached = alloc_zeroed(alloc, capacity * sizeof *sessions->cached);
    if (!sessions->cached)
        return 0;
    sessions->capacity = capacity;
    cached_session_t *session = find_session(sessions, id);
    if (!session)
        session = make_session(sessions, id);
    session->length = reader_left(&ticket);
    memcpy(session->ticket, ticket.at, session->length);
    return session->number;
}

void sessions_forget(sessions_t *sessions, uint64_t number)
{
    for (size_t i = 0; number > 0 && i < sessions->capacity; i++)
        if (sessions->cached[i].number == number)
            sessions->cached[i].length = 0;
}

reader_t sessions_find(const sessions_t *sessions, reader_t id)
{
    bool possible = reader_left(&id) == SESSION_ID_MAX;
    const cached_session_t *session = possible ? find_session(sessions, id.at) : NULL;
    return session ? reader(session->ticket, session->length) : reader(NULL, 0);
}
