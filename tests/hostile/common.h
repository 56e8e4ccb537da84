/*
 * common.h - an insider is an attacker that has the keys of an association, from its key log. It
 * can seal records that no correct peer would send. It supports only PSK-AES128-GCM-SHA256. If both
 * sides use connection IDs, config.cid must set them.
 */
#ifndef TESTS_HOSTILE_COMMON_H
#define TESTS_HOSTILE_COMMON_H

#include "wire.h"

typedef struct {
    uint8_t client_random[32], master[48];
    bool known; /* client_random and master are filled in */
    node_t *client, *server;
    struct {
        uint8_t key[16], iv[4];
    } write[2]; /* client, then server */
} insider_t;

/* Makes a pair that the insider observes. The contexts are not started. */
net_t *insider_pair(insider_t *insider, uint64_t seed);
/* Derives the keys of the latest ServerHello that was sent. */
void insider_learn(insider_t *insider);

/* Appends a record of epoch 1 as `from` would send it. */
void insider_put(const insider_t *insider, wire_t *wire, const node_t *from, unsigned type,
                 uint64_t sequence, const void *data, size_t length);
/* Seals such a record and passes it to the other side at once. Returns the result of
 * dtls_handle_message(). */
int insider_inject(const insider_t *insider, const node_t *from, unsigned type, uint64_t sequence,
                   const void *data, size_t length);
/* Opens a record of epoch 1 without a connection ID. Returns the length of its content. */
size_t insider_open(const insider_t *insider, const node_t *from, const wire_record_t *record,
                    uint8_t *out);
/* Opens the first record of a node's last datagram. Returns the length of its content. */
size_t insider_last(const insider_t *insider, const node_t *from, unsigned *type, uint8_t *out);

#endif
