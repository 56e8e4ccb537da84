#include "conn/epochs.h"

#include "conn/rules.h"
#include "conn/stats.h"
#include "conn/trace.h"

#include <string.h>

static void end_epoch(const alloc_t *alloc, epoch_t **slot)
{
    epoch_free(alloc, *slot);
    *slot = NULL;
}

static void end_read_slot(conn_t *conn, uint64_t number)
{
    epoch_t **slot = &conn->read[number % EPOCH_SLOTS];
    if (*slot) {
        stats_lost(conn, epoch_lost(*slot));
        trace_keys(conn, false, (*slot)->number, true);
    }
    end_epoch(&conn->ctx->alloc, slot);
}

void epochs_end_read(conn_t *conn, uint64_t number)
{
    const epoch_t *epoch = conn_read_epoch(conn, number);
    if (epoch && epoch->number == number)
        end_read_slot(conn, number);
}

void epochs_end_write(conn_t *conn, uint64_t number)
{
    epoch_t **slot = &conn->write[number % EPOCH_SLOTS];
    if (*slot)
        trace_keys(conn, true, (*slot)->number, true);
    end_epoch(&conn->ctx->alloc, slot);
}

void epochs_start(conn_t *conn, epoch_t *plaintext)
{
    epoch_plaintext(plaintext);
    conn->write[0] = plaintext;
}

epoch_t *epochs_new_read(conn_t *conn, uint64_t number)
{
    end_read_slot(conn, number);
    trace_keys(conn, false, number, false);
    return conn->read[number % EPOCH_SLOTS] = epoch_new(&conn->ctx->alloc, false);
}

epoch_t *epochs_new_write(conn_t *conn, uint64_t number)
{
    epochs_end_write(conn, number);
    trace_keys(conn, true, number, false);
    return conn->write[number % EPOCH_SLOTS] = epoch_new(&conn->ctx->alloc, true);
}

void epochs_send_in(conn_t *conn, uint64_t number)
{
    conn->send_epoch = number;
}

void epochs_end(conn_t *conn)
{
    for (size_t i = 0; i < EPOCH_SLOTS; i++) {
        end_epoch(&conn->ctx->alloc, &conn->read[i]);
        end_epoch(&conn->ctx->alloc, &conn->write[i]);
    }
    alloc_wipe(&conn->ctx->alloc, conn->held.bytes, HELD_MAX);
}

/* ---- old read keys ---- */

#define RETAIN_MS 240000 /* how long old read keys are kept, see epochs_retain() */

void epochs_advance_read(conn_t *conn, uint64_t number)
{
    conn->v13->old_keys = conn->v13->read_epoch > 0;
    conn->v13->read_epoch = number;
}

void epochs_read_in(conn_t *conn, uint64_t number)
{
    conn13_t *v13 = conn->v13;
    if (!rules_of(conn)->acks || !v13->old_keys || number != v13->read_epoch)
        return;
    v13->old_keys = false;
    epochs_retain(conn);
}

void epochs_retain(conn_t *conn)
{
    for (size_t i = 0; i < EPOCH_SLOTS; i++)
        if (conn->read[i] && conn->read[i]->aead && conn->read[i]->number < conn->v13->read_epoch)
            aead_rest(conn->read[i]->aead);
    conn->v13->retire_at = now_of(conn->ctx) + RETAIN_MS;
}

/* Wipes the read keys of all epochs before the newest one. If the peer still sends in the epoch
 * just before the newest one, keeps the keys of that epoch too. */
void epochs_retire(conn_t *conn)
{
    uint64_t oldest = conn->v13->read_epoch - conn->v13->old_keys;
    conn->v13->retire_at = NEVER;
    for (size_t i = 0; i < EPOCH_SLOTS; i++)
        if (conn->read[i] && conn->read[i]->number < oldest)
            end_read_slot(conn, i);
}

bool epochs_may_read(const conn_t *conn, const record_t *record)
{
    const epoch_t *epoch = conn_read_epoch(conn, record->epoch);
    if (!epoch || epoch->form->unified != record->unified)
        return false;
    return record->unified || !conn->hs || conn->hs->change_cipher_spec;
}

/* ---- records that arrived before their keys ---- */

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
