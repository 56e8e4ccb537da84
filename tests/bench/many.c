/*
 * many.c - the cost of one client of `dtlscat -lk` when 10, 100, 1,000 or 10,000 are connected. The
 * measurements alternate between these numbers, so that the values of a ratio were measured at about the same time.
 */
#include "common_bench.h"
#include "common_fleet.h"
#include "common_series.h"
#include "common_stack.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 4, ROUNDS = 500, EXTRA = 100, AT_ONCE = 64, PART = 1000, MESSAGE = 32 };

static const unsigned sizes[SIZES] = {10, 100, 1000, 10000};
static struct {
    char name[16];
    listener_t listener;
    fleet_t fleet;
} groups[SIZES];

static const char round_trip[] = "a message of 32 bytes from a random client to stdout";
static const char message_cpu[] = "server CPU of such a message";
static const char handshake_cpu[] = "server CPU of a further handshake";
static const char idle[] = "wake-ups of an idle server in a second";
static const char connecting[] = "connecting, both ends";
static const char connecting_cpu[] = "connecting, server CPU of a handshake";
static const char both_ends[] =
    "CPU of both ends of a handshake, of 10,000 through sockets (the others: in memory)";
static const char memory[] = "resident memory of the server";

/* Returns the cipher suite of all clients: $BENCH_SUITE in hexadecimal, as in 1301. Default: the suite of DTLS 1.2
 * with the cheapest handshake. */
static uint16_t suite(void)
{
    const char *number = getenv("BENCH_SUITE");
    return number ? (uint16_t)strtoul(number, NULL, 16) : 0xc0a8;
}

static uint32_t random_state = 1;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (unsigned)(((uint64_t)random_state * limit) >> 32);
}

/* Processes what the listeners have sent to the groups 0..last, so that these clients answer. */
static void receive_all(size_t last)
{
    for (size_t i = 0; i <= last; i++)
        fleet_receive(&groups[i].fleet, 5);
}

/* Connects the clients of group i in parts. Between two parts, connected clients answer what they have received.
 * Returns how many seconds the parts took. */
static double connect_in_parts(size_t i)
{
    double seconds = 0;
    for (unsigned first = 0; first < sizes[i]; first += PART) {
        unsigned count = sizes[i] - first < PART ? sizes[i] - first : PART;
        seconds += fleet_connect(&groups[i].fleet, first, count, AT_ONCE);
        receive_all(i);
    }
    return seconds;
}

static void connect_all(size_t i)
{
    static const char *const more[] = {"-m", "60000", "--idle", "1h", NULL};
    snprintf(groups[i].name, sizeof groups[i].name, "%u", sizes[i]);
    listener_start(&groups[i].listener, more);
    fleet_start(&groups[i].fleet, &groups[i].listener, suite());
    double server = listener_cpu_us(&groups[i].listener), clients = bench_cpu_ns() / 1e3;
    double seconds = connect_in_parts(i);
    clients = bench_cpu_ns() / 1e3 - clients;
    server = listener_cpu_us(&groups[i].listener) - server;
    sample(connecting, "handshakes/s", groups[i].name, sizes[i] / seconds);
    sample(connecting_cpu, "us", groups[i].name, server / sizes[i]);
    sample(memory, "kB", groups[i].name, (double)listener_resident_kb(&groups[i].listener));
    if (i == SIZES - 1)
        sample(both_ends, "us", "dtlscat", (server + clients) / sizes[i]);
}

static void disconnect_all(size_t i)
{
    fleet_end(&groups[i].fleet);
    listener_end(&groups[i].listener);
}

/* Connects the clients of all groups several times. After the last time they stay connected. */
static void connect_groups(void)
{
    for (unsigned run = 0; run < bench_runs(); run++) {
        for (size_t i = 0; i < SIZES; i++) {
            if (run > 0)
                disconnect_all(i);
            connect_all(i);
        }
        for (size_t i = 0; i < STACKS; i++) {
            double ns = stack_ns(i, "handshake 1.2-psk 1000");
            if (ns > 0)
                sample(both_ends, "us", stack_names[i], ns / 1e3);
        }
    }
    for (size_t i = 0; i < STACKS; i++)
        ratio(both_ends, "dtlscat", stack_names[i]);
}

