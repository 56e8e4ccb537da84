/*
 * flood.c - a listener under a flood of ClientHellos, and clients with a round trip of 100 ms that connect meanwhile:
 * spoofed sources without cookies, one host with valid cookies, and many hosts with valid cookies. Each handshake of
 * the flood needs a key exchange of the listener, and does not continue.
 */
#include "common_listener.h"
#include "common_series.h"
#include "test.h"
#include "wire.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIES = 20, PORTS = 8000, RANDOMS = 12, SLICE_US = 1000 };
enum { SUITE = 0xd001 }; /* ECDHE_PSK */

typedef struct {
    const char *name;
    unsigned hosts;
    unsigned per_second;
    bool cookies; /* false: the sources are spoofed, so the HelloVerifyRequests are ignored */
} flood_t;

/* What the process of the flood has done so far. */
typedef struct {
    volatile bool ready, stop;
    volatile unsigned long sent;
} progress_t;

typedef struct {
    uint8_t bytes[RANDOMS][128];
    size_t length;
} hellos_t;

static int sockets[PORTS];
static hellos_t hellos[PORTS];

static struct sockaddr_in host_address(unsigned host)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f020001 + host)};
}

/* ---- the flood ---- */

static void make_hello(wire_t *hello, unsigned random, const uint8_t *cookie, uint8_t length)
{
    wire_hello_t form = {.random = (uint8_t)random,
                         .suite = SUITE,
                         .sequence = length > 0,
                         .msg_seq = length > 0,
                         .cookie = cookie,
                         .cookie_length = length};
    hello->length = 0;
    wire_put_hello(hello, &form);
}

static void open_sockets(const flood_t *flood, const listener_t *listener)
{
    struct rlimit limit = {PORTS + 100, PORTS + 100};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (unsigned i = 0; i < PORTS; i++) {
        struct sockaddr_in from = host_address(i % flood->hosts);
        sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        CHECK(sockets[i] >= 0);
        CHECK_EQ(bind(sockets[i], (struct sockaddr *)&from, sizeof from), 0);
        CHECK_EQ(connect(sockets[i], (const struct sockaddr *)&listener->address, sizeof from), 0);
    }
}

/* Gets a cookie for one ClientHello. Returns false if there is no response. */
static bool get_cookie(unsigned i, unsigned random)
{
    uint8_t answer[2048];
    const uint8_t *cookie;
    uint8_t length;
    wire_t hello;
    struct pollfd input = {.fd = sockets[i], .events = POLLIN};
    make_hello(&hello, random + 1, NULL, 0);
    if (send(sockets[i], hello.data, hello.length, 0) < 0 || poll(&input, 1, 200) <= 0)
        return false;
    net_packet_t packet = {.data = answer};
    packet.length = (size_t)recv(sockets[i], answer, sizeof answer, 0);
    if (!wire_cookie(&packet, &cookie, &length))
        return false;
    make_hello(&hello, random + 1, cookie, length);
    memcpy(hellos[i].bytes[random], hello.data, hello.length);
    hellos[i].length = hello.length;
    return true;
}

static void get_cookies(void)
{
    for (unsigned random = 0; random < RANDOMS; random++)
        for (unsigned i = 0; i < PORTS; i++)
            for (unsigned tries = 0; tries < 10 && !get_cookie(i, random); tries++)
                ;
}

/* Sends a ClientHello without a cookie from any address 127.x.y.z. */
static void send_spoofed(int fd, const listener_t *listener, unsigned long n)
{
    static wire_t hello;
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
                            .cmsg_level = IPPROTO_IP,
                            .cmsg_type = IP_PKTINFO}};
    const struct in_pktinfo from = {.ipi_spec_dst = host_address((unsigned)n).sin_addr};
    struct sockaddr_in to = listener->address;
    make_hello(&hello, (unsigned)n, NULL, 0);
    struct iovec data = {hello.data, hello.length};
    struct msghdr message = {&to, sizeof to, &data, 1, &control, sizeof control.room, 0};
    memcpy(CMSG_DATA(&control.header), &from, sizeof from);
    sendmsg(fd, &message, 0);
}

static void send_next(const flood_t *flood, const listener_t *listener, unsigned long n)
{
    unsigned i = (unsigned)(n % PORTS);
    if (flood->cookies)
        send(sockets[i], hellos[i].bytes[n / PORTS % RANDOMS], hellos[i].length, 0);
    else
        send_spoofed(sockets[0], listener, n);
}

static void run_flood(const flood_t *flood, const listener_t *listener, progress_t *progress)
{
    if (flood->cookies) {
        open_sockets(flood, listener);
        get_cookies();
    } else {
        sockets[0] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    }
    progress->ready = true;
    for (double start = clock_us(); !progress->stop; usleep(SLICE_US)) {
        double due = (clock_us() - start) * flood->per_second / 1e6;
        while ((double)progress->sent < due)
            send_next(flood, listener, progress->sent++);
    }
}

