/*
 * wire.h - records of DTLS 1.2 and 1.3 and plaintext handshake messages, to look into and to forge.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net.h"

enum { WIRE_ROOM = 4096, WIRE_RECORD_HEADER = 13, WIRE_MESSAGE_HEADER = 12 };
enum { HIDDEN = 0, CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23, ACK = 26 };
enum {
    HELLO_REQUEST = 0,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    HELLO_VERIFY_REQUEST = 3,
    SERVER_KEY_EXCHANGE = 12,
    SERVER_HELLO_DONE = 14,
    CLIENT_KEY_EXCHANGE = 16,
    FINISHED = 20
};

/* A protected record of DTLS 1.3 is of type HIDDEN; its epoch is the two bits that can be seen, its
 * sequence is masked. */
typedef struct {
    uint8_t type;
    uint16_t version, epoch;
    uint64_t sequence;
    const uint8_t *body;
    size_t length;
    const uint8_t *raw; /* with its header */
    size_t raw_length;
} wire_record_t;

typedef struct {
    uint8_t type;
    uint16_t msg_seq;
    uint32_t total, offset, length;
    const uint8_t *body;
} wire_message_t;

/* The record at *at of a datagram; moves *at. False at the end or if it is broken. */
bool wire_next(const uint8_t *data, size_t length, size_t *at, wire_record_t *record);
/* The first fragment of a plaintext handshake record. */
bool wire_message(const wire_record_t *record, wire_message_t *message);
/* The first record that carries that plaintext handshake message. */
bool wire_find(const net_packet_t *packet, unsigned msg_type, wire_record_t *record);
bool wire_has(const net_packet_t *packet, unsigned content_type, unsigned epoch);
/* A protected record of DTLS 1.3 of that epoch with so many bytes of content, under a 16-byte tag. */
bool wire_has_hidden(const net_packet_t *packet, unsigned epoch, size_t length);
size_t wire_count(const net_packet_t *packet);
/* The nth (from 0) datagram that a node sent with such a record; NULL if there is none. */
const net_packet_t *wire_sent(const node_t *node, unsigned content_type, unsigned epoch,
                              size_t nth);
const net_packet_t *wire_sent_message(const node_t *node, unsigned msg_type, size_t nth);
/* No epoch and sequence number twice in what a node has sent protected: each is a nonce. For nodes
 * with one association, and for DTLS 1.3 as they trace it. */
bool wire_nonces_are_unique(const node_t *node);

typedef struct {
    size_t length;
    uint8_t data[WIRE_ROOM];
} wire_t;

void wire_put(wire_t *wire, const void *data, size_t length);
void wire_put_number(wire_t *wire, uint64_t value, size_t bytes);
void wire_put_record(wire_t *wire, unsigned type, unsigned epoch, uint64_t sequence,
                     const void *body, size_t length);
/* One handshake fragment in a record of epoch 0. */
void wire_put_fragment(wire_t *wire, uint64_t sequence, const wire_message_t *message);

typedef struct {
    uint64_t sequence; /* of the record */
    uint16_t msg_seq;
    uint16_t version; /* 0: fefd */
    uint8_t random;   /* all 32 bytes */
    const uint8_t *cookie;
    uint8_t cookie_length;
    uint16_t suite;      /* 0: c0a8 */
    bool no_extensions;  /* and so no extended master secret */
    bool no_scsv;        /* nor a word of renegotiation */
    bool no_compression; /* an empty list, which is illegal */
    bool deflate;        /* offered, too */
} wire_hello_t;

void wire_put_hello(wire_t *wire, const wire_hello_t *hello);
/* The cookie of a HelloVerifyRequest. */
bool wire_cookie(const net_packet_t *packet, const uint8_t **cookie, uint8_t *length);

#endif