static void messages(size_t i, unsigned rounds)
{
    static const uint8_t message[MESSAGE] = {'m'};
    static double times[ROUNDS];
    double before = listener_cpu_us(&groups[i].listener);
    for (unsigned round = 0; round < rounds; round++) {
        fleet_seal(&groups[i].fleet, random_below(sizes[i]), message, sizeof message);
        double start = clock_us();
        fleet_send(&groups[i].fleet);
        listener_read(&groups[i].listener, sizeof message);
        times[round] = clock_us() - start;
        fleet_receive(&groups[i].fleet, 0);
    }
    if (rounds < ROUNDS)
        return; /* the first round only warms up */
    sample(message_cpu, "us", groups[i].name,
           (listener_cpu_us(&groups[i].listener) - before) / rounds);
    sample(round_trip, "us", groups[i].name, median_of(times, rounds));
}

static void handshakes(size_t i)
{
    fleet_t *fleet = &groups[i].fleet;
    double before = listener_cpu_us(&groups[i].listener);
    fleet_connect(fleet, sizes[i], EXTRA, 1);
    sample(handshake_cpu, "us", groups[i].name,
           (listener_cpu_us(&groups[i].listener) - before) / (double)EXTRA);
    fleet_close(fleet, sizes[i], EXTRA);
}

/* Counts the wake-ups of all listeners during the same seconds. */
static void wakeups(unsigned seconds)
{
    unsigned long before[SIZES];
    for (size_t i = 0; i < SIZES; i++)
        before[i] = listener_wakeups(&groups[i].listener);
    for (unsigned ms = 0; ms < seconds * 1000; ms += 100)
        for (size_t i = 0; i < SIZES; i++)
            fleet_receive(&groups[i].fleet, 25);
    for (size_t i = 0; i < SIZES; i++)
        sample(idle, "1/s", groups[i].name,
               (double)(listener_wakeups(&groups[i].listener) - before[i]) / seconds);
}

static void compare_with_10(const char *figure)
{
    for (size_t i = 1; i < SIZES; i++)
        ratio(figure, groups[i].name, groups[0].name);
}

TEST(cost_by_number_of_clients)
{
    const char *seconds = getenv("BENCH_IDLE");
    if (getenv("BENCH_LOOP"))
        return;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("cipher suite of the clients: %04x\n", suite());
    connect_groups();
    for (size_t i = 0; i < SIZES; i++)
        messages(i, ROUNDS / 5);
    for (unsigned run = 0; run < bench_runs(); run++) {
        for (size_t i = 0; i < SIZES; i++)
            messages(i, ROUNDS);
        for (size_t i = 0; i < SIZES; i++)
            handshakes(i);
        receive_all(SIZES - 1);
    }
    wakeups(seconds ? (unsigned)atoi(seconds) : 5);
    compare_with_10(round_trip);
    compare_with_10(message_cpu);
    compare_with_10(handshake_cpu);
    compare_with_10(connecting_cpu);
    for (size_t i = 0; i < SIZES; i++)
        disconnect_all(i);
}

/* Switches the counting of instructions by callgrind in the listener. state: "on" or "off". */
static void count(const listener_t *listener, const char *state)
{
    char command[128];
    snprintf(command, sizeof command, "vgdb --pid=%d instrumentation %s >/dev/null 2>&1",
             (int)listener->pid, state);
    CHECK_EQ(system(command), 0);
}

/* For instructions.sh: sends $BENCH_TIMES messages to a listener with $BENCH_LOOP clients. */
TEST(wakeup)
{
    static const uint8_t message[MESSAGE] = {'m'};
    const char *clients = getenv("BENCH_LOOP"), *times = getenv("BENCH_TIMES");
    listener_t listener;
    fleet_t fleet;
    if (!clients || !times)
        return;
    listener_start(&listener, NULL);
    fleet_start(&fleet, &listener, suite());
    fleet_connect(&fleet, 0, (unsigned)atoi(clients), AT_ONCE);
    fleet_receive(&fleet, 100);
    count(&listener, "on");
    for (int i = 0; i < atoi(times); i++) {
        fleet_seal(&fleet, random_below((unsigned)atoi(clients)), message, sizeof message);
        fleet_send(&fleet);
        listener_read(&listener, sizeof message);
    }
    count(&listener, "off");
    listener_stop(&listener);
    while (!listener_ended(&listener))
        fleet_receive(&fleet, 2);
    fleet_end(&fleet);
}
