/*
 * common_ops.h - runs an input of a target with two ends.
 *
 * An input is 8 bytes of configuration (common_world.c), then operations: one byte that names the
 * operation, two bytes of length, and this number of bytes of arguments.
 */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include "fuzz/common_world.h"

enum {
    OP_DATAGRAM,  /* address, bytes: the attacker sends a datagram to the end under test */
    OP_TIME,      /* two bytes: ms */
    OP_EXCHANGE,  /* count: the network delivers stored datagrams in order */
    OP_TAMPER,    /* offset (two bytes), mask: changes a byte of the next datagram, delivers it */
    OP_LOSE,      /* the network loses the next datagram */
    OP_REPLAY,    /* n, address: the nth latest datagram is delivered again, from that address */
    OP_CALL,      /* end, function, address, ...: see common_calls.c */
    OP_CALLBACKS, /* function, address, ...: calls to make from inside of the next callbacks */
    OP_RECORD,    /* end, type, epoch, step, bytes: a protected record; needs the keyed target */
    OP_MESSAGE,   /* end, type, epoch, step, bytes: a protected handshake message, likewise */
    OP_COUNT
};
#define OPS(op) (1U << (op))
#define OPS_NETWORK                                                                                \
    (OPS(OP_DATAGRAM) | OPS(OP_TIME) | OPS(OP_EXCHANGE) | OPS(OP_TAMPER) | OPS(OP_LOSE) |          \
     OPS(OP_REPLAY))
#define OPS_CALLS (OPS(OP_CALL) | OPS(OP_CALLBACKS))
#define OPS_KEYED (OPS(OP_RECORD) | OPS(OP_MESSAGE))

/* Runs an input, of which only the operations of the set `allowed` are executed. Returns 0. */
int ops_run(const roles_t *roles, unsigned allowed, const uint8_t *data, size_t size);

#endif
