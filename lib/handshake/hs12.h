/*
 * hs12.h - what the client and the server of DTLS 1.2 have in common: RFC 6347 section 4.2.4, RFC 5246
 * section 7.3.
 */
#ifndef HS12_H
#define HS12_H

#include "handshake/hs.h"
#include "handshake/kx12.h"
#include "message/hello.h"

/* Bytes of the body of a ServerKeyExchange or ClientKeyExchange, at most. */
#define HS12_KEY_EXCHANGE_MAX (2 + DTLS_MAX_IDENTITY + KX12_MAX)

/* Derives the master secret, then starts epoch 1 in both directions. The transcript must end with
 * ClientKeyExchange. */
dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length);

/* Starts epoch 1 in both directions, with keys from the master secret. */
dtls_error_t hs12_start_keys(conn_t *conn);

#define HS12_FINISHED_ROOM (1 + MESSAGE_HEADER + VERIFY_LENGTH)
/* Adds ChangeCipherSpec and Finished to the flight. */
dtls_error_t hs12_put_finished(conn_t *conn);
/* Adds ChangeCipherSpec and Finished, sends the flight, and establishes the association. The flight is
 * the last of the handshake: the peer does not respond to it, so it has no timer, but it is kept to
 * be resent if the peer repeats its own (RFC 6347 section 4.2.4). */
dtls_error_t hs12_send_last(conn_t *conn);
/* Establishes the association, after the peer's Finished if that was the last flight. */
dtls_error_t hs12_finish(conn_t *conn);
/* Checks the peer's Finished against the transcript. */
dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message);

/* ---- hellos ---- */

/* Check one extension of a ClientHello or ServerHello. Return the error to report to the peer. */

/* In a first handshake renegotiation_info must be empty: RFC 5746 sections 3.4 and 3.6. */
dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions);
/* ec_point_formats must contain uncompressed: RFC 8422 section 5.1.2. */
dtls_error_t hs12_check_point_formats(const extensions_t *extensions);

#endif
