/* post_handshake.h - the messages of DTLS 1.3 after the handshake: KeyUpdate (RFC 9147 section 8)
 * and NewSessionTicket (RFC 8446 section 4.6.1). The bodies of NewConnectionId and
 * RequestConnectionId are in cid13.h.
 *
 * Except where stated otherwise, a function returns the error that ends the association. */
#ifndef POST_HANDSHAKE_H
#define POST_HANDSHAKE_H

#include "handshake/cid13.h"
#include "handshake/hs.h"

/* These two are the `receive` functions (see hs_row_t) of the rows for KeyUpdate and
 * NewSessionTicket. */
dtls_error_t post13_receive_key_update(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t post13_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);

/* The row (hs_row_t) of a message that client and server accept after the handshake. */
#define POST13_ROW(msg_type, max_length, receive, then)                                            \
    {                                                                                              \
        STATE_CONNECTED, msg_type, EPOCH_TRAFFIC, ROW_NOT_HASHED, max_length, receive, then,       \
            STATE_CONNECTED                                                                        \
    }
#define POST13_ROWS                                                                                \
    POST13_ROW(HANDSHAKE_KEY_UPDATE, 1, post13_receive_key_update, NULL),                          \
        POST13_ROW(HANDSHAKE_NEW_CONNECTION_ID, 65538, cid13_receive_new, NULL),                   \
        POST13_ROW(HANDSHAKE_REQUEST_CONNECTION_ID, 1, cid13_receive_request, post13_issue_cids),  \
        POST13_ROW(HANDSHAKE_NEW_SESSION_TICKET, 65536, post13_receive_ticket, NULL)

/* Server: sends a ticket, or if memory is short, sends none and returns DTLS_ERR_NONE. The
 * transcript must end with the client's Finished. */
dtls_error_t post13_send_ticket(conn_t *conn);

/* Returns true if a message_seq is left for another message. */
bool post13_has_numbers(const conn_t *conn);
/* Returns true if an epoch and a message_seq are left for another KeyUpdate. */
bool post13_has_epochs(const conn_t *conn);
/* Sends a KeyUpdate, now or as soon as all earlier messages are acknowledged. request: true to also
 * request a KeyUpdate of the peer; ignored while the peer has not responded to an earlier request.
 * If a KeyUpdate is already under way, a second KeyUpdate follows only if it has a request to
 * carry. */
dtls_error_t post13_update_keys(conn_t *conn, bool request);
/* The `then` function of the row for RequestConnectionId (see hs_row_t): sends the connection IDs
 * that the peer has requested. */
dtls_error_t post13_issue_cids(conn_t *conn);
/* Sends a message of this kind, now or as soon as the messages before it are acknowledged. */
dtls_error_t post13_request(conn_t *conn, post_t which);
/* Sends the pending messages (those postponed until an earlier message has its ACK) that no
 * longer have to wait. */
dtls_error_t post13_send_pending(conn_t *conn);
/* Ends the flight of this kind, and sends the messages that have waited for its ACK. After a
 * KeyUpdate, starts the next write epoch. Call this when the peer has acknowledged the whole
 * flight. */
dtls_error_t post13_acked(conn_t *conn, post_t which);

#endif
