#include "conn/ack.h"

#include "conn/rules.h"

#include "base/iana.h"
#include "conn/output.h"
#include "conn/rto.h"

#include <string.h>

/* Adds the number of a record to the list for the next ACK. In a full list, the new number replaces
 * the oldest number, which an earlier ACK has probably listed. */
static void add(acks_t *acks, const record_t *record)
{
    if (acks->count == ACKS_MAX) {
        memmove(acks->numbers, acks->numbers + 1, (ACKS_MAX - 1) * sizeof *acks->numbers);
        acks->count--;
        acks->sent -= acks->sent > 0;
    }
    acks->numbers[acks->count++] = (record_number_t){record->epoch, record->sequence};
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
    add(&conn->v13->acks, record);
    schedule(conn);
}

void ack_retract(conn_t *conn, const record_t *record)
{
    acks_t *acks = rules_of(conn)->acks ? &conn->v13->acks : NULL;
    if (!acks || acks->count == 0)
        return;
    const record_number_t *last = &acks->numbers[acks->count - 1];
    if (last->epoch == record->epoch && last->sequence == record->sequence)
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

static int compare(const record_number_t *a, const record_number_t *b)
{
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* Sorts record numbers in increasing order, as an ACK lists them (RFC 9147 section 7). */
static void sort(record_number_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && compare(&numbers[j - 1], &numbers[j]) > 0; j--) {
            record_number_t other = numbers[j];
            numbers[j] = numbers[j - 1];
            numbers[j - 1] = other;
        }
}

/* Sends the ACK. The numbers stay in the list, because this ACK may be lost. */
void ack_send(conn_t *conn)
{
    acks_t *acks = &conn->v13->acks;
    record_number_t numbers[ACKS_MAX];
    size_t room = output_ack_room(conn);
    size_t count = acks->count < room ? acks->count : room;
    memcpy(numbers, acks->numbers + acks->count - count, count * sizeof *numbers);
    sort(numbers, count);
    acks->sent = acks->count;
    acks->at = NEVER;
    output_ack(conn, numbers, count);
}

void ack_clear(conn_t *conn)
{
    if (rules_of(conn)->acks)
        conn->v13->acks = (acks_t){.count = 0};
}
