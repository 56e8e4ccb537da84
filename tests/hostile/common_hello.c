#include "common_hello.h"

const char *or_usual(const char *hex, const char *usual)
{
    return hex ? hex : usual;
}

void put_hex(wire_t *wire, const char *hex, size_t length_bytes)
{
    uint8_t bytes[WIRE_ROOM];
    size_t length = UNHEX(hex, bytes);

    wire_put_number(wire, length, length_bytes);
    wire_put(wire, bytes, length);
}

void put_message(wire_t *wire, unsigned type, unsigned msg_seq, uint64_t sequence,
                 const wire_t *body)
{
    wire_message_t message = {.type = (uint8_t)type,
                              .msg_seq = (uint16_t)msg_seq,
                              .total = (uint32_t)body->length,
                              .length = (uint32_t)body->length,
                              .body = body->data};

    wire_put_fragment(wire, sequence, &message);
}

int alert_since(const node_t *from, size_t first)
{
    wire_record_t record;

    for (size_t i = first; i < from->net->packet_count; i++) {
        const net_packet_t *packet = &from->net->packets[i];
        size_t at = 0;

        if (packet->from == from && wire_next(packet->data, packet->length, &at, &record) &&
            record.type == ALERT && record.epoch == 0) {
            CHECK_EQ(record.length, 2);
            CHECK_EQ(record.body[0], DTLS_ALERT_LEVEL_FATAL);
            return record.body[1];
        }
    }
    return 0;
}

net_t *lonely_client(uint16_t version, node_t **client, node_t **server)
{
    net_t *net = net_pair(1, client, server);

    (*client)->config.only_version = (*server)->config.only_version = version;
    (*client)->loss = 100;
    net_start(net);
    CHECK(dtls_connect((*client)->ctx, &(*server)->address) > 0);
    return net;
}
