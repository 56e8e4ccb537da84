/*
 * post13.h - the messages of DTLS 1.3 after the handshake: KeyUpdate (RFC 9147 section 8) and
 * NewSessionTicket (RFC 8446 section 4.6.1). The bodies of those about connection IDs are in cid13.h.
 */
#ifndef POST13_H
#define POST13_H

#include "handshake/cid13.h"
#include "handshake/hs.h"

dtls_error_t post13_receive_key_update(conn_t *conn, reader_t *body, const message_t *message);
dtls_error_t post13_receive_ticket(conn_t *conn, reader_t *body, const message_t *message);

/* The rows that both sides have. */
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

/* Sends the client a ticket. The transcript must end with the client's Finished. If there is not enough
 * memory, sends none and returns DTLS_ERR_NONE. */
dtls_error_t post13_send_ticket(conn_t *conn);

/* True if there is a message_seq left for another message. */
bool post13_has_numbers(const conn_t *conn);
/* True if there is an epoch left for another KeyUpdate, and a message_seq. */
bool post13_has_epochs(const conn_t *conn);
/* Sends a KeyUpdate, unless one is under way. It waits until earlier messages have been acknowledged.
 * request: request a KeyUpdate from the peer as well, by another one if need be, unless the peer has
 * not responded to an earlier request. */
dtls_error_t post13_update_keys(conn_t *conn, bool request);
/* Sends a NewConnectionId: the peer has requested connection IDs. */
dtls_error_t post13_issue_cids(conn_t *conn);
/* Sends a message as soon as no earlier one prevents it. */
dtls_error_t post13_request(conn_t *conn, post_t which);
/* Sends the pending messages that no earlier one prevents. */
dtls_error_t post13_send_pending(conn_t *conn);
/* Call this when the peer has acknowledged the whole of a flight. After a KeyUpdate, starts the next
 * write epoch. */
dtls_error_t post13_acked(conn_t *conn, post_t which);

#endif
