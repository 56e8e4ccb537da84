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
    /* Runs of the loop in a batch, which should take some ms. 0: do not measure this bench. */
    size_t times;
} bench_t;

double bench_cpu_ns(void); /* the CPU time that this process has used so far */
/* Binds this process, and the processes that it starts, to the processor on which it runs. */
void bench_pin(void);
/* Measures benches side by side: runs a slice of the batch of each bench in turn, SLICES times, after one slice to warm
 * up. Stores in ns the CPU time of one run of each loop, as the median of the slices of the bench. */
enum { SLICES = 10, BENCHES_MAX = 4 };
void bench_measure(const bench_t *benches, size_t count, double ns[]);
/* Returns the same for one bench. */
double bench_batch_ns(const bench_t *bench);
/* If instructions.sh counts the instructions of this process, runs the loop named $BENCH_LOOP $BENCH_TIMES times, and
 * returns true: the test case must then return. Runs no loop if that name is not among `benches`. */
bool bench_counted(const bench_t *benches, size_t count);

/* ---- a client and a server ---- */

enum { CLIENT, SERVER, QUEUE = 16, DATAGRAM = 16600 };

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
    uint8_t data[DATAGRAM];
    size_t length;
    int from;
    unsigned port;
} packet_t;

struct line {
    side_t sides[2];
    packet_t queue[QUEUE];
    size_t first, count;
    uint8_t batch[65536]; /* the last batch that dtls_peer_write_batch() has made */
    size_t batch_length, batch_segment;
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
