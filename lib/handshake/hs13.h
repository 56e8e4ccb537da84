/* hs13.h - DTLS 1.3, the parts that client and server share: RFC 9147 section 5.7, RFC 8446 section
 * 4, and the key schedule of RFC 8446 section 7.1.
 *
 * A function that returns dtls_error_t returns the error to report to the peer: DTLS_ERR_MEMORY,
 * DTLS_ERR_CRYPTO, or the error for the rule that the peer's message breaks. */
#ifndef HS13_H
#define HS13_H

#include "handshake/hs.h"
#include "message/hello.h"

/* Starts the key schedule with the Early Secret of this PSK. */
dtls_error_t hs13_start_schedule(conn_t *conn, const psk13_t *psk);
/* Computes the binder of a PSK (RFC 8446 section 4.2.11.2). The key schedule must have been started
 * with this PSK. message: the ClientHello. truncated: the length of its part before the binders.
 * out: hash_length() bytes. Returns false if libcrypto fails. */
bool hs13_binder(conn_t *conn, const psk13_t *psk, const uint8_t *message, size_t truncated,
                 uint8_t *out);
/* Starts epoch 1, the epoch of early data. hello_hash: the hash of the whole ClientHello. */
dtls_error_t hs13_enter_early(conn_t *conn, const suite_t *suite, const uint8_t *hello_hash);
/* Writes to out the hash of the transcript and, after it, the first `length` bytes of a
 * ClientHello. Returns false if libcrypto fails. */
bool hs13_hash_hello(conn_t *conn, const uint8_t *message, size_t length, uint8_t *out);
/* Derives the Handshake Secret and its traffic secrets, then starts epoch 2 in both directions. The
 * transcript must end with ServerHello. */
dtls_error_t hs13_enter_handshake(conn_t *conn);
/* Derives the Master Secret, the application traffic secrets and the exporter secret. The
 * transcript must end with the server's Finished. */
dtls_error_t hs13_enter_traffic(conn_t *conn);
/* These two start epoch 3 in one direction. */
dtls_error_t hs13_read_traffic(conn_t *conn);
dtls_error_t hs13_write_traffic(conn_t *conn);
/* Adds our Finished to the flight. */
dtls_error_t hs13_put_finished(conn_t *conn);
/* Writes to out the resumption master secret, from which the PSKs of tickets are derived. The
 * transcript must end with the client's Finished. */
dtls_error_t hs13_resumption(conn_t *conn, uint8_t out[HASH_MAX]);
/* Client: stores the resumption master secret in conn->v13, for the tickets that arrive later. */
dtls_error_t hs13_store_resumption(conn_t *conn);
/* These two start the next epoch of application data in one direction, with the next traffic secret
 * (RFC 8446 section 7.2). */
dtls_error_t hs13_update_read(conn_t *conn);
dtls_error_t hs13_update_write(conn_t *conn);
/* The `receive` function of the rows for Finished (see hs_row_t): compares the verify_data with the
 * transcript. */
dtls_error_t hs13_receive_finished(conn_t *conn, reader_t *body, const message_t *message);
/* Returns true if the configuration allows the key exchange mode psk_ke. client: true if we are the
 * client, which by default does not offer psk_ke. */
bool hs13_offers_psk_ke(const dtls_context_t *ctx, bool client);
/* Returns true if the configuration allows the key exchange mode psk_dhe_ke. */
bool hs13_offers_dhe(const dtls_context_t *ctx);

#endif
