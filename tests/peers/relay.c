/*
 * relay.c - a relay between UDP programs on this machine, which loses and delays datagrams by rules.
 *
 *     relay PORT [RULE]...
 *
 * The relay listens on a free port of 127.0.0.1 and prints it ("port 40001"). It sends what it
 * receives there to PORT, and the responses back. Each source address has a socket of its own
 * towards PORT. A RULE is an argument, or a line on standard input at any time. The relay prints
 * such a line on standard output when the rule is in effect. On SIGTERM it prints the datagrams
 * passed and dropped in each direction, and exits.
 *
 *     DIRECTION every N    drop each Nth datagram; 0: none
 *     DIRECTION share N    drop N percent, at random
 *     DIRECTION larger N   "every" and "share" apply only to datagrams of more than N bytes
 *     DIRECTION mtu N      drop all datagrams of more than N bytes; 0: none
 *     DIRECTION next N     drop the next N datagrams
 *     DIRECTION nth N      drop the Nth datagram from now on, and no other
 *     DIRECTION only N     drop all but the next N datagrams
 *     DIRECTION hold N     N > 0: pass and drop nothing, datagrams wait; 0: pass those that wait
 *     DIRECTION forge N    send N damaged copies of the next datagram before it
 *     DIRECTION delay N    delay each datagram by N ms
 *     DIRECTION cut N      drop all datagrams of the first N clients
 *     sim SPEC             rules of dtlscat --sim: out is to-server, in is to-client
 *     rebind N             change the port towards PORT once per client, after N more datagrams
 *     seed N               seed of the random numbers
 *     count                print how many datagrams were passed and dropped so far ("40 datagrams")
 *
 * DIRECTION is to-server or to-client.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "net/impairspec.h"
#include "net/sim.h"

enum { CLIENTS = 64, DATAGRAM = 65536, LINE = 256, NEVER = -1 };
enum { TO_SERVER = IMPAIR_OUT, TO_CLIENT = IMPAIR_IN, DIRECTIONS = IMPAIR_DIRECTIONS };
enum { COMMANDS, LISTENER, FIRST_CLIENT }; /* indices of the descriptors to poll */

/* The events of a direction that rules change: each has its place. */
enum { EVERY, NEXT, NTH, ONLY, EVENTS };

typedef struct {
    const char *name;
    unsigned long every, larger, hold, forge, cut;
    uint32_t share;         /* in millionths */
    unsigned long eligible; /* datagrams to which "every" has applied */
    unsigned long lost;     /* datagrams that were lost before any rule applied */
} direction_t;

typedef struct {
    struct sockaddr_in address;
    /* Sockets. abandoned is the one before rebind; its datagrams are lost. */
    int upstream, abandoned;
    long rebind; /* datagrams until rebind; NEVER: none */
} client_t;

static struct sim sim; /* the mark of a datagram is the socket that sends it */
static direction_t directions[DIRECTIONS] = {{.name = "to-server"}, {.name = "to-client"}};
static client_t clients[CLIENTS];
static size_t client_count;
static long rebind_after = NEVER;
static int listener;
static struct sockaddr_in server;
static volatile sig_atomic_t ended;

static void end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("relay: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

/* ---- rules --------------------------------------------------------------- */

static void seed(uint64_t value)
{
    for (unsigned i = 0; i < DIRECTIONS; i++)
        sim.ways[i].stream = impair_stream(value, i);
    fprintf(stderr, "relay: seed %llu\n", (unsigned long long)value);
}

static void set_event(unsigned direction, unsigned place, uint64_t first, uint64_t last)
{
    sim.config.rules[direction].events[place] =
        (struct impair_event){.effect = IMPAIR_DROP, .first = first, .last = last};
}

static void clear_events(void)
{
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        for (unsigned place = 0; place < EVENTS; place++)
            set_event(i, place, 1, 0);
        sim.config.rules[i].event_count = EVENTS;
    }
}

static void take_spec(const char *spec)
{
    char item[IMPAIRSPEC_ITEM];
    const char *expected;

    for (unsigned i = 0; i < DIRECTIONS; i++)
        sim.config.rules[i].chance[IMPAIR_DROP] = directions[i].share;
    expected = impairspec_parse(&sim.config, spec, item);
    if (expected)
        die("'%s': expected %s", item, expected);
    for (unsigned i = 0; i < DIRECTIONS; i++)
        directions[i].share = sim.config.rules[i].chance[IMPAIR_DROP];
    if (sim.config.seeded)
        seed(sim.config.seed);
}

static void rebind(long after)
{
    rebind_after = after;
    for (size_t i = 0; i < client_count; i++)
        clients[i].rebind = after;
}

/* Returns the number of a rule that this file applies. */
static unsigned long *number_of(direction_t *d, const char *word)
{
    const struct {
        const char *word;
        unsigned long *number;
    } rules[] = {{"every", &d->every},
                 {"larger", &d->larger},
                 {"hold", &d->hold},
                 {"forge", &d->forge},
                 {"cut", &d->cut}};

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].word, word))
            return rules[i].number;
    return NULL;
}

