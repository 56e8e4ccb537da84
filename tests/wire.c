/*
 * wire.c - the codec of the tests, written from RFC 6347 sections 4.1 and 4.2.2 and RFC 9147
 * section 4. It shares no code with the library, and also makes records that are invalid.
 */
#include "wire.h"

#include <string.h>

static uint64_t number(const uint8_t *data, size_t bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0) {
        value = value << 8 | *data++;
    }
    return value;
}

/* ---- parsing ----------------------------------------------------------------- */

/* RFC 9147 section 4: the first byte has the bits 001, 0 for no connection ID, S, L, and two bits
 * of the epoch. */
static size_t hidden_header(const uint8_t *raw, size_t left, wire_record_t *record)
{
    size_t width = raw[0] & 0x08 ? 2 : 1, header = 1 + width + (raw[0] & 0x04 ? 2 : 0);

    if (left < header) {
        return left + 1;
    }
    record->type = HIDDEN;
    record->version = DTLS13;
    record->epoch = raw[0] & 3;
    record->sequence = number(raw + 1, width);
    record->length = raw[0] & 0x04 ? (size_t)number(raw + 1 + width, 2) : left - header;
    return header;
}

static size_t plain_header(const uint8_t *raw, size_t left, wire_record_t *record)
{
    if (left < WIRE_RECORD_HEADER) {
        return left + 1;
    }
    record->type = raw[0];
    record->version = (uint16_t)number(raw + 1, 2);
    record->epoch = (uint16_t)number(raw + 3, 2);
    record->sequence = number(raw + 5, 6);
    record->length = (size_t)number(raw + 11, 2);
    return WIRE_RECORD_HEADER;
}

bool wire_next(const uint8_t *data, size_t length, size_t *at, wire_record_t *record)
{
    const uint8_t *raw = data + *at;
    size_t left = length - *at, header;

    if (left == 0) {
        return false;
    }
    header = (raw[0] & 0xe0) == 0x20 ? hidden_header(raw, left, record)
                                     : plain_header(raw, left, record);
    if (header > left || record->length > left - header) {
        return false;
    }
    record->raw = raw;
    record->body = raw + header;
    record->raw_length = header + record->length;
    *at += record->raw_length;
    return true;
}

bool wire_message(const wire_record_t *record, wire_message_t *message)
{
    const uint8_t *body = record->body;

    if (record->type != HANDSHAKE || record->epoch != 0 || record->length < WIRE_MESSAGE_HEADER) {
        return false;
    }
    message->type = body[0];
    message->total = (uint32_t)number(body + 1, 3);
    message->msg_seq = (uint16_t)number(body + 4, 2);
    message->offset = (uint32_t)number(body + 6, 3);
    message->length = (uint32_t)number(body + 9, 3);
    message->body = body + WIRE_MESSAGE_HEADER;
    return message->length <= record->length - WIRE_MESSAGE_HEADER;
}

bool wire_find(const net_packet_t *packet, unsigned msg_type, wire_record_t *record)
{
    wire_message_t message;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, record);) {
        if (wire_message(record, &message) && message.type == msg_type) {
            return true;
        }
    }
    return false;
}

bool wire_has(const net_packet_t *packet, unsigned content_type, unsigned epoch)
{
    wire_record_t record;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type == content_type && record.epoch == epoch) {
            return true;
        }
    }
    return false;
}

bool wire_has_hidden(const net_packet_t *packet, unsigned epoch, size_t length)
{
    wire_record_t record;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        if (record.type == HIDDEN && record.epoch == epoch % 4 &&
            record.length == length + 1 + 16) {
            return true;
        }
    }
    return false;
}

size_t wire_count(const net_packet_t *packet)
{
    wire_record_t record;
    size_t count = 0;

    for (size_t at = 0; wire_next(packet->data, packet->length, &at, &record);) {
        count++;
    }
    return count;
}

const net_packet_t *wire_sent(const node_t *node, unsigned content_type, unsigned epoch, size_t nth)
{
    for (size_t i = 0; i < node->net->packet_count; i++) {
        const net_packet_t *packet = &node->net->packets[i];

        if (packet->from == node && wire_has(packet, content_type, epoch) && nth-- == 0) {
            return packet;
        }
    }
    return NULL;
}

const net_packet_t *wire_sent_message(const node_t *node, unsigned msg_type, size_t nth)
{
    wire_record_t record;

    for (size_t i = 0; i < node->net->packet_count; i++) {
        const net_packet_t *packet = &node->net->packets[i];

        if (packet->from == node && wire_find(packet, msg_type, &record) && nth-- == 0) {
            return packet;
        }
    }
    return NULL;
}

