/*
 * hs.h - the handshake driver. The client and the server of each version have a table of rows:
 * one row for each message that may arrive in a state. The driver finds the row of a message,
 * and calls the functions of the row, which parse the body. Records and fragments are known
 * only to the driver.
 */
#ifndef HS_H
#define HS_H

#include "conn/state.h"

typedef enum {
    STATE_CONNECTED, /* the handshake is complete */
    CLIENT_WAIT_HELLO,
    CLIENT_AFTER_HELLO, /* DTLS 1.2: the ServerKeyExchange is optional: RFC 4279 section 2 */
    CLIENT_WAIT_DONE,
    CLIENT_WAIT_TICKET, /* DTLS 1.2: the ServerHello has announced a NewSessionTicket */
    CLIENT_WAIT_FINISHED,
    SERVER_WAIT_HELLO,
    SERVER_AFTER_HELLO,
    SERVER_WAIT_FINISHED
} hs_state_t;

/* The server that sends the message keeps no state: any message_seq is accepted, and the message is
 * not added to the transcript. */
#define ROW_STATELESS 1
#define ROW_NOT_HASHED 2 /* the message is not added to the transcript */
#define ROW_FIRST                                                                                  \
    4 /* the message may respond to the ClientHello without a cookie, although one with a cookie was sent */

/* A row returns this to ignore a message which is a duplicate or arrives too late. */
#define HS_IGNORE DTLS_ERR_COUNT

struct hs_row {
    uint8_t state, msg_type;
    uint8_t epoch; /* epoch of the message; EPOCH_TRAFFIC: this epoch or a later one */
    uint8_t flags;
    uint32_t max_length; /* longest body in bytes */
    /* Parses the body and checks all of it before changing any state. Returns the error to report
     * to the peer, or HS_IGNORE. */
    dtls_error_t (*receive)(conn_t *conn, reader_t *body, const message_t *message);
    /* Called after the message is added to the transcript: derives keys and responds. NULL: nothing
     * to do. Returns the error to report to the peer. */
    dtls_error_t (*then)(conn_t *conn);
    uint8_t next;
};

/* Handles a handshake record, during the handshake or after it. */
void hs_record(conn_t *conn, const record_t *record);
/* Processes the next messages in message_seq order, as far as all their fragments have arrived. */
void hs_run_waiting(conn_t *conn);
/* Returns true if a message with this message_seq may respond to the ClientHello without a cookie.
 * Only rows with ROW_FIRST accept such a message. */
bool hs_may_respond_to_first(const conn_t *conn, uint16_t seq);
/* Returns the message_seq of a message. */
uint16_t hs_seq_of(const message_t *message);
/* Returns the message that a whole fragment contains. In memory, the message header must precede
 * fragment->body. */
message_t hs_whole_message(const fragment_t *fragment);
/* Processes a whole message: finds its row and calls the functions of the row. */
void hs_message(conn_t *conn, const message_t *message);

/* ---- for the rows, and for the start of a handshake ---- */

/* Sets the table of rows. */
void hs_use_rows(conn_t *conn, const hs_row_t *rows);
/* Sets the state. The driver sets hs_row_t.next before it calls row->then, which may set another
 * state. */
void hs_enter(conn_t *conn, hs_state_t state);
/* Server: the next message_seq of both sides follows from that of the ClientHello (RFC 6347 section
 * 4.2.1). */
void hs_start_seq(conn_t *conn, uint16_t hello_seq);
/* Client, before it sends a ClientHello: the message_seq of the response is that of the
 * ClientHello, as a server without state copies it. */
void hs_expect_response(conn_t *conn);
/* Client: the handshake continues from our first ClientHello. */
void hs_return_to_first(conn_t *conn);
/* Returns the message_seq for a message that we send, and advances it. */
uint16_t hs_next_send_seq(conn_t *conn);
/* Store the random of the ClientHello or of the ServerHello, which has RANDOM_LENGTH bytes. */
void hs_set_client_random(conn_t *conn, const uint8_t *random);
void hs_set_server_random(conn_t *conn, const uint8_t *random);

/* Starts a message of the handshake's flight. The caller writes the body after the header. */
writer_t hs_open(conn_t *conn, uint8_t msg_type);
/* Completes the header, and adds the message to the flight. Returns DTLS_ERR_TOO_LONG if there is
 * not enough room. */
dtls_error_t hs_finish_message(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Like hs_finish_message(), and adds the message to the transcript. May also return
 * DTLS_ERR_CRYPTO. */
dtls_error_t hs_close(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* Adds a message with its header to the transcript. Returns DTLS_ERR_CRYPTO if libcrypto fails. */
dtls_error_t hs_hash(conn_t *conn, const uint8_t *message, size_t length);
/* Starts the transcript with the hash of the negotiated suite. tls_form: see transcript.h. Returns
 * DTLS_ERR_CRYPTO if libcrypto fails. */
dtls_error_t hs_start_transcript(conn_t *conn, bool tls_form);

#endif
