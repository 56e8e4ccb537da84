#include "common13.h"

#include <string.h>

static void on_keylog(void *hook, const char *label, const uint8_t *client_random,
                      const uint8_t *secret, size_t length)
{
    insider13_t *insider = ((node_t *)hook)->user;
    size_t side = strncmp(label, "SERVER", 6) == 0;
    unsigned epoch = strstr(label, "HANDSHAKE") ? EPOCH_HANDSHAKE : EPOCH_TRAFFIC;

    (void)client_random;
    if (strstr(label, "TRAFFIC_SECRET")) {
        memcpy(insider->secrets[side][epoch], secret, length);
    }
}

net_t *insider13_pair(insider13_t *insider)
{
    net_t *net;

    memset(insider, 0, sizeof(*insider));
    net = net_pair(1, &insider->client, &insider->server);
    insider->crypto = crypto_new();
    insider->client->config.only_version = insider->server->config.only_version = DTLS13;
    insider->server->config.cookie = DTLS_COOKIE_OFF;
    insider->server->user = insider;
    /* one key log is sufficient: both sides have the same secrets */
    insider->server->config.keylog = on_keylog;
    return net;
}

void insider13_end(insider13_t *insider, net_t *net)
{
    net_end(net);
    crypto_free(insider->crypto);
}

static void open_epoch(const insider13_t *insider, const node_t *from, unsigned number, bool seal,
                       epoch_t *epoch)
{
    size_t side = from == insider->server;

    CHECK(epoch_dtls13(epoch, insider->crypto, suite_by_id(0x1301), number,
                       insider->secrets[side][number], seal));
}

int insider13_inject(const insider13_t *insider, const node_t *from, unsigned epoch,
                     uint64_t sequence, unsigned type, const void *data, size_t length)
{
    node_t *to = from == insider->client ? insider->server : insider->client;
    uint8_t bytes[WIRE_ROOM];
    epoch_t write;
    size_t size;
    cid_t cid = {.length = 0};

    open_epoch(insider, from, epoch, true, &write);
    if (from->config.use_cid && to->config.use_cid && to->config.cid) {
        cid.length = (uint8_t)to->config.cid_length;
        memcpy(cid.bytes, to->config.cid, cid.length);
        write.cid = &cid;
    }
    write.sequence = sequence;
    CHECK(length + 64 <= sizeof(bytes));
    memcpy(bytes + write.form->prefix(&write), data, length);
    size = record_seal(&write, (uint8_t)type, bytes, length);
    epoch_end(&write);
    CHECK(size > 0);
    return net_inject(to, &from->address, bytes, size);
}

int insider13_message(const insider13_t *insider, const node_t *from, unsigned epoch,
                      uint64_t sequence, unsigned msg_type, unsigned msg_seq, const void *body,
                      size_t length)
{
    wire_t message = {.length = 0};

    wire_put_number(&message, msg_type, 1);
    wire_put_number(&message, length, 3);
    wire_put_number(&message, msg_seq, 2);
    wire_put_number(&message, 0, 3);
    wire_put_number(&message, length, 3);
    wire_put(&message, body, length);
    return insider13_inject(insider, from, epoch, sequence, HANDSHAKE, message.data,
                            message.length);
}

size_t insider13_last(const insider13_t *insider, const node_t *from, unsigned epoch,
                      unsigned *type, uint8_t *out)
{
    for (size_t i = from->net->packet_count; i-- > 0;) {
        net_packet_t *packet = &from->net->packets[i];
        uint8_t copy[WIRE_ROOM];
        record_t record;
        epoch_t read;
        bool opened;

        if (packet->from != from) {
            continue;
        }
        memcpy(copy, packet->data, packet->length);
        CHECK_EQ(record_split(copy, packet->length, 0, &record), DTLS_DROP_COUNT);
        open_epoch(insider, from, epoch, false, &read);
        opened = record.unified && record_open(&read, &record) == DTLS_DROP_COUNT;
        epoch_end(&read);
        *type = record.type;
        memcpy(out, record.payload, opened ? record.length : 0);
        return opened ? record.length : 0;
    }
    return 0;
}
