#include "conn/ack.h"

#include "conn/rules.h"

#include "base/iana.h"
#include "conn/output.h"
#include "conn/rto.h"

#include <string.h>

/* An epoch and a sequence number are packed into one number, the epoch into its high bits. So the
 * order of the numbers is the order of the records. */
#define SEQUENCE_BITS 48

static uint64_t packed(const record_t *record)
{
    return (uint64_t)record->epoch << SEQUENCE_BITS | record->sequence;
}

static record_number_t unpacked(uint64_t number)
{
    return (record_number_t){number >> SEQUENCE_BITS, number & SEQUENCE_MAX};
}

/* Adds the number of a record to the list for the next ACK. In a full list, the new number replaces
 * the oldest number, which an earlier ACK has probably listed. If memory is short, the record is
 * not acknowledged, and the peer resends it. */
static void add(conn_t *conn, const record_t *record)
{
    acks_t *acks = &conn->v13->acks;
    if (!acks->numbers)
        acks->numbers = alloc_zeroed(&conn->ctx->alloc, ACKS_SIZE);
    if (!acks->numbers)
        return;
    if (acks->count == ACKS_MAX) {
        memmove(acks->numbers, acks->numbers + 1, (ACKS_MAX - 1) * sizeof *acks->numbers);
        acks->count--;
        if (acks->sent > 0)
            acks->sent--;
    }
    acks->numbers[acks->count++] = packed(record);
}

bool ack_agreed(const conn_t *conn)
{
    return rules_of(conn)->acks && conn->negotiated.version;
}

/* Sets the time of the next ACK to a quarter of the retransmission timer from now. The rest of the
 * peer's flight usually arrives before that time. Then our next flight or one ACK acknowledges the
 * whole flight (RFC 9147 section 7.1). */
static void schedule(conn_t *conn)
{
    acks_t *acks = &conn->v13->acks;
    if (ack_agreed(conn) && acks->count > acks->sent && acks->at == NEVER)
        acks->at = now_of(conn->ctx) + rto_first_ms(conn) / 4;
}

void ack_note(conn_t *conn, const record_t *record)
{
    if (!rules_of(conn)->acks)
        return;
    add(conn, record);
    schedule(conn);
}

void ack_retract(conn_t *conn, const record_t *record)
{
    acks_t *acks = rules_of(conn)->acks ? &conn->v13->acks : NULL;
    if (!acks || acks->count == 0)
        return;
    if (acks->numbers[acks->count - 1] == packed(record))
        acks->count--;
    if (acks->sent > acks->count)
        acks->sent = acks->count;
    if (acks->sent == acks->count)
        acks->at = NEVER;
}

void ack_now(conn_t *conn)
{
    conn->v13->acks.at = now_of(conn->ctx);
}

void ack_flush(conn_t *conn)
{
    if (!ack_agreed(conn) || conn->phase == PHASE_ENDED)
        return;
    schedule(conn);
    const acks_t *acks = &conn->v13->acks;
    if (acks->at != NEVER && acks->at <= now_of(conn->ctx))
        ack_send(conn);
}

/* Unpacks the newest `count` record numbers in increasing order, as an ACK lists them (RFC 9147
 * section 7). */
static void sort(record_number_t *sorted, const acks_t *acks, size_t count)
{
    uint64_t order[ACKS_MAX];
    for (size_t i = 0; i < count; i++) {
        uint64_t number = acks->numbers[acks->count - count + i];
        size_t at = i;
        for (; at > 0 && order[at - 1] > number; at--)
            order[at] = order[at - 1];
        order[at] = number;
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = unpacked(order[i]);
}

/* Sends the ACK. The numbers stay in the list, because this ACK may be lost: ack_retire(). */
void ack_send(conn_t *conn)
{
    acks_t *acks = &conn->v13->acks;
    record_number_t numbers[ACKS_MAX];
    size_t room = output_ack_room(conn);
    size_t count = acks->count < room ? acks->count : room;
    sort(numbers, acks, count);
    acks->sent = acks->count;
    acks->at = NEVER;
    output_ack(conn, numbers, count);
}

void ack_retire(conn_t *conn)
{
    if (conn->v13->acks.at == NEVER)
        ack_clear(conn);
}

void ack_clear(conn_t *conn)
{
    if (!rules_of(conn)->acks)
        return;
    alloc_wipe(&conn->ctx->alloc, conn->v13->acks.numbers, ACKS_SIZE);
    conn->v13->acks = (acks_t){.numbers = NULL};
}
