/* hs.h - the handshake driver. The client and the server of each version have a table of rows: one
 * row for each message that may arrive in a state. The driver finds the row of a message, and calls
 * the functions of the row, which parse the body and respond. Only the driver handles records and
 * fragments. */
#ifndef HS_H
#define HS_H

#include "conn/state.h"

typedef enum {
    STATE_CONNECTED, /* the handshake is complete */
    CLIENT_WAIT_HELLO,
    /* DTLS 1.2: the ServerHello has arrived; the ServerKeyExchange is optional (RFC 4279 section
     * 2). */
    CLIENT_AFTER_HELLO,
    CLIENT_WAIT_DONE,
    /* DTLS 1.2: the ServerHello has announced a NewSessionTicket, which comes next. */
    CLIENT_WAIT_TICKET,
    CLIENT_WAIT_FINISHED,
    SERVER_WAIT_HELLO,
    SERVER_AFTER_HELLO,
    SERVER_WAIT_FINISHED
} hs_state_t;

/* Flag of the row (hs_row_t) of a message that a server sends without keeping state: any
 * message_seq is accepted, and the message is not added to the transcript. */
#define ROW_STATELESS 1
#define ROW_NOT_HASHED 2 /* the message is not added to the transcript */
/* Flag of the row of a message that may respond to our ClientHello without a cookie, even after we
 * have sent a ClientHello with a cookie. */
#define ROW_FIRST 4

/* The functions of a row (hs_row_t) return this to ignore a message that is a duplicate or arrives
 * too late. */
#define HS_IGNORE DTLS_ERR_COUNT

struct hs_row {
    uint8_t state, msg_type;
    /* The epoch in which the message must arrive; EPOCH_TRAFFIC: this epoch or a later one. */
    uint8_t epoch;
    uint8_t flags;
    uint32_t max_length; /* length in bytes of the longest body that is accepted */
    /* Parses the body and checks all of it before changing any state. Returns the error to report
     * to the peer, or HS_IGNORE. */
    dtls_error_t (*receive)(conn_t *conn, reader_t *body, const message_t *message);
    /* Derives keys and responds. Called after the message is added to the transcript. NULL: nothing
     * to do. Returns the error to report to the peer. */
    dtls_error_t (*then)(conn_t *conn);
    uint8_t next;
};

/* Handles a handshake record, during the handshake or after it. */
void hs_record(conn_t *conn, const record_t *record);
/* Processes the messages that come next in message_seq order, until one is missing or not
 * complete. */
void hs_run_waiting(conn_t *conn);
/* Returns true if this is the message_seq of a response to our ClientHello without a cookie, and a
 * ClientHello with a cookie was sent later. Only a row with ROW_FIRST accepts such a message. */
bool hs_may_respond_to_first(const conn_t *conn, uint16_t seq);
/* Returns the message of a fragment that contains the whole message. In memory, the message header
 * must be directly before fragment->body. */
message_t hs_whole_message(const fragment_t *fragment);
/* Processes a whole message: finds its row (hs_row_t) and calls the functions of the row. */
void hs_message(conn_t *conn, const message_t *message);

/* ---- for the rows, and for the start of a handshake ---- */

/* Sets the table of rows (hs_row_t), in which the driver finds the row of each message. */
void hs_use_rows(conn_t *conn, const hs_row_t *rows);
/* Sets the state. When the driver calls row->then, it has already set the state row->next, and
 * row->then may set another state. */
void hs_enter(conn_t *conn, hs_state_t state);
/* Server: sets the next message_seq of both sides to that of the ClientHello (RFC 6347 section
 * 4.2.1). */
void hs_start_seq(conn_t *conn, uint16_t hello_seq);
/* Client: expects that the response has the message_seq of the ClientHello, which a server without
 * state copies. Call this before a ClientHello is sent. */
void hs_expect_response(conn_t *conn);
/* Client: sets the next message_seq of both sides to the values that follow our first ClientHello.
 * Call this when the handshake continues from that ClientHello. */
void hs_return_to_first(conn_t *conn);
/* Returns the message_seq for the next message that we send, and advances it. */
uint16_t hs_next_send_seq(conn_t *conn);
/* These two store the random of the ClientHello and that of the ServerHello, which have
 * RANDOM_LENGTH bytes. */
void hs_set_client_random(conn_t *conn, const uint8_t *random);
void hs_set_server_random(conn_t *conn, const uint8_t *random);
/* Returns the hash of a client random that is stored after the handshake in place of the random. */
static inline uint64_t hs_random_hash(const dtls_context_t *ctx, const uint8_t *random)
{
    return table_hash(&ctx->peers.table, random, RANDOM_LENGTH);
}

/* Starts a message of the handshake's flight: returns a writer, to which the caller writes the
 * body. */
writer_t hs_open(conn_t *conn, uint8_t msg_type);
/* Completes the header of a message, and adds the message to the flight. Returns DTLS_ERR_TOO_LONG
 * if there is not enough room. */
dtls_error_t hs_finish_message(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Completes the message as hs_finish_message() does, and adds it to the transcript. May also return
 * DTLS_ERR_CRYPTO. */
dtls_error_t hs_close(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Adds a message with its header to the transcript. Returns DTLS_ERR_CRYPTO if libcrypto fails. */
dtls_error_t hs_hash(conn_t *conn, const uint8_t *message, size_t length);
/* Starts the transcript with the hash algorithm of the negotiated suite. tls_form: see
 * transcript.h. Returns DTLS_ERR_CRYPTO if libcrypto fails. */
dtls_error_t hs_start_transcript(conn_t *conn, bool tls_form);

#endif
