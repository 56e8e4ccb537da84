/*
 * hs13.h - the rows of DTLS 1.3 (RFC 9147 section 5.7, RFC 8446 section 4) and what its client and
 * its server do alike.
 */
#ifndef HS13_H
#define HS13_H

#include "handshake/hs.h"
#include "message/hello.h"

/* Early Secret of that PSK. */
dtls_error_t hs13_start_schedule(conn_t *conn, const psk13_t *psk);
/* Its binder, hash_length() bytes, of a ClientHello whose truncated form has these bytes. */
bool hs13_binder(conn_t *conn, const psk13_t *psk, const uint8_t *message, size_t truncated,
                 uint8_t *out);
/* Epoch 1, in the direction of the client, over the hash of its whole ClientHello. */
dtls_error_t hs13_enter_early(conn_t *conn, const suite_t *suite, const uint8_t *hello_hash);
/* The hash of so many bytes of a ClientHello, with what is in the transcript before it. */
bool hs13_hash_hello(conn_t *conn, const uint8_t *message, size_t length, uint8_t *out);
/* Handshake Secret and both its traffic secrets, over the transcript up to ServerHello; epoch 2 in
 * both directions. */
dtls_error_t hs13_enter_handshake(conn_t *conn);
/* Master Secret and what follows from it, over the transcript up to the server's Finished. */
dtls_error_t hs13_enter_traffic(conn_t *conn);
dtls_error_t hs13_read_traffic(conn_t *conn); /* epoch 3 */
dtls_error_t hs13_write_traffic(conn_t *conn);
dtls_error_t hs13_put_finished(conn_t *conn);
/* The PSK of this session's ticket that has that nonce follows from it; over the transcript up to the
 * client's Finished. */
dtls_error_t hs13_resumption(conn_t *conn, uint8_t out[HASH_MAX]);
dtls_error_t hs13_receive_finished(conn_t *conn, reader_t *body, const message_t *message);
bool hs13_offers_psk_ke(const dtls_context_t *ctx, bool client);
bool hs13_offers_dhe(const dtls_context_t *ctx);

#endif
