/*
 * common_bench.h - measures time and instructions, and has two contexts with many peers to measure.
 */
#ifndef COMMON_BENCH_H
#define COMMON_BENCH_H

#include "dtls.h"
#include "test.h"

/* ---- measuring ---- */

typedef struct {
    const char *name;
    void (*loop)(size_t times);
    size_t times; /* runs in a batch, which should take some ms */
} bench_t;

/* Returns the CPU time of one run of the loop in ns: the best of several batches. */
double bench_ns(const bench_t *bench);
/* Returns the instructions of one run of the loop, as valgrind counts them in a second process.
 * Returns 0 without valgrind. The case must call bench_counted() first. */
double bench_instructions(const bench_t *bench, const char *test_case);
/* Returns true in the process that valgrind runs: the loop has been run, and the case must
 * return. */
bool bench_counted(const bench_t *benches, size_t count);

/* ---- a client and a server ---- */

enum { CLIENT, SERVER, QUEUE = 16 };

typedef struct line line_t;

typedef struct {
    line_t *line;
    int side;
    dtls_context_t *ctx;
    dtls_config_t config;
    size_t connected, delivered, delivered_bytes;
    size_t allocations, live, live_bytes; /* as the hooks allocate and release count them */
} side_t;

typedef struct {
    uint8_t data[2048];
    size_t length;
    int from;
    unsigned port;
} packet_t;

struct line {
    side_t sides[2];
    packet_t queue[QUEUE];
    size_t first, count;
};

extern int bench_inside; /* the side that is running; -1: none */

void line_start(line_t *line, uint16_t suite);
void line_start_as(line_t *line, uint16_t suite, void (*tune)(dtls_config_t *config));
/* Returns the nth address. Each side can know the other under any number of addresses. */
session_t line_address(unsigned n);
void line_connect(line_t *line, unsigned n);
bool line_pop(line_t *line, packet_t *packet);
int line_push(line_t *line, const packet_t *packet); /* to the side that did not send it */
void line_deliver(line_t *line);
void line_reset(line_t *line, unsigned n); /* ends the association at both sides */
void line_end(line_t *line);

#endif
