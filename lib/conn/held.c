#include "conn/held.h"

#include <string.h>

bool held_add(conn_t *conn, const record_t *record)
{
    held_t *held = &conn->held;
    if (!held->bytes)
        held->bytes = alloc_zeroed(&conn->ctx->alloc, HELD_MAX);
    if (!held->bytes || !record->has_length || record->size > (size_t)(HELD_MAX - held->length))
        return false;
    memcpy(held->bytes + held->length, record->bytes, record->size);
    held->length += (uint16_t)record->size;
    return true;
}

void held_retry(conn_t *conn)
{
    conn->held.retry = true;
}

uint8_t *held_take(conn_t *conn, size_t *length)
{
    held_t held = conn->held;
    if (!held.retry)
        return NULL;
    conn->held = (held_t){.bytes = NULL};
    *length = held.length;
    return held.bytes;
}

void held_end(conn_t *conn)
{
    alloc_wipe(&conn->ctx->alloc, conn->held.bytes, HELD_MAX);
}