bool wire_cookie(const net_packet_t *packet, const uint8_t **cookie, uint8_t *length)
{
    wire_record_t record;
    wire_message_t message;

    if (!wire_find(packet, HELLO_VERIFY_REQUEST, &record) || !wire_message(&record, &message) ||
        message.length < 3) {
        return false;
    }
    *length = message.body[2];
    *cookie = message.body + 3;
    return true;
}

static bool unique_on_the_wire(const node_t *node)
{
    static uint8_t seen[1 << 16];
    wire_record_t record;

    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < node->net->packet_count; i++) {
        const net_packet_t *packet = &node->net->packets[i];

        for (size_t at = 0;
             packet->from == node && wire_next(packet->data, packet->length, &at, &record);) {
            CHECK(record.epoch < 2 && record.sequence < sizeof(seen));
            if (record.epoch == 1 && seen[record.sequence]++) {
                return false;
            }
        }
    }
    return true;
}

static bool unique_in_the_trace(const node_t *node)
{
    enum { EPOCHS = 16, NUMBERS = 1 << 12 };
    static uint8_t seen[EPOCHS][NUMBERS];

    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < node->record_count; i++) {
        const net_record_t *record = &node->records[i];

        CHECK(record->epoch < EPOCHS && record->sequence < NUMBERS);
        if (record->epoch > 0 && seen[record->epoch][record->sequence]++) {
            return false;
        }
    }
    return true;
}

bool wire_nonces_are_unique(const node_t *node)
{
    return net_version == DTLS12 ? unique_on_the_wire(node) : unique_in_the_trace(node);
}

/* ---- making ------------------------------------------------------------------ */

void wire_put(wire_t *wire, const void *data, size_t length)
{
    CHECK(length <= WIRE_ROOM - wire->length);
    if (length) {
        memcpy(wire->data + wire->length, data, length);
    }
    wire->length += length;
}

void wire_put_number(wire_t *wire, uint64_t value, size_t bytes)
{
    while (bytes-- > 0) {
        uint8_t byte = (uint8_t)(value >> 8 * bytes);

        wire_put(wire, &byte, 1);
    }
}

void wire_put_record(wire_t *wire, unsigned type, unsigned epoch, uint64_t sequence,
                     const void *body, size_t length)
{
    wire_put_number(wire, type, 1);
    wire_put_number(wire, 0xfefd, 2);
    wire_put_number(wire, epoch, 2);
    wire_put_number(wire, sequence, 6);
    wire_put_number(wire, length, 2);
    wire_put(wire, body, length);
}

void wire_put_fragment(wire_t *wire, uint64_t sequence, const wire_message_t *message)
{
    wire_t body = {.length = 0};

    wire_put_number(&body, message->type, 1);
    wire_put_number(&body, message->total, 3);
    wire_put_number(&body, message->msg_seq, 2);
    wire_put_number(&body, message->offset, 3);
    wire_put_number(&body, message->length, 3);
    wire_put(&body, message->body, message->length);
    wire_put_record(wire, HANDSHAKE, 0, sequence, body.data, body.length);
}

void wire_put_hello(wire_t *wire, const wire_hello_t *hello)
{
    wire_t body = {.length = 0};
    wire_message_t message = {.type = CLIENT_HELLO, .msg_seq = hello->msg_seq};
    uint8_t random[32];

    memset(random, hello->random, sizeof(random));
    wire_put_number(&body, hello->version ? hello->version : 0xfefd, 2);
    wire_put(&body, random, sizeof(random));
    wire_put_number(&body, 0, 1); /* no session ID */
    wire_put_number(&body, hello->cookie_length, 1);
    wire_put(&body, hello->cookie, hello->cookie_length);
    wire_put_number(&body, hello->no_scsv ? 2 : 4, 2);
    wire_put_number(&body, hello->suite ? hello->suite : 0xc0a8, 2);
    if (!hello->no_scsv) {
        wire_put_number(&body, 0x00ff, 2);
    }
    if (hello->deflate) {
        wire_put_number(&body, 0x020001, 3);
    } else {
        wire_put_number(&body, hello->no_compression ? 0x00 : 0x0100,
                        hello->no_compression ? 1 : 2);
    }
    if (!hello->no_extensions) {
        wire_put_number(&body, 4, 2);
        wire_put_number(&body, 0x00170000, 4); /* extended_master_secret */
    }
    message.total = message.length = (uint32_t)body.length;
    message.body = body.data;
    wire_put_fragment(wire, hello->sequence, &message);
}
