#include "ack.h"

#include "conn.h"
#include "iana.h"
#include "output.h"

#include <string.h>

/* The latest ones stay: those the peer is least likely to have heard of. */
static void add(acks_t *acks, const record_t *record)
{
    if (acks->count == ACKS_MAX) {
        memmove(acks->numbers, acks->numbers + 1, (ACKS_MAX - 1) * sizeof *acks->numbers);
        acks->count--;
    }
    acks->numbers[acks->count++] = (record_number_t){record->epoch, record->sequence};
}

bool ack_agreed(const conn_t *conn)
{
    return conn->v13 && conn->v13->chosen;
}

void ack_note(conn_t *conn, const record_t *record)
{
    if (!conn->v13)
        return;
    acks_t *acks = &conn->v13->acks;
    add(acks, record);
    /* The rest of the flight should be right behind; if it is not, the peer will want to know. */
    if (conn->v13->chosen && acks->at == NEVER)
        acks->at = now_of(conn->ctx) + conn->flight.timer_ms / 4;
}

void ack_note_early(conn_t *conn, const record_t *record, bool out_of_order)
{
    ack_note(conn, record);
    if (out_of_order && ack_agreed(conn))
        conn->v13->acks.at = now_of(conn->ctx);
}

void ack_flush(conn_t *conn)
{
    if (!ack_agreed(conn) || conn->phase == PHASE_ENDED)
        return;
    const acks_t *acks = &conn->v13->acks;
    /* After the handshake no flight answers another: every record is acknowledged. */
    bool now = !conn->hs || (acks->at != NEVER && acks->at <= now_of(conn->ctx));
    if (acks->count > 0 && now)
        ack_send(conn);
}

static int compare(const record_number_t *a, const record_number_t *b)
{
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* Increasing, as RFC 9147 section 7 has it. */
static void sort(acks_t *acks)
{
    for (size_t i = 1; i < acks->count; i++)
        for (size_t j = i; j > 0 && compare(&acks->numbers[j - 1], &acks->numbers[j]) > 0; j--) {
            record_number_t other = acks->numbers[j];
            acks->numbers[j] = acks->numbers[j - 1];
            acks->numbers[j - 1] = other;
        }
}

void ack_send(conn_t *conn)
{
    acks_t *acks = &conn->v13->acks;
    sort(acks);
    output_ack(conn, acks->numbers, acks->count);
    acks->at = NEVER;
    if (!conn->hs)
        acks->count = 0;
}

void ack_forget(conn_t *conn)
{
    if (conn->v13)
        conn->v13->acks = (acks_t){.count = 0};
}
