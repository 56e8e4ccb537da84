/*
 * common_hello.h - handwritten hellos: writing them from hex, and the reaction of a node to them.
 */
#ifndef TESTS_HOSTILE_COMMON_HELLO_H
#define TESTS_HOSTILE_COMMON_HELLO_H

#include "wire.h"

/* Returns hex, or usual if hex is NULL. */
const char *or_usual(const char *hex, const char *usual);
/* Appends a length field of length_bytes bytes, 0 for none, and the bytes that hex gives. */
void put_hex(wire_t *wire, const char *hex, size_t length_bytes);
/* Appends a whole handshake message in a record with this sequence number. */
void put_message(wire_t *wire, unsigned type, unsigned msg_seq, uint64_t sequence,
                 const wire_t *body);
/* Returns the plaintext fatal alert in the node's datagrams from index `first` of the network on.
 * Returns 0 if there is none. */
int alert_since(const node_t *from, size_t first);
/* Makes a client of this version that has sent its hello. It receives only the datagrams that the
 * test injects. */
net_t *lonely_client(uint16_t version, node_t **client, node_t **server);

#endif
