/*
 * common13.h - an insider of a DTLS 1.3 association. It has the traffic secrets, from the key log.
 * It seals records that no correct peer would send, with the library's own record layer.
 */
#ifndef TESTS_HOSTILE_COMMON13_H
#define TESTS_HOSTILE_COMMON13_H

#include "record/record.h"
#include "wire.h"

typedef struct {
    node_t *client, *server;
    crypto_t *crypto;
    uint8_t secrets[2][4][HASH_MAX]; /* client, then server; indexed by epoch */
} insider13_t;

/* Makes a pair that the insider observes, with TLS_AES_128_GCM_SHA256, psk_dhe_ke and no cookie.
 * The contexts are not started. */
net_t *insider13_pair(insider13_t *insider);
void insider13_end(insider13_t *insider, net_t *net);

/* Seals a record of that epoch as `from` would, and passes it to the other side. The record has the
 * connection ID that config.cid sets. */
int insider13_inject(const insider13_t *insider, const node_t *from, unsigned epoch,
                     uint64_t sequence, unsigned type, const void *data, size_t length);
/* Does the same for a handshake message. */
int insider13_message(const insider13_t *insider, const node_t *from, unsigned epoch,
                      uint64_t sequence, unsigned msg_type, unsigned msg_seq, const void *body,
                      size_t length);
/* Opens the last datagram that a node sent in that epoch. Returns the length of its content, or 0
 * if it cannot be opened. */
size_t insider13_last(const insider13_t *insider, const node_t *from, unsigned epoch,
                      unsigned *type, uint8_t *out);

#endif
