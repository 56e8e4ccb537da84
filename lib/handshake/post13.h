/*
 * post13.h - messages after the handshake of DTLS 1.3: KeyUpdate and NewSessionTicket here, those about
 * connection IDs in cid13.h.
 */
#ifndef POST13_H
#define POST13_H

#include "handshake/cid13.h"
#include "handshake/hs.h"

dtls_error_t post13_receive_key_update(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t post13_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);

/* Rows of both sides' tables. */
#define POST13_ROWS                                                                                \
    {STATE_CONNECTED,                                                                              \
     HANDSHAKE_KEY_UPDATE,                                                                         \
     EPOCH_TRAFFIC,                                                                                \
     ROW_NOT_HASHED,                                                                               \
     1,                                                                                            \
     post13_receive_key_update,                                                                    \
     NULL,                                                                                         \
     STATE_CONNECTED},                                                                             \
        {STATE_CONNECTED, HANDSHAKE_NEW_CONNECTION_ID, EPOCH_TRAFFIC, ROW_NOT_HASHED,              \
         65538,           cid13_receive_new,           NULL,          STATE_CONNECTED},            \
        {STATE_CONNECTED,                                                                          \
         HANDSHAKE_REQUEST_CONNECTION_ID,                                                          \
         EPOCH_TRAFFIC,                                                                            \
         ROW_NOT_HASHED,                                                                           \
         1,                                                                                        \
         cid13_receive_request,                                                                    \
         post13_send_pending,                                                                      \
         STATE_CONNECTED},                                                                         \
    {                                                                                              \
        STATE_CONNECTED, HANDSHAKE_NEW_SESSION_TICKET, EPOCH_TRAFFIC, ROW_NOT_HASHED, 65536,       \
            post13_receive_ticket, NULL, STATE_CONNECTED                                           \
    }

/* Gives the client a ticket, over the transcript up to its Finished. */
dtls_error_t post13_send_ticket(conn_t *conn);

/* Starts a KeyUpdate, unless one is under way; request: asks the peer for one as well, unless that was
 * asked before, if need be by another one. It waits for what is not acknowledged. */
/* Whether another message, or another KeyUpdate, can be sent: their numbers must not wrap. */
bool post13_has_numbers(const conn_t *conn);
bool post13_has_epochs(const conn_t *conn);
dtls_error_t post13_update_keys(conn_t *conn, bool request);
/* That message is to be sent, as soon as nothing is in its way. */
dtls_error_t post13_request(conn_t *conn, post_t which);
/* Sends what is owed, if nothing is in its way. */
dtls_error_t post13_send_pending(conn_t *conn);
/* The peer has the whole of that flight. */
dtls_error_t post13_acked(conn_t *conn, post_t which);

#endif
