/*
 * wire.h - parses and makes records of DTLS 1.2 and 1.3, and plaintext handshake messages.
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

/* A record. A protected record of DTLS 1.3 has the type HIDDEN: its content type is encrypted. Its
 * epoch is only the low two bits, and its sequence is masked. */
typedef struct {
    uint8_t type;
    uint16_t version, epoch;
    uint64_t sequence;
    const uint8_t *body;
    size_t length;
    const uint8_t *raw; /* the record with its header */
    size_t raw_length;
} wire_record_t;

typedef struct {
    uint8_t type;
    uint16_t msg_seq;
    uint32_t total, offset, length;
    const uint8_t *body;
} wire_message_t;

/* Parses the record at *at of a datagram, and sets *at to its end. Returns false at the end of the
 * datagram, or if the record is malformed. */
bool wire_next(const uint8_t *data, size_t length, size_t *at, wire_record_t *record);
/* Parses the first fragment of a plaintext handshake record. Returns false if there is none. */
bool wire_message(const wire_record_t *record, wire_message_t *message);
/* Finds the first record with that plaintext handshake message. Returns false if there is none. */
bool wire_find(const net_packet_t *packet, unsigned msg_type, wire_record_t *record);
/* Returns true if the datagram has a record with this content type and epoch. */
bool wire_has(const net_packet_t *packet, unsigned content_type, unsigned epoch);
/* Returns true if the datagram has a protected record of DTLS 1.3 with this epoch and with length
 * bytes of content. The suite must have a 16-byte tag. */
bool wire_has_hidden(const net_packet_t *packet, unsigned epoch, size_t length);
/* Returns the number of records. */
size_t wire_count(const net_packet_t *packet);
/* Returns the nth datagram, from 0, that a node sent with such a record. Returns NULL if there is
 * none. */
const net_packet_t *wire_sent(const node_t *node, unsigned content_type, unsigned epoch,
                              size_t nth);
const net_packet_t *wire_sent_message(const node_t *node, unsigned msg_type, size_t nth);
/* Returns true if the node has used no pair of epoch and sequence number twice in protected
 * records: each pair is a nonce. The node must have had one association only. For DTLS 1.3 it uses
 * the trace. */
bool wire_nonces_are_unique(const node_t *node);

typedef struct {
    size_t length;
    uint8_t data[WIRE_ROOM];
} wire_t;

void wire_put(wire_t *wire, const void *data, size_t length);
void wire_put_number(wire_t *wire, uint64_t value, size_t bytes);
void wire_put_record(wire_t *wire, unsigned type, unsigned epoch, uint64_t sequence,
                     const void *body, size_t length);
/* Appends one handshake fragment, in a record of epoch 0. */
void wire_put_fragment(wire_t *wire, uint64_t sequence, const wire_message_t *message);

typedef struct {
    uint64_t sequence; /* sequence number of the record */
    uint16_t msg_seq;
    uint16_t version; /* 0: 0xfefd */
    uint8_t random;   /* the value of all 32 bytes */
    const uint8_t *cookie;
    uint8_t cookie_length;
    uint16_t suite;      /* 0: 0xc0a8 */
    bool no_extensions;  /* also without extended_master_secret */
    bool no_scsv;        /* without the SCSV of RFC 5746 */
    bool no_compression; /* an empty list of compression methods, which is illegal */
    bool deflate;        /* also offer DEFLATE */
} wire_hello_t;

/* Appends a ClientHello in a record of epoch 0. */
void wire_put_hello(wire_t *wire, const wire_hello_t *hello);
/* Finds the cookie of a HelloVerifyRequest. Returns false if the datagram has none. */
bool wire_cookie(const net_packet_t *packet, const uint8_t **cookie, uint8_t *length);

#endif
