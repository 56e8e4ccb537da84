/*
 * receive.h - records of an association that are no handshake messages: alerts, ChangeCipherSpec, application data.
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "conn/state.h"

/* An unprotected alert may be forged: it is suspected in a handshake and never gets here after it. */
void receive_alert(conn_t *conn, const record_t *record);
/* DTLS 1.2: the peer's records of epoch 1 may be read. */
void receive_change_cipher_spec(conn_t *conn, const record_t *record);
/* Delivers application data to the application. */
void receive_data(conn_t *conn, const record_t *record);

#endif
