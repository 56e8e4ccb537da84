/*
 * common13.h - an insider of a DTLS 1.3 association: it has the traffic secrets, from the key log,
 * and seals with the library's own record layer records that no correct peer would send.
 */
#ifndef TESTS_HOSTILE_COMMON13_H
#define TESTS_HOSTILE_COMMON13_H

#include "record/record.h"
#include "wire.h"

typedef struct {
    node_t *client, *server;
    crypto_t *crypto;
    uint8_t secrets[2][4][HASH_MAX]; /* of client and server, indexed by epoch */
} insider13_t;

/* Makes a pair that the insider observes. The contexts are not started. TLS_AES_128_GCM_SHA256,
 * psk_dhe_ke, no cookie. */
net_t *insider13_pair(insider13_t *insider);
void insider13_end(insider13_t *insider, net_t *net);

/* Passes the other side a record of that epoch as `from` would send it. It has the connection ID
 * that config.cid sets. */
int insider13_inject(const insider13_t *insider, const node_t *from, unsigned epoch,
                     uint64_t sequence, unsigned type, const void *data, size_t length);
/* The same with a handshake message as its content. */
int insider13_message(const insider13_t *insider, const node_t *from, unsigned epoch,
                      uint64_t sequence, unsigned msg_type, unsigned msg_seq, const void *body,
                      size_t length);
/* Opens the last datagram of a node in that epoch. Returns the length of its content, 0 if it
 * does not open. */
size_t insider13_last(const insider13_t *insider, const node_t *from, unsigned epoch,
                      unsigned *type, uint8_t *out);

#endif
