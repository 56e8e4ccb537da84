/* datagram.h - a datagram to send, which is filled with records. */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include "conn/state.h"

#define TRACES_MAX 16

/* A datagram that is being filled. The trace hook must get the trace of the datagram first, so the
 * traces of its records and messages are stored here until the datagram is sent. */
typedef struct {
    conn_t *conn;
    session_t to; /* the destination: the peer's address, unless the caller changes it */
    uint8_t *buffer;
    size_t length, limit;
    dtls_trace_t traces[TRACES_MAX];
    size_t trace_count;
    unsigned count; /* how many datagrams were sent so far */
    size_t longest; /* length of the longest datagram sent so far */
    bool failed;    /* the write callback has failed */
} datagram_t;

/* Returns a buffer of DTLS_MAX_BUF bytes, or NULL if no memory is left. Nested calls get different
 * buffers. The caller releases it with datagram_release_buffer(). */
uint8_t *datagram_get_buffer(dtls_context_t *ctx);
void datagram_release_buffer(dtls_context_t *ctx, uint8_t *buffer);

/* Starts an empty datagram of at most `limit` bytes. Returns DTLS_ERR_MEMORY if there is no
 * buffer. */
dtls_error_t datagram_start(datagram_t *datagram, conn_t *conn, size_t limit);
/* Returns how many bytes of content one more record in this datagram can carry. */
size_t datagram_room(const datagram_t *datagram, const epoch_t *epoch);
/* Returns where to write the plaintext of the next record. */
uint8_t *datagram_space(const datagram_t *datagram, const epoch_t *epoch);
/* Makes a record of the `length` bytes that the caller has written to datagram_space(). The
 * parameter `what` is an array of `count` traces that describe these bytes. Returns
 * DTLS_ERR_KEY_LIMIT if the epoch has no sequence number left, or DTLS_ERR_CRYPTO. */
dtls_error_t datagram_seal(datagram_t *datagram, epoch_t *epoch, uint8_t type, size_t length,
                           const dtls_trace_t *what, size_t count);
/* Sends the datagram, unless it is empty or exceeds the limit of validation.h. Afterwards the
 * datagram is empty. */
void datagram_send(datagram_t *datagram);
/* Releases the buffer of a datagram. Records that were not sent are lost. */
void datagram_end(datagram_t *datagram);

/* Passes a datagram to the write callback. Counts the datagram for conn, or for the context if conn
 * is NULL. Returns false if the callback failed. */
bool datagram_transmit(dtls_context_t *ctx, conn_t *conn, session_t *session, uint8_t *bytes,
                       size_t length);
/* Sends one record in epoch 0, with this content type and sequence number, to an address without an
 * association. payload: `length` bytes of content, at most 256. what: the trace of the content. */
void datagram_stateless(dtls_context_t *ctx, session_t *session, uint8_t type, uint64_t sequence,
                        const uint8_t *payload, size_t length, dtls_trace_t *what);

#endif
