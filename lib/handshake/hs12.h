/*
 * hs12.h - the rows of DTLS 1.2 (RFC 6347 section 4.2.4, RFC 5246 section 7.3), and what its client
 * and its server do alike.
 */
#ifndef HS12_H
#define HS12_H

#include "handshake/hs.h"
#include "handshake/kx12.h"
#include "message/hello.h"

/* The bodies of ServerKeyExchange and ClientKeyExchange, at most. */
#define HS12_KEY_EXCHANGE_MAX (2 + DTLS_MAX_IDENTITY + KX12_MAX)

/* Master secret from the transcript up to ClientKeyExchange, then epoch 1 in both directions. */
dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length);

/* Epoch 1 in both directions, from the master secret. */
dtls_error_t hs12_start_keys(conn_t *conn);

#define HS12_FINISHED_ROOM (1 + MESSAGE_HEADER + VERIFY_LENGTH)
/* Adds ChangeCipherSpec and Finished to the flight. */
dtls_error_t hs12_put_finished(conn_t *conn);
/* The same to the last flight of the handshake, which is sent: nobody answers it, so there is no timer, but
 * the peer may ask for it again. */
dtls_error_t hs12_send_last(conn_t *conn);
/* The peer's Finished was the last flight. */
dtls_error_t hs12_finish(conn_t *conn);
/* Checks the peer's Finished against the transcript so far. */
dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message);

/* ---- hellos ---- */

/* ServerHello or ClientHello: RFC 5746 sections 3.4 and 3.6, first handshake. */
dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions);
/* The same: RFC 8422 section 5.1.2. */
dtls_error_t hs12_check_point_formats(const extensions_t *extensions);

#endif
