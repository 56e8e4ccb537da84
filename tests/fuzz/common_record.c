#include "fuzz/common_record.h"

#include "base/bytes.h"
#include "base/iana.h"
#include "crypto/suite.h"

#include <string.h>

enum { ROOM = PACKET_MAX, CONTENT = 16384, BLOCK = 16 };

/* DTLS 1.2: the explicit nonce and the tag are zeros. CBC is padded to whole blocks. */
static void put_record12(writer_t *w, const end_t *to, const suite_t *suite, unsigned type,
                         unsigned epoch, const uint8_t *content, size_t length)
{
    size_t padding = suite && suite_mac_key(suite) > 0 ? BLOCK - length % BLOCK : 0;
    size_t nonce = suite && epoch > 0 ? suite->explicit_nonce : 0;
    size_t tag = suite && epoch > 0 ? suite_tag(suite) : 0;
    static const uint8_t zeros[64];

    padding = epoch > 0 ? padding : 0;
    put_u8(w, type);
    put_u16(w, VERSION_DTLS12);
    put_u16(w, epoch);
    put_uint(w, to->world->sequence, 6);
    put_u16(w, (unsigned)(nonce + length + padding + tag));
    put_bytes(w, zeros, nonce);
    put_bytes(w, content, length);
    for (size_t i = 0; i < padding; i++) {
        put_u8(w, (unsigned)padding - 1);
    }
    put_bytes(w, zeros, tag);
}

/* DTLS 1.3: the record number is not masked. */
static void put_record13(writer_t *w, const end_t *to, const suite_t *suite, unsigned type,
                         unsigned epoch, const uint8_t *content, size_t length)
{
    bool cid = to->config.use_cid && to->config.cid_length > 0;
    size_t tag = suite ? suite_tag(suite) : BLOCK;
    static const uint8_t zeros[64];

    put_u8(w, 0x2c | (cid ? 0x10 : 0) | (epoch & 3));
    put_bytes(w, to->world->cid, cid ? CID_LENGTH : 0);
    put_u16(w, (unsigned)(to->world->sequence & 0xffff));
    put_u16(w, (unsigned)(length + 1 + tag + BLOCK));
    put_bytes(w, content, length);
    put_u8(w, type);
    put_bytes(w, zeros, BLOCK + tag);
}

static void put_record(writer_t *w, const end_t *to, unsigned type, unsigned epoch,
                       const uint8_t *content, size_t length)
{
    session_t from = world_address(!to->number);
    dtls_info_t info = {.version = 0};

    dtls_get_info(to->ctx, &from, &info);
    if (info.version == VERSION_DTLS13 && epoch > 0) {
        put_record13(w, to, suite_by_id(info.suite), type, epoch, content, length);
    } else {
        put_record12(w, to, suite_by_id(info.suite), type, epoch, content, length);
    }
}

static void send_content(world_t *world, unsigned end, unsigned type, unsigned epoch,
                         const uint8_t *content, size_t length)
{
    static uint8_t datagram[ROOM];
    writer_t w = writer(datagram, sizeof(datagram));

    put_record(&w, &world->ends[end], type, epoch, content, length);
    world->sequence++;
    world_deliver(&world->ends[end], !end, datagram, writer_length(&w));
}

void record_send(world_t *world, input_t *input)
{
    unsigned end = input_byte(input) % ENDS, type = input_byte(input), epoch = input_byte(input);
    size_t length;

    world->sequence += input_byte(input);
    length = input_left(input) < CONTENT ? input_left(input) : CONTENT;
    send_content(world, end, type, epoch, input->at, length);
}

void send_handshake(world_t *world, input_t *input)
{
    unsigned end = input_byte(input) % ENDS, type = input_byte(input), epoch = input_byte(input);
    end_t *from = &world->ends[!end];
    uint8_t step = input_byte(input);
    static uint8_t content[12 + CONTENT];
    writer_t w = writer(content, sizeof(content));
    size_t length = input_left(input) < CONTENT - 12 ? input_left(input) : CONTENT - 12;

    put_u8(&w, type);
    put_uint(&w, length, 3);
    put_u16(&w, (unsigned)(from->next_seq + step) & 0xffff);
    put_uint(&w, 0, 3);
    put_uint(&w, length, 3);
    put_bytes(&w, input->at, length);
    from->next_seq = (uint16_t)(from->next_seq + step + 1);
    send_content(world, end, CONTENT_HANDSHAKE, epoch, content, writer_length(&w));
}
