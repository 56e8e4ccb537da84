#include "conn/liveness.h"

void liveness_received(conn_t *conn)
{
    conn->heard = true;
}

void liveness_alive(conn_t *conn)
{
    conn->last_heard = now_of(conn->ctx);
}

void liveness_start(conn_t *conn)
{
    conn->last_heard = conn->last_answer = now_of(conn->ctx);
}

void liveness_asked(conn_t *conn)
{
    conn->unanswered++;
}

void liveness_answered(conn_t *conn)
{
    conn->last_answer = now_of(conn->ctx);
    conn->unanswered = 0;
}
