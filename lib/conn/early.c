#include "conn/early.h"

void early_allow(conn_t *conn, uint32_t bytes)
{
    conn->early.left = bytes;
}

void early_offer(conn_t *conn)
{
    conn->early.status = conn->early.left > 0 ? DTLS_EARLY_OFFERED : DTLS_EARLY_NONE;
}

void early_withdraw(conn_t *conn)
{
    conn->early = (early_t){.status = DTLS_EARLY_NONE};
}

void early_accepted(conn_t *conn)
{
    conn->early.status = DTLS_EARLY_ACCEPTED;
}

void early_rejected(conn_t *conn)
{
    if (conn->early.status == DTLS_EARLY_OFFERED)
        conn->early.status = DTLS_EARLY_REJECTED;
}

void early_restore(conn_t *conn, dtls_early_t status)
{
    conn->early.status = status;
}

void early_decide(conn_t *conn, uint32_t bytes)
{
    conn->early.status = bytes > 0 ? DTLS_EARLY_ACCEPTED : DTLS_EARLY_REJECTED;
    conn->early.left = bytes;
}

bool early_consume(conn_t *conn, size_t length)
{
    if (length > conn->early.left)
        return false;
    conn->early.left -= (uint32_t)length;
    return true;
}
