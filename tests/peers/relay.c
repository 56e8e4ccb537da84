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
 *     DIRECTION only N     pass N more datagrams, and drop all later ones
 *     DIRECTION hold N     N > 0: pass and drop nothing, datagrams wait; 0: pass those that wait
 *     DIRECTION forge N    send N damaged copies of the next datagram before it
 *     DIRECTION delay N    delay each datagram by N ms
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

enum { CLIENTS = 64, DATAGRAM = 65536, LINE = 256, NEVER = -1 };
enum { TO_SERVER, TO_CLIENT, DIRECTIONS };
enum { COMMANDS, LISTENER, FIRST_CLIENT }; /* indices of the descriptors to poll */

typedef struct {
    const char *name;
    unsigned long every, share, larger, mtu, next, nth, only, hold, delay, forge;
    unsigned long eligible, passed, dropped;
} direction_t;

typedef struct {
    struct sockaddr_in address;
    /* Sockets. abandoned is the one before rebind; its datagrams are lost. */
    int upstream, abandoned;
    long rebind; /* datagrams until rebind; NEVER: none */
} client_t;

/* A datagram that is sent when it is due. */
typedef struct delayed delayed_t;
struct delayed {
    delayed_t *next;
    uint64_t due;
    int socket;
    struct sockaddr_in to; /* family AF_UNSPEC: the peer to which the socket is connected */
    size_t length;
    char datagram[];
};

static delayed_t *first_delayed; /* ordered by time */
static direction_t directions[DIRECTIONS] = {{.name = "to-server"}, {.name = "to-client"}};
static client_t clients[CLIENTS];
static size_t client_count;
static long rebind_after = NEVER;
static uint64_t random_state;
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
    random_state = value;
    fprintf(stderr, "relay: seed %llu\n", (unsigned long long)value);
}

static unsigned percentile(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (unsigned)((z ^ (z >> 31)) % 100);
}

static void rebind(long after)
{
    rebind_after = after;
    for (size_t i = 0; i < client_count; i++)
        clients[i].rebind = after;
}

static unsigned long *number_of(const char *direction, const char *word)
{
    for (direction_t *d = directions; d < directions + DIRECTIONS; d++) {
        const struct {
            const char *word;
            unsigned long *number;
        } rules[] = {{"every", &d->every}, {"share", &d->share}, {"larger", &d->larger},
                     {"mtu", &d->mtu},     {"next", &d->next},   {"nth", &d->nth},
                     {"only", &d->only},   {"hold", &d->hold},   {"delay", &d->delay},
                     {"forge", &d->forge}};

        for (size_t i = 0; i < sizeof rules / sizeof *rules && !strcmp(d->name, direction); i++)
            if (!strcmp(rules[i].word, word))
                return rules[i].number;
    }
    return NULL;
}

static void print_count(void)
{
    unsigned long count = 0;

    for (const direction_t *d = directions; d < directions + DIRECTIONS; d++)
        count += d->passed + d->dropped;
    printf("%lu datagrams\n", count);
}

