/*
 * hs12.h - DTLS 1.2, for client and server: RFC 6347 section 4.2.4, RFC 5246 section 7.3.
 * Except where stated otherwise, a function returns the error to report to the peer.
 */
#ifndef HS12_H
#define HS12_H

#include "handshake/hs.h"
#include "handshake/kx12.h"
#include "message/hello.h"

/* The most bytes in the body of a ServerKeyExchange or ClientKeyExchange. */
#define HS12_KEY_EXCHANGE_MAX (2 + DTLS_MAX_IDENTITY + KX12_MAX)

/* Derives the master secret from the PSK, then starts epoch 1 in both directions. Call this when
 * ClientKeyExchange is in the transcript, and nothing after it. */
dtls_error_t hs12_derive_keys(conn_t *conn, const uint8_t *psk, size_t psk_length);

/* Starts epoch 1 in both directions. Its keys come from the master secret. */
dtls_error_t hs12_start_keys(conn_t *conn);

#define HS12_FINISHED_ROOM (1 + MESSAGE_HEADER + VERIFY_LENGTH)
/* Adds ChangeCipherSpec and Finished to the flight. */
dtls_error_t hs12_put_finished(conn_t *conn);
/* Adds ChangeCipherSpec and Finished, sends the flight, and establishes the association. The flight
 * is the last of the handshake, so the peer does not respond, and there is no timer. The flight is
 * resent only if the peer resends its own (RFC 6347 section 4.2.4). */
dtls_error_t hs12_send_last(conn_t *conn);
/* Establishes the association. Call this when the peer's Finished was the last flight. */
dtls_error_t hs12_finish(conn_t *conn);
/* Parses the peer's Finished, and compares it with the transcript. */
dtls_error_t hs12_receive_finished(conn_t *conn, reader_t *body, const message_t *message);

/* ---- hellos ---- */

/* Each of these two checks one extension of a ClientHello or ServerHello. */

/* renegotiation_info must be empty, as in any first handshake: RFC 5746 sections 3.4 and 3.6. */
dtls_error_t hs12_check_renegotiation_info(const extensions_t *extensions);
/* ec_point_formats must include uncompressed: RFC 8422 section 5.1.2. */
dtls_error_t hs12_check_point_formats(const extensions_t *extensions);

#endif
