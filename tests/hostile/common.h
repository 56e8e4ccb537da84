/*
 * common.h - an insider: it knows the keys of an association, from the key log, and can seal what
 * no honest peer would send. PSK-AES128-GCM-SHA256 only. Connection IDs, if both ends want them, must be
 * chosen: config.cid.
 */
#ifndef TESTS_HOSTILE_COMMON_H
#define TESTS_HOSTILE_COMMON_H

#include "wire.h"

typedef struct {
    uint8_t client_random[32], master[48];
    bool known; /* the two above */
    node_t *client, *server;
    struct {
        uint8_t key[16], iv[4];
    } write[2]; /* of the client, of the server */
} insider_t;

/* A pair that the insider watches, not started. */
net_t *insider_pair(insider_t *insider, uint64_t seed);
/* Derives the keys, once a ServerHello has been sent. */
void insider_learn(insider_t *insider);

/* Appends a record of epoch 1 that `from` might have sent. */
void insider_put(const insider_t *insider, wire_t *wire, const node_t *from, unsigned type,
                 uint64_t sequence, const void *data, size_t length);
/* The same, and hands it to the other end at once; its result. */
int insider_inject(const insider_t *insider, const node_t *from, unsigned type, uint64_t sequence,
                   const void *data, size_t length);
/* Opens a record of epoch 1, without a connection ID; the length of what was in it. */
size_t insider_open(const insider_t *insider, const node_t *from, const wire_record_t *record,
                    uint8_t *out);
/* The content of the last datagram that a node sent, of its first record. */
size_t insider_last(const insider_t *insider, const node_t *from, unsigned *type, uint8_t *out);

#endif
