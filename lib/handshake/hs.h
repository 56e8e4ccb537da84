/*
 * hs.h - the handshake driver. Each side of a handshake is a table of rows. The driver finds the row
 * for a message and calls the row's functions. They get the body of the message as a cursor, and know
 * nothing of records and fragments.
 */
#ifndef HS_H
#define HS_H

#include "conn/state.h"

typedef enum {
    STATE_CONNECTED, /* the handshake is complete, or no message is expected any more */
    CLIENT_WAIT_HELLO,
    CLIENT_AFTER_HELLO, /* DTLS 1.2: ServerKeyExchange may be left out: RFC 4279 section 2 */
    CLIENT_WAIT_DONE,
    CLIENT_WAIT_TICKET, /* DTLS 1.2: the ServerHello has announced a NewSessionTicket */
    CLIENT_WAIT_FINISHED,
    SERVER_WAIT_HELLO,
    SERVER_AFTER_HELLO,
    SERVER_WAIT_FINISHED
} hs_state_t;

/* The sender keeps no state. Any message_seq is accepted, and the message is not hashed. */
#define ROW_STATELESS 1
#define ROW_NOT_HASHED 2 /* the message is not added to the transcript */
#define ROW_FIRST 4      /* may respond to the ClientHello that came before a HelloVerifyRequest */

/* Returned by a row: not an error. The message is ignored, since it is a duplicate or comes too late. */
#define HS_IGNORE DTLS_ERR_COUNT

struct hs_row {
    uint8_t state, msg_type;
    uint8_t epoch; /* EPOCH_TRAFFIC: this epoch or a later one */
    uint8_t flags;
    uint32_t max_length; /* bytes of the body */
    /* Parses the body and checks everything before it changes any state. Returns the error to report
     * to the peer, or HS_IGNORE. */
    dtls_error_t (*receive)(conn_t *conn, reader_t *body, const message_t *message);
    /* Called when the message has been added to the transcript: derives keys, responds. May be NULL. */
    dtls_error_t (*then)(conn_t *conn);
    uint8_t next;
};

/* Handles a handshake record, during the handshake or after it. */
void hs_record(conn_t *conn, const record_t *record);
/* Handles the next messages in order, as far as they are reassembled. */
void hs_run_waiting(conn_t *conn);
/* True if a message with this message_seq may respond to the client's first ClientHello. Only rows with
 * the flag ROW_FIRST accept such a message. */
bool hs_may_respond_to_first(const conn_t *conn, uint16_t seq);
uint16_t hs_seq_of(const message_t *message);
/* Returns the message that fills a fragment. fragment->body must be preceded by the message header. */
message_t hs_whole_message(const fragment_t *fragment);
/* Runs the row for one whole message. */
void hs_message(conn_t *conn, const message_t *message);

/* ---- for the rows, and for the start of a handshake ---- */

/* From now on, these rows apply. */
void hs_use_rows(conn_t *conn, const hs_row_t *rows);
/* The handshake is in this state now. After a row's functions it is in that of hs_row_t.next, unless
 * row->then calls this. */
void hs_enter(conn_t *conn, hs_state_t state);
/* Server: message_seq of both sides continues from that of the ClientHello (RFC 6347 section 4.2.1). */
void hs_start_seq(conn_t *conn, uint16_t hello_seq);
/* Client: the response to the next ClientHello has the message_seq of that ClientHello, since a server that
 * keeps no state continues from it. */
void hs_expect_response(conn_t *conn);
/* Client: the handshake continues from the first ClientHello. */
void hs_return_to_first(conn_t *conn);
/* Returns the message_seq of the next message that we send, and counts it. */
uint16_t hs_next_send_seq(conn_t *conn);
/* Stores the random of the ClientHello or of the ServerHello, RANDOM_LENGTH bytes. */
void hs_set_client_random(conn_t *conn, const uint8_t *random);
void hs_set_server_random(conn_t *conn, const uint8_t *random);

/* Starts a message of the handshake's flight. The caller writes the body behind the header. */
writer_t hs_open(conn_t *conn, uint8_t msg_type);
/* Fills in the header and adds the message to the flight. Returns DTLS_ERR_TOO_LONG if there is not
 * enough room. */
dtls_error_t hs_finish_message(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Like hs_finish_message(), and adds the message to the transcript. */
dtls_error_t hs_close(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Adds a message, with its header, to the transcript. */
dtls_error_t hs_hash(conn_t *conn, const uint8_t *message, size_t length);
/* Starts the transcript with the hash of conn->negotiated.suite. tls_form: see transcript.h. */
dtls_error_t hs_start_transcript(conn_t *conn, bool tls_form);

#endif
