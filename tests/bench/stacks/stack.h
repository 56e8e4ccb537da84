/*
 * stack.h - the main program of each other stack. Client and server are in one process, with datagrams (DTLS)
 * or bytes (TLS) in memory between them. The program reads lines from stdin, and answers each with a line:
 *
 *     version                      the version of the stack
 *     record SUITE SIZE TIMES      the CPU time in ns of a record that one end seals and the other opens
 *     handshake KIND TIMES         the CPU time in ns of a handshake, both ends
 *
 * The answer is "-" if the stack does not support that. SUITE is an IANA number in hexadecimal, KIND a name of kinds[].
 */
#ifndef STACK_H
#define STACK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum { PSK12, ECDHE12, RESUMED12, PSK13, ECDHE13, KINDS } stack_kind_t;

static const char *const kinds[KINDS] = {"1.2-psk", "1.2-ecdhe", "1.2-resumed", "1.3-psk",
                                         "1.3-ecdhe"};

/* ---- what a stack has to provide ---- */

static const char *stack_version(void);
static bool records_start(unsigned suite); /* connects both ends */
static void record(unsigned char *data, size_t length);
static void records_end(void);
static bool handshakes_start(stack_kind_t kind);
static void handshake(void);
static void handshakes_end(void);

/* ---- what a stack may use ---- */

static const unsigned char stack_key[16] = "0123456789abcdef";
static const char stack_identity[] = "Client_identity";

static inline void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

/* Datagrams or bytes that were sent to one end and not read yet. */
enum { TO_CLIENT, TO_SERVER, STACK_QUEUE = 32, STACK_DATAGRAM = 17000 };
typedef struct {
    struct {
        unsigned char data[STACK_DATAGRAM];
        size_t length, read;
    } parts[STACK_QUEUE];
    unsigned first, count;
} stack_wire_t;
static stack_wire_t wires[2];

static inline void wire_put(int to, const void *data, size_t length)
{
    stack_wire_t *wire = &wires[to];
    check(wire->count < STACK_QUEUE && length <= STACK_DATAGRAM, "the queue");
    unsigned last = (wire->first + wire->count++) % STACK_QUEUE;
    memcpy(wire->parts[last].data, data, length);
    wire->parts[last].length = length;
    wire->parts[last].read = 0;
}

/* Returns a datagram, or some bytes of a stream, or -1 if there is nothing. */
static inline long wire_get(int to, void *out, size_t room, bool stream)
{
    stack_wire_t *wire = &wires[to];
    if (wire->count == 0)
        return -1;
    size_t read = wire->parts[wire->first].read, left = wire->parts[wire->first].length - read;
    size_t length = left < room ? left : room;
    memcpy(out, wire->parts[wire->first].data + read, length);
    wire->parts[wire->first].read += length;
    if (!stream || length == left) {
        wire->first = (wire->first + 1) % STACK_QUEUE;
        wire->count--;
    }
    return (long)length;
}

static inline void wires_clear(void)
{
    wires[0].count = wires[1].count = 0;
}

/* ---- the program ---- */

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_records(size_t size, unsigned long times)
{
    static unsigned char data[STACK_DATAGRAM];
    for (unsigned long i = 0; i < times / 10 + 1; i++)
        record(data, size);
    double start = cpu_ns();
    for (unsigned long i = 0; i < times; i++)
        record(data, size);
    return (cpu_ns() - start) / (double)times;
}

static double time_handshakes(unsigned long times)
{
    for (unsigned long i = 0; i < times / 10 + 1; i++)
        handshake();
    double start = cpu_ns();
    for (unsigned long i = 0; i < times; i++)
        handshake();
    return (cpu_ns() - start) / (double)times;
}

static double answer(const char *line)
{
    unsigned suite;
    size_t size;
    unsigned long times;
    char name[32];
    double ns = -1;
    wires_clear();
    if (sscanf(line, "record %x %zu %lu", &suite, &size, &times) == 3 && records_start(suite)) {
        ns = time_records(size, times);
        records_end();
    }
    if (sscanf(line, "handshake %31s %lu", name, &times) == 2)
        for (int kind = 0; kind < KINDS; kind++)
            if (strcmp(name, kinds[kind]) == 0 && handshakes_start((stack_kind_t)kind)) {
                ns = time_handshakes(times);
                handshakes_end();
            }
    return ns;
}

int main(void)
{
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        double ns = strcmp(line, "version\n") == 0 ? 0 : answer(line);
        if (ns == 0)
            printf("%s\n", stack_version());
        else if (ns < 0)
            printf("-\n");
        else
            printf("%.1f\n", ns);
        fflush(stdout);
    }
    return 0;
}

#endif
