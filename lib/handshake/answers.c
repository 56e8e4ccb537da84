#include "handshake/answers.h"

#include "base/iana.h"
#include "base/siphash.h"

uint16_t hs_seq_of(const message_t *message)
{
    reader_t header = reader(message->bytes, message->length);
    take_u24(&header);
    take_u8(&header);
    return take_u16(&header);
}

static uint64_t digest_of(const conn_t *conn, const message_t *message)
{
    return siphash(conn->ctx->peers.table.key, message->bytes, message->length);
}

static bool is_server_hello(const message_t *message)
{
    return message_kind(message->bytes[0], message->bytes + MESSAGE_HEADER,
                        message->length - MESSAGE_HEADER) == HANDSHAKE_SERVER_HELLO;
}

/* Only the ServerHello has a random value, so only a ServerHello cannot be the same in two handshakes. */
static void remember_hello(conn_t *conn, const message_t *message, uint64_t digest)
{
    answers_t *answers = &conn->hs->answers;
    if (is_server_hello(message) && answers->hello_count < HELLOS_MAX)
        answers->hellos[answers->hello_count++] = digest;
}

void answers_note(conn_t *conn, const message_t *message)
{
    uint16_t seq = hs_seq_of(message);
    if (!conn->client || !conn->hs || message->epoch > 0 || seq >= ANSWERS_MAX)
        return;
    uint64_t digest = digest_of(conn, message);
    conn->hs->answers.digests[seq] = digest;
    remember_hello(conn, message, digest);
}

/* Returns true for a message that a server sends before its first protected message. */
static bool is_answer(uint8_t msg_type)
{
    return msg_type == HANDSHAKE_SERVER_HELLO || msg_type == HANDSHAKE_HELLO_VERIFY_REQUEST ||
           msg_type == HANDSHAKE_SERVER_KEY_EXCHANGE || msg_type == HANDSHAKE_SERVER_HELLO_DONE ||
           msg_type == HANDSHAKE_NEW_SESSION_TICKET;
}

void answers_compare(conn_t *conn, const message_t *message)
{
    uint16_t seq = hs_seq_of(message);
    if (!conn->client || !conn->hs || message->epoch > 0 || seq >= ANSWERS_MAX ||
        !is_answer(message->bytes[0]))
        return;
    answers_t *answers = &conn->hs->answers;
    uint64_t digest = digest_of(conn, message);
    if (answers->digests[seq] == 0 || answers->digests[seq] == digest)
        return;
    answers->contradicted = true;
    remember_hello(conn, message, digest);
}

bool answers_are_contradicted(const conn_t *conn)
{
    return conn->hs && conn->hs->answers.contradicted;
}

bool answers_is_stale(const conn_t *conn, const message_t *message)
{
    const answers_t *answers = &conn->hs->answers;
    uint64_t digest = digest_of(conn, message);
    for (size_t i = 0; i < answers->stale_count; i++)
        if (answers->hellos[i] == digest)
            return true;
    return false;
}

void answers_inherit(conn_t *next, const conn_t *old)
{
    answers_t *answers = &next->hs->answers;
    *answers = (answers_t){.hello_count = old->hs->answers.hello_count};
    for (size_t i = 0; i < answers->hello_count; i++)
        answers->hellos[i] = old->hs->answers.hellos[i];
    answers->stale_count = answers->hello_count;
}
