#include "fuzz/common_ops.h"

#include "fuzz/common_calls.h"
#include "fuzz/common_record.h"

#include <string.h>

enum { OPS_MAX = 200, TIME_MAX = 5000000 };

static world_t world;

static void op_datagram(input_t *input)
{
    unsigned from = input_byte(input) % ADDRESSES;

    world_deliver(&world.ends[0], from, input->at, input_left(input));
}

static void op_time(input_t *input)
{
    unsigned ms = input_word(input);

    world_advance(&world, ms < 0xff00 ? ms : TIME_MAX);
}

static void op_exchange(input_t *input)
{
    for (unsigned left = 1 + input_byte(input) % 16U; left > 0 && world_exchange(&world); left--) {
    }
}

static void op_tamper(input_t *input)
{
    unsigned offset = input_word(input);
    packet_t *packet = &world.packets[world.delivered % PACKETS];

    if (world.delivered < world.sent && world.sent - world.delivered <= PACKETS) {
        packet->data[offset % packet->length] ^= input_byte(input);
        world_exchange(&world);
    }
}

static void op_lose(input_t *input)
{
    (void)input;
    world.delivered += world.delivered < world.sent;
}

static void op_replay(input_t *input)
{
    const packet_t *packet = world_packet(&world, input_byte(input));
    unsigned from = input_byte(input) % ADDRESSES;
    static uint8_t copy[PACKET_MAX];

    if (packet) {
        /* The delivery may overwrite the stored datagram. */
        end_t *to = &world.ends[packet->to];
        size_t length = packet->length;
        memcpy(copy, packet->data, length);
        world_deliver(to, from, copy, length);
    }
}

static void op_call(input_t *input)
{
    unsigned end = input_byte(input) % ENDS;

    calls_make(&world.ends[end], input);
}

static void op_callbacks(input_t *input)
{
    world.call = calls_make;
    world.in_callbacks = *input;
}

static void op_record(input_t *input)
{
    record_send(&world, input);
}

static void op_message(input_t *input)
{
    send_handshake(&world, input);
}

static void (*const ops[OP_COUNT])(input_t *input) = {
    op_datagram, op_time, op_exchange,  op_tamper, op_lose,
    op_replay,   op_call, op_callbacks, op_record, op_message};

int ops_run(const roles_t *roles, unsigned allowed, const uint8_t *data, size_t size)
{
    input_t input = {data, data + size};

    if (world_start(&world, roles, &input)) {
        for (unsigned i = 0; i < OPS_MAX && input_left(&input) > 0; i++) {
            unsigned op = input_byte(&input) % OP_COUNT;
            input_t arguments = input_take(&input, input_word(&input));
            if (allowed & OPS(op)) {
                ops[op](&arguments);
            }
            world_check(&world);
        }
    }
    world_end(&world);
    return 0;
}
