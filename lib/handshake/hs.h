/*
 * hs.h - the handshake driver. A side of a handshake is a table of rows; the driver finds the row
 * for a message, and the row's functions see a cursor and nothing else of the wire.
 */
#ifndef HS_H
#define HS_H

#include "conn/state.h"

typedef enum {
    STATE_CONNECTED, /* also: nothing is expected any more */
    CLIENT_WAIT_HELLO,
    CLIENT_AFTER_HELLO, /* 1.2: ServerKeyExchange, which a server without hint leaves out */
    CLIENT_WAIT_DONE,
    CLIENT_WAIT_TICKET, /* 1.2: its hello has said that one will come */
    CLIENT_WAIT_FINISHED,
    SERVER_WAIT_HELLO,
    SERVER_AFTER_HELLO,
    SERVER_WAIT_FINISHED
} hs_state_t;

/* The sender keeps no state: message_seq means nothing, and no transcript has the message. */
#define ROW_STATELESS 1
#define ROW_NOT_HASHED 2 /* no transcript has it */
#define ROW_FIRST 4      /* may answer the hello before a HelloVerifyRequest */

#define HS_IGNORE DTLS_ERR_COUNT /* not an error: the network's copy of a message we had */

struct hs_row {
    uint8_t state, msg_type;
    uint8_t epoch; /* EPOCH_TRAFFIC: that and all after it */
    uint8_t flags;
    uint32_t max_length;
    /* Reads the body, checks everything, and only then changes anything. */
    dtls_error_t (*receive)(conn_t *conn, reader_t *body, const message_t *message);
    /* Once the message is in the transcript: derives, answers. May be NULL. */
    dtls_error_t (*then)(conn_t *conn);
    uint8_t next;
};

/* Handshake records of an association, in its handshake or after. */
void hs_record(conn_t *conn, const record_t *record);
/* Messages that are complete and whose turn has come. */
void hs_run_waiting(conn_t *conn);
/* A message of that number, in a row for it, may answer the client's first hello. */
bool hs_answers_first(const conn_t *conn, uint16_t seq);
/* The message_seq of a message. */
uint16_t hs_seq_of(const message_t *message);
message_t hs_whole_message(const fragment_t *fragment);
/* Runs the row for one whole message. */
void hs_message(conn_t *conn, const message_t *message);

/* ---- for the rows ---- */

/* A message of the flight under way: header first, then what the caller puts. */
writer_t hs_open(conn_t *conn, uint8_t msg_type);
/* Fills in the header and adds the message to the flight. */
dtls_error_t hs_finish_message(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
/* The same, and adds it to the transcript. */
dtls_error_t hs_close(conn_t *conn, writer_t *w, uint8_t msg_type, uint64_t epoch);
dtls_error_t hs_hash(conn_t *conn, const uint8_t *message, size_t length);
/* Starts the transcript, now that the suite says which hash; tls_form: see transcript.h. */
dtls_error_t hs_start_transcript(conn_t *conn, bool tls_form);

#endif