/* Sets a rule of the simulated network. */
static bool set_rule(unsigned direction, const char *word, unsigned long number)
{
    struct impair_rules *rules = &sim.config.rules[direction];
    uint64_t next = sim.ways[direction].counts.datagrams + 1;

    if (!strcmp(word, "share"))
        directions[direction].share = (uint32_t)number * (IMPAIR_ALWAYS / 100);
    else if (!strcmp(word, "mtu"))
        rules->mtu = number;
    else if (!strcmp(word, "delay"))
        rules->delay_us = (int64_t)number * 1000;
    else if (!strcmp(word, "next"))
        set_event(direction, NEXT, next, next + number - 1);
    else if (!strcmp(word, "nth"))
        set_event(direction, NTH, next + number - 1, next + number - 1);
    else if (!strcmp(word, "only"))
        set_event(direction, ONLY, next + number, UINT64_MAX);
    else
        return false;
    return true;
}

static bool take_rule_of_direction(const char *name, const char *word, unsigned long number)
{
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        unsigned long *place = number_of(&directions[i], word);

        if (strcmp(directions[i].name, name) != 0)
            continue;
        if (place)
            *place = number;
        return place || set_rule(i, word, number);
    }
    return false;
}

static uint64_t dropped(unsigned direction)
{
    return sim_dropped(&sim, direction) + directions[direction].lost;
}

static uint64_t passed(unsigned direction)
{
    return sim.ways[direction].counts.datagrams - sim_dropped(&sim, direction);
}

static void print_count(void)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < DIRECTIONS; i++)
        count += passed(i) + dropped(i);
    printf("%llu datagrams\n", (unsigned long long)count);
}

static void take_rule(const char *rule)
{
    char direction[LINE], word[LINE];
    unsigned long number;

    if (strlen(rule) < LINE && sscanf(rule, "%s %s %lu", direction, word, &number) == 3 &&
        take_rule_of_direction(direction, word, number))
        return;
    if (sscanf(rule, "rebind %lu", &number) == 1)
        rebind((long)number);
    else if (sscanf(rule, "seed %lu", &number) == 1)
        seed(number);
    else if (strncmp(rule, "sim ", 4) == 0)
        take_spec(rule + 4);
    else if (strcmp(rule, "count") == 0)
        print_count();
    else
        die("what is '%s'?", rule);
}

/* Reads standard input and obeys its whole lines. Returns false at its end. */
static bool take_commands(void)
{
    static char line[LINE];
    static size_t length;
    ssize_t count = read(STDIN_FILENO, line + length, sizeof line - 1 - length);

    if (count <= 0)
        return false;
    length += (size_t)count;
    line[length] = '\0';
    for (char *newline; (newline = strchr(line, '\n')) != NULL;) {
        *newline = '\0';
        take_rule(line);
        puts(line);
        length -= (size_t)(newline + 1 - line);
        memmove(line, newline + 1, length + 1);
    }
    return true;
}

/* ---- sockets ------------------------------------------------------------- */

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_socket(void)
{
    const struct sockaddr_in any_port = loopback(0);
    const int room = 1 << 22;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&any_port, sizeof any_port) < 0)
        die("no socket: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return fd;
}

static int open_upstream(void)
{
    int fd = open_socket();

    if (connect(fd, (const struct sockaddr *)&server, sizeof server) < 0)
        die("no way to the server: %s", strerror(errno));
    return fd;
}

/* Returns the client with this address, or a new one. Returns NULL if there are too many
 * clients. */
static client_t *client_at(const struct sockaddr_in *address)
{
    for (size_t i = 0; i < client_count; i++)
        if (clients[i].address.sin_addr.s_addr == address->sin_addr.s_addr &&
            clients[i].address.sin_port == address->sin_port)
            return &clients[i];
    if (client_count == CLIENTS)
        return NULL;
    client_t *client = &clients[client_count++];
    *client = (client_t){
        .address = *address, .upstream = open_upstream(), .abandoned = -1, .rebind = rebind_after};
    return client;
}

static void count_down_rebind(client_t *client)
{
    if (client->rebind == NEVER || client->rebind-- > 0)
        return;
    if (client->abandoned >= 0)
        close(client->abandoned);
    client->abandoned = client->upstream;
    client->upstream = open_upstream();
}

/* ---- datagrams ----------------------------------------------------------- */

/* Returns true if the datagram is lost because of the client that has sent it or is to get it. */
static bool is_cut(direction_t *direction, const client_t *client)
{
    bool cut = !client || (size_t)(client - clients) < direction->cut;

    direction->lost += cut;
    return cut;
}

/* Sets the rules that depend on the length of the datagram. */
static void set_rules_for(unsigned direction, size_t length)
{
    direction_t *d = &directions[direction];
    bool large = length > d->larger;
    uint64_t number = sim.ways[direction].counts.datagrams + 1;
    bool hit = large && d->every > 0 && ++d->eligible % d->every == 0;

    set_event(direction, EVERY, number, hit ? number : 0);
    sim.config.rules[direction].chance[IMPAIR_DROP] = large ? d->share : 0;
}

