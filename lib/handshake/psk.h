/*
 * psk.h - keys, identities and hints, which the application returns from get_psk_info().
 */
#ifndef PSK_H
#define PSK_H

#include "conn/state.h"

/* Asks the application for the key of an identity, and stores the tag of the key. Returns the key's
 * length in bytes, or 0 if there is no key or the callback has ended the handshake. */
size_t psk_find_key(conn_t *conn, const uint8_t *identity, size_t length,
                    uint8_t key[DTLS_MAX_PSK]);
/* Asks the application for the key of the association's identity. Returns what psk_find_key()
 * does. */
size_t psk_get_key(conn_t *conn, uint8_t key[DTLS_MAX_PSK]);
/* Stores the tag of the key of this identity, by which the association and its tickets recognize
 * the key. Returns DTLS_ERR_CRYPTO if libcrypto fails. Call this for the random key of an unknown
 * identity, so that the timing does not reveal that the identity is unknown. */
dtls_error_t psk_tag_key(conn_t *conn, reader_t identity, const uint8_t *key, size_t length);
/* Server of DTLS 1.3 with config.import_psk: returns true if this is an imported identity (RFC 9258)
 * for our context and the suite of the association. *external is then the external identity in
 * it. */
bool psk_is_imported(const conn_t *conn, reader_t imported, reader_t *external);
/* Replaces the key in *psk by the key that is imported from it for this identity. Returns false if
 * libcrypto fails. */
bool psk_import(const conn_t *conn, reader_t imported, psk13_t *psk);
/* Server of DTLS 1.3: treats the random key in *psk as the key of a known identity, so that the
 * timing does not reveal that this identity is unknown. Replaces an imported identity by the
 * external identity in it. Returns false if libcrypto fails. */
bool psk_use_random(conn_t *conn, reader_t *identity, psk13_t *psk);
/* Asks the application for the key of an identity. Returns true, and stores the tag, if the key is
 * still the key of the tag. A session may be resumed only then. */
bool psk_find_same(conn_t *conn, reader_t identity, const keytag_t *tag);
/* Client: the association resumes the session that it has offered: stores the tag of the session's
 * key. */
void psk_resume(conn_t *conn);
/* Client: returns true if the offered session comes from the key whose tag is stored. */
bool psk_has_session_key(const conn_t *conn);
/* Returns false if the application's key for the identity of this association is no longer the key
 * of its handshake. Returns true if the handshake has not used a key yet. */
bool psk_is_current(conn_t *conn);
/* Server: asks the application for the identity hint for this client, and writes the hint to
 * `room`, which has DTLS_MAX_IDENTITY bytes. Returns the length of the hint in bytes; 0: no
 * hint. */
size_t psk_get_hint(dtls_context_t *ctx, const session_t *session, uint8_t *room);
/* Sets the identity of the association to a copy of this one. Returns DTLS_ERR_MEMORY if no memory
 * is left. */
dtls_error_t psk_set_identity(conn_t *conn, const uint8_t *identity, size_t length);
/* Wipes the identity of the association. */
void psk_clear_identity(conn_t *conn);
/* Client: asks the application for the identity, and makes it the identity of the association.
 * Passes the server's hint to the application, if there is one. Returns DTLS_ERR_NO_CREDENTIALS if
 * there is no identity, or DTLS_ERR_MEMORY. */
dtls_error_t psk_get_identity(conn_t *conn);

#endif
