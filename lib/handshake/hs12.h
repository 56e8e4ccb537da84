/* hs12.h - DTLS 1.2, the parts that client and server share: RFC 6347 section 4.2.4, RFC 5246
 * section 7.3. Except where stated otherwise, a function returns the error to report to the
 * peer. */
#ifndef HS12_H
#define HS12_H

#include "handshake/hs.h"
#include "handshake/kx12.h"
#include "message/hello.h"

/* The length in bytes of the longest body of a ServerKeyExchange or ClientKeyExchange. */
#define HS12_KEY_EXCHANGE_MAX (2 + DTLS_MAX_IDENTITY + KX12_MAX)

/* Derives the master secret from the PSK, then starts epoch 1 in both directions. The transcript
 * must end with the ClientKeyExchange. */
dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length);

/* Starts epoch 1 in both directions, with keys from the master secret. */
dtls_error_t hs12_start_keys(conn_t *conn);

#define HS12_FINISHED_ROOM (1 + MESSAGE_HEADER + VERIFY_LENGTH)
/* Adds ChangeCipherSpec and Finished to the flight. */
dtls_error_t hs12_put_finished(conn_t *conn);
/* Adds ChangeCipherSpec and Finished to the flight, sends the flight, and establishes the
 * association. Call this for the last flight of the handshake, to which the peer does not respond.
 * So this flight has no timer, and is resent only if the peer resends its own (RFC 6347 section
 * 4.2.4). */
dtls_error_t hs12_send_last(conn_t *conn);
/* Establishes the association. Call this when the last flight of the handshake was the peer's. */
dtls_error_t hs12_finish(conn_t *conn);
/* Parses the peer's Finished, and compares its verify_data with the transcript. */
dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message);

/* ---- hellos ---- */

/* The next two functions each check one extension of a ClientHello or ServerHello. Without the
 * extension they return DTLS_ERR_NONE. */

/* Checks that renegotiation_info is empty, as it must be in every first handshake (RFC 5746
 * sections 3.4 and 3.6). */
dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions);
/* Checks that ec_point_formats includes uncompressed (RFC 8422 section 5.1.2). */
dtls_error_t hs12_check_point_formats(const extensions_t *extensions);

#endif