/* ---- the clients ---- */

/* Starts a network with a round trip of 100 ms. Returns its port. */
static unsigned start_relay(const listener_t *listener, pid_t *pid)
{
    char port[16], line[64] = {0}, program[256];
    const char *build = getenv("BUILD");
    int output[2];
    CHECK_EQ(pipe(output), 0);
    snprintf(port, sizeof port, "%d", ntohs(listener->address.sin_port));
    snprintf(program, sizeof program, "%s/tests/peers/relay", build ? build : "build");
    *pid = fork();
    if (*pid == 0) {
        dup2(output[1], STDOUT_FILENO);
        execl(program, program, port, "to-server delay 50", "to-client delay 50", (char *)NULL);
        _exit(127);
    }
    close(output[1]);
    CHECK(read(output[0], line, sizeof line - 1) > 0);
    unsigned number = 0;
    CHECK_EQ(sscanf(line, "port %u", &number), 1);
    return number;
}

/* Connects once. Returns the seconds that it took, or a negative value if it failed. */
static double connect_once(unsigned port, const char *version)
{
    char text[16];
    const char *program = getenv("DTLSCAT");
    int status;
    double start = clock_us();
    snprintf(text, sizeof text, "%u", port);
    pid_t pid = fork();
    if (pid == 0) {
        setenv("DTLSCAT_PSK", "text:0123456789abcdef", 1);
        execl(program ? program : "build/dtlscat", "dtlscat", "-z", "-w", "5", "--dtls", version,
              "127.0.0.1", text, (char *)NULL);
        _exit(127);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return status == 0 ? (clock_us() - start) / 1e6 : -1;
}

static void try_clients(const char *name, unsigned port, const char *version)
{
    char figure[80];
    double worst = 0, times[TRIES];
    unsigned good = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        double took = connect_once(port, version);
        if (took >= 0)
            times[good++] = took;
        worst = took > worst ? took : worst;
    }
    snprintf(figure, sizeof figure, "clients of %s that connect within 5 s, of %d", version, TRIES);
    sample(figure, "clients", name, good);
    if (good == 0)
        return;
    snprintf(figure, sizeof figure, "-z with %s: median", version);
    sample(figure, "s", name, median_of(times, good));
    snprintf(figure, sizeof figure, "-z with %s: longest", version);
    sample(figure, "s", name, worst);
}

static void end(pid_t pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

static void withstand(const flood_t *flood, progress_t *progress)
{
    listener_t listener;
    pid_t relay;
    *progress = (progress_t){.sent = 0};
    listener_start(&listener, NULL);
    unsigned port = start_relay(&listener, &relay);
    unsigned long before = listener_resident_kb(&listener);
    pid_t pid = fork();
    if (pid == 0) {
        run_flood(flood, &listener, progress);
        _exit(0);
    }
    while (!progress->ready)
        usleep(1000);
    double start = clock_us(), cpu = listener_cpu_us(&listener);
    sleep(2);
    unsigned long early = listener_resident_kb(&listener);
    try_clients(flood->name, port, "1.2");
    try_clients(flood->name, port, "1.3");
    while (progress->sent < (flood->cookies ? 100000 : 1000000))
        usleep(10000);
    double took = clock_us() - start;
    sample("ClientHellos", "messages", flood->name, (double)progress->sent);
    sample("rate of ClientHellos", "1/s", flood->name, (double)progress->sent / took * 1e6);
    sample("processor time of the listener", "%", flood->name,
           (listener_cpu_us(&listener) - cpu) / took * 100);
    sample("memory before", "kB", flood->name, (double)before);
    sample("memory after 2 s", "kB", flood->name, (double)early);
    sample("memory at the end", "kB", flood->name, (double)listener_resident_kb(&listener));
    progress->stop = true;
    waitpid(pid, NULL, 0);
    end(relay);
    listener_end(&listener);
}

static void clients_during(const flood_t flood)
{
    progress_t *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(progress != MAP_FAILED);
    setvbuf(stdout, NULL, _IOLBF, 0);
    withstand(&flood, progress);
    munmap(progress, sizeof *progress);
}

TEST(spoofed_sources)
{
    clients_during((flood_t){"spoofed, 50,000/s", 1000000, 50000, false});
}

TEST(one_host)
{
    clients_during((flood_t){"one host, 10,000/s", 1, 10000, true});
}

TEST(one_fast_host)
{
    clients_during((flood_t){"one host, 50,000/s", 1, 50000, true});
}

TEST(many_hosts)
{
    clients_during((flood_t){"1,000 hosts, 10,000/s", 1000, 10000, true});
}