static void take_rule(const char *rule)
{
    char direction[LINE], word[LINE];
    unsigned long number, *place;

    if (strlen(rule) < LINE && sscanf(rule, "%s %s %lu", direction, word, &number) == 3 &&
        (place = number_of(direction, word)) != NULL)
        *place =
            number + (place == &directions[TO_SERVER].only || place == &directions[TO_CLIENT].only);
    else if (sscanf(rule, "rebind %lu", &number) == 1)
        rebind((long)number);
    else if (sscanf(rule, "seed %lu", &number) == 1)
        seed(number);
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

static bool is_dropped(direction_t *direction, size_t length)
{
    if (direction->next > 0) {
        direction->next--;
        return true;
    }
    if (direction->only == 1 || (direction->nth > 0 && --direction->nth == 0))
        return true;
    if (direction->mtu > 0 && length > direction->mtu)
        return true;
    if (length <= direction->larger)
        return false;
    return (direction->every > 0 && ++direction->eligible % direction->every == 0) ||
           (direction->share > 0 && percentile() < direction->share);
}

/* Returns true if the datagram is not dropped, and counts it. */
static bool passes(direction_t *direction, size_t length)
{
    bool dropped = is_dropped(direction, length);

    direction->dropped += dropped;
    direction->passed += !dropped;
    if (!dropped && direction->only > 1)
        direction->only--;
    return !dropped;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void transmit(int fd, const struct sockaddr_in *to, const char *datagram, size_t length)
{
    bool connected = to->sin_family == AF_UNSPEC;

    sendto(fd, datagram, length, 0, connected ? NULL : (const struct sockaddr *)to,
           connected ? 0 : sizeof *to);
}

static void put_on_the_way(int fd, const struct sockaddr_in *to, const char *datagram,
                           size_t length, unsigned long delay)
{
    delayed_t **place = &first_delayed, *delayed = malloc(sizeof *delayed + length);

    if (!delayed)
        die("no memory");
    *delayed = (delayed_t){.due = now_ms() + delay, .socket = fd, .to = *to, .length = length};
    memcpy(delayed->datagram, datagram, length);
    while (*place && (*place)->due <= delayed->due)
        place = &(*place)->next;
    delayed->next = *place;
    *place = delayed;
}

/* Sends copies of the datagram whose last byte differs, so that the record in it does not authenticate. */
static void forge(direction_t *direction, int fd, const struct sockaddr_in *to,
                  const char *datagram, size_t length)
{
    static char copy[DATAGRAM];

    memcpy(copy, datagram, length);
    copy[length - 1] ^= 1;
    for (; direction->forge > 0; direction->forge--)
        transmit(fd, to, copy, length);
}

static void forward(direction_t *direction, int fd, const struct sockaddr_in *to,
                    const char *datagram, size_t length)
{
    if (!passes(direction, length))
        return;
    forge(direction, fd, to, datagram, length);
    if (direction->delay > 0)
        put_on_the_way(fd, to, datagram, length, direction->delay);
    else
        transmit(fd, to, datagram, length);
}

static void deliver_what_is_due(void)
{
    while (first_delayed && first_delayed->due <= now_ms()) {
        delayed_t *delayed = first_delayed;

        first_delayed = delayed->next;
        transmit(delayed->socket, &delayed->to, delayed->datagram, delayed->length);
        free(delayed);
    }
}

/* Returns the time until the next delayed datagram is due, or NULL if there is none. */
static const struct timespec *until_due(struct timespec *wait)
{
    uint64_t now = now_ms();

    if (!first_delayed)
        return NULL;
    uint64_t ms = first_delayed->due > now ? first_delayed->due - now : 0;
    *wait = (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    return wait;
}

static void relay_to_server(void)
{
    static const struct sockaddr_in connected = {.sin_family = AF_UNSPEC};
    char datagram[DATAGRAM];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t length =
        recvfrom(listener, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &size);

    if (length < 0)
        return;
    client_t *client = client_at(&from);
    if (!client) {
        directions[TO_SERVER].dropped++;
        return;
    }
    count_down_rebind(client);
    forward(&directions[TO_SERVER], client->upstream, &connected, datagram, (size_t)length);
}

static void relay_to_client(const client_t *client)
{
    char datagram[DATAGRAM];
    ssize_t length = recv(client->upstream, datagram, sizeof datagram, 0);

    if (length >= 0)
        forward(&directions[TO_CLIENT], listener, &client->address, datagram, (size_t)length);
}

static void lose(const client_t *client)
{
    char datagram[DATAGRAM];

    if (recv(client->abandoned, datagram, sizeof datagram, 0) >= 0)
        directions[TO_CLIENT].dropped++;
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
    seed((uint64_t)time(NULL) << 20 | (uint64_t)getpid());
    for (int i = 2; i < argc; i++)
        take_rule(argv[i]);
    listener = open_socket();
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %u\n", (unsigned)ntohs(address.sin_port));
    while (!ended)
        turn(&before);
    for (const direction_t *d = directions; d < directions + DIRECTIONS; d++)
        printf("%s passed %lu dropped %lu\n", d->name, d->passed, d->dropped);
    return 0;
}
