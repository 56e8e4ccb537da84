#include "message/sessions.h"

#include <string.h>

void sessions_end(sessions_t *sessions, const alloc_t *alloc)
{
    alloc_wipe(alloc, sessions->kept, sessions->room * sizeof *sessions->kept);
}

static kept_session_t *find(const sessions_t *sessions, const uint8_t *id)
{
    for (size_t i = 0; i < sessions->room; i++)
        if (sessions->kept[i].length > 0 && memcmp(sessions->kept[i].id, id, SESSION_ID_MAX) == 0)
            return &sessions->kept[i];
    return NULL;
}

static kept_session_t *make(sessions_t *sessions, const uint8_t *id)
{
    kept_session_t *session = &sessions->kept[sessions->next++ % sessions->room];
    memcpy(session->id, id, SESSION_ID_MAX);
    session->number = ++sessions->count;
    return session;
}

uint64_t sessions_put(sessions_t *sessions, const alloc_t *alloc, size_t room,
                      const uint8_t id[SESSION_ID_MAX], reader_t ticket)
{
    if (!sessions->kept)
        sessions->kept = alloc_zeroed(alloc, room * sizeof *sessions->kept);
    if (!sessions->kept)
        return 0;
    sessions->room = room;
    kept_session_t *session = find(sessions, id);
    if (!session)
        session = make(sessions, id);
    session->length = reader_left(&ticket);
    memcpy(session->ticket, ticket.at, session->length);
    return session->number;
}

void sessions_forget(sessions_t *sessions, uint64_t number)
{
    for (size_t i = 0; number > 0 && i < sessions->room; i++)
        if (sessions->kept[i].number == number)
            sessions->kept[i].length = 0;
}

reader_t sessions_find(const sessions_t *sessions, reader_t id)
{
    bool possible = reader_left(&id) == SESSION_ID_MAX;
    const kept_session_t *session = possible ? find(sessions, id.at) : NULL;
    return session ? reader(session->ticket, session->length) : reader(NULL, 0);
}
