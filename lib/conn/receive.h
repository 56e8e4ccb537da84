/* receive.h - handling of records with an alert, a ChangeCipherSpec or application data. Handshake
 * messages are in handshake/hs.h. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "conn/state.h"

/* Handles an alert. Do not pass an unprotected alert after the handshake, because it may be
 * forged. */
void receive_alert(conn_t *conn, const record_t *record);
/* DTLS 1.2: handles a ChangeCipherSpec: from now on the peer's records of epoch 1 may be
 * decrypted. */
void receive_change_cipher_spec(conn_t *conn, const record_t *record);
/* Passes application data to the read callback. */
void receive_data(conn_t *conn, const record_t *record);

#endif