static void transmit(int fd, const session_t *to, const uint8_t *datagram, size_t length)
{
    bool connected = to->size == 0;

    sendto(fd, datagram, length, 0, connected ? NULL : &to->addr.sa, to->size);
}

/* Sends copies of the datagram whose last byte differs, so that the record in it does not authenticate. */
static void forge(direction_t *direction, int fd, const session_t *to, const uint8_t *datagram,
                  size_t length)
{
    static uint8_t copy[DATAGRAM];

    memcpy(copy, datagram, length);
    copy[length - 1] ^= 1;
    for (; direction->forge > 0; direction->forge--)
        transmit(fd, to, copy, length);
}

static void deliver_what_is_due(void)
{
    struct delayed *due;
    int64_t now_us = clock_us();

    for (unsigned i = 0; i < DIRECTIONS; i++)
        while ((due = sim_take(&sim, i, now_us)) != NULL) {
            transmit(due->mark, &due->peer, due->data, due->length);
            free(due);
        }
}

static void forward(unsigned direction, int fd, const session_t *to, const uint8_t *datagram,
                    size_t length)
{
    uint64_t before = passed(direction);

    set_rules_for(direction, length);
    sim_put(&sim, direction, &(struct sim_batch){to, fd, datagram, length, length}, clock_us());
    if (passed(direction) > before)
        forge(&directions[direction], fd, to, datagram, length);
    deliver_what_is_due();
}

/* Returns the time until the next delayed datagram is due, or NULL if there is none. */
static const struct timespec *until_due(struct timespec *wait)
{
    int64_t due_us = clock_sooner(sim_next_us(&sim, IMPAIR_OUT), sim_next_us(&sim, IMPAIR_IN));

    if (due_us == CLOCK_NEVER)
        return NULL;
    int64_t us = clock_later(due_us - clock_us(), 0);
    *wait = (struct timespec){(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
    return wait;
}

static void relay_to_server(void)
{
    static const session_t connected = {.size = 0};
    uint8_t datagram[DATAGRAM];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t length =
        recvfrom(listener, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &size);

    if (length < 0)
        return;
    client_t *client = client_at(&from);
    if (is_cut(&directions[TO_SERVER], client))
        return;
    count_down_rebind(client);
    forward(TO_SERVER, client->upstream, &connected, datagram, (size_t)length);
}

static void relay_to_client(const client_t *client)
{
    uint8_t datagram[DATAGRAM];
    session_t to = {.size = sizeof client->address, .addr.sin = client->address};
    ssize_t length = recv(client->upstream, datagram, sizeof datagram, 0);

    if (length >= 0 && !is_cut(&directions[TO_CLIENT], client))
        forward(TO_CLIENT, listener, &to, datagram, (size_t)length);
}

static void lose(const client_t *client)
{
    char datagram[DATAGRAM];

    if (recv(client->abandoned, datagram, sizeof datagram, 0) >= 0)
        directions[TO_CLIENT].lost++;
}

static short unless_held(int direction)
{
    return directions[direction].hold > 0 ? 0 : POLLIN;
}

/* Waits for input, and handles one datagram of each socket. Signals are handled only while it
 * waits. */
static void turn(const sigset_t *signals)
{
    static bool commands = true;
    struct pollfd polled[FIRST_CLIENT + 2 * CLIENTS] = {
        [COMMANDS] = {commands ? STDIN_FILENO : -1, POLLIN, 0},
        [LISTENER] = {listener, unless_held(TO_SERVER), 0}};
    const size_t count = client_count;
    struct timespec wait;

    for (size_t i = 0; i < count; i++) {
        struct pollfd *of = &polled[FIRST_CLIENT + 2 * i];

        of[0] = (struct pollfd){clients[i].upstream, unless_held(TO_CLIENT), 0};
        of[1] = (struct pollfd){clients[i].abandoned, POLLIN, 0};
    }
    if (ppoll(polled, FIRST_CLIENT + 2 * count, until_due(&wait), signals) < 0)
        return;
    deliver_what_is_due();
    if (polled[COMMANDS].revents)
        commands = take_commands();
    for (size_t i = 0; i < count; i++) {
        const struct pollfd *of = &polled[FIRST_CLIENT + 2 * i];

        if (of[0].revents)
            relay_to_client(&clients[i]);
        if (of[1].revents)
            lose(&clients[i]);
    }
    if (polled[LISTENER].revents)
        relay_to_server();
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = end};
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    sigset_t blocked, before;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    sigaction(SIGTERM, &action, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2)
        die("usage: relay PORT [RULE]...");
    server = loopback((unsigned)strtoul(argv[1], NULL, 10));
    clear_events();
    seed((uint64_t)time(NULL) << 20 | (uint64_t)getpid());
    for (int i = 2; i < argc; i++)
        take_rule(argv[i]);
    listener = open_socket();
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %u\n", (unsigned)ntohs(address.sin_port));
    while (!ended)
        turn(&before);
    for (unsigned i = 0; i < DIRECTIONS; i++)
        printf("%s passed %llu dropped %llu\n", directions[i].name, (unsigned long long)passed(i),
               (unsigned long long)dropped(i));
    return 0;
}
