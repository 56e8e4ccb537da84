/*
 * peer.h - what the peers in C and C++ have in common: arguments and a socket.
 *
 *     PEER server|client PORT IDENTITY KEY SUITE
 *
 * KEY is in hex, SUITE an IANA number in hex. A server of port 0 prints "port N", then echoes one
 * message; a client sends one, and prints what comes back. Exit 3: the peer does not support the suite.
 * $FEATURE is one more thing to do; a peer that does not support it exits with 3 as well:
 *
 *     ticket, id   two sessions; the second resumes the first, by ticket or by session ID
 *     early        two sessions by ticket; the second client sends its message as early data
 *     psk_ke       PSK without (EC)DHE
 *     group        a server takes secp256r1 alone; a client brings a key share of x25519 alone
 *     cookie       a server asks for a cookie in DTLS 1.3
 *     rekey        two messages
 *     update       two messages, with a KeyUpdate of the peer between the two
 *     cid          two messages and Connection IDs; the address of the client may change in between. A client
 *                  in DTLS 1.2 answers heartbeats if the peer supports them
 *     export       prints "PEER export HEX": 32 bytes of keying material of the label below
 */
#ifndef PEER_H
#define PEER_H
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT = 150, HAS_NOT = 3, LINE = 256 };

static const char greeting[] = "from client\n";
static const char export_label[] = "EXPERIMENTAL interop";
enum { EXPORT_SIZE = 32 };

static struct {
    bool server;
    const char *identity;
    unsigned char key[64];
    size_t key_size;
    unsigned suite;
    const char *feature; /* "" for none */
    int sessions;        /* one after the other */
    int messages;        /* per session */
    bool ticket;         /* there are tickets */
    bool roams; /* server: the address of the client may change; the socket is not connected */
    int socket;
} peer;

static inline void die(const char *what, long code)
{
    fprintf(stderr, "PEER %s: %ld\n", what, code);
    exit(1);
}

static inline void has_not(void)
{
    fprintf(stderr, "PEER has not suite %04x\n", peer.suite);
    exit(HAS_NOT);
}

static inline bool wants(const char *feature)
{
    return strcmp(peer.feature, feature) == 0;
}
static inline bool is_dtls13(void)
{
    return peer.suite >> 8 == 0x13;
}

/* FEATURES is a list of words, each followed by a space. */
static inline void supports(const char *features)
{
    char word[LINE];
    snprintf(word, sizeof word, "%s ", peer.feature);
    if (peer.feature[0] && !strstr(features, word)) {
        fprintf(stderr, "PEER has not feature %s\n", peer.feature);
        exit(HAS_NOT);
    }
}

static inline void print_exported(const unsigned char *bytes)
{
    fprintf(stderr, "PEER export ");
    for (int i = 0; i < EXPORT_SIZE; i++)
        fprintf(stderr, "%02x", bytes[i]);
    fprintf(stderr, "\n");
}

static inline void take_arguments(int count, char **arguments)
{
    if (count != 6) {
        fprintf(stderr, "usage: %s server|client PORT IDENTITY KEY SUITE\n", arguments[0]);
        exit(2);
    }
    alarm(LIMIT);
    peer.server = strcmp(arguments[1], "server") == 0;
    peer.identity = arguments[3];
    const char *hex = arguments[4];
    while (peer.key_size < sizeof peer.key &&
           sscanf(hex + 2 * peer.key_size, "%2hhx", &peer.key[peer.key_size]) == 1) {
        peer.key_size++;
    }
    peer.suite = (unsigned)strtoul(arguments[5], NULL, 16);
    const char *feature = getenv("FEATURE");
    peer.feature = feature ? feature : "";
    peer.sessions = wants("ticket") || wants("id") || wants("early") ? 2 : 1;
    peer.messages = wants("rekey") || wants("update") || wants("cid") ? 2 : 1;
    peer.ticket = wants("ticket") || wants("early");
    peer.roams = peer.server && wants("cid");
}

static struct sockaddr_in server_side, other_side;

static inline void connect_socket(void)
{
    if (connect(peer.socket, (struct sockaddr *)&other_side, sizeof other_side))
        die("connect", 0);
}

/* The port stays the same, and open. */
static inline void bind_server(void)
{
    socklen_t size = sizeof server_side;
    int fresh = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
    setsockopt(fresh, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fresh, (struct sockaddr *)&server_side, size) ||
        getsockname(fresh, (struct sockaddr *)&server_side, &size)) {
        die("bind", 0);
    }
    if (peer.socket >= 0)
        close(peer.socket);
    peer.socket = fresh;
}

/* A server has then seen the first datagram of a handshake, but not read it. */
static inline void await_client(void)
{
    socklen_t size = sizeof other_side;
    char type;
    while (recvfrom(peer.socket, &type, 1, MSG_PEEK, (struct sockaddr *)&other_side, &size) == 1 &&
           type != 22) {
        recv(peer.socket, &type, 1, 0); /* the end of another session, once more */
        size = sizeof other_side;
    }
    if (!peer.roams)
        connect_socket();
}

static inline void open_socket(const char *port)
{
    server_side.sin_family = AF_INET;
    server_side.sin_port = htons((unsigned short)atoi(port));
    server_side.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.socket = -1;
    if (peer.server) {
        bind_server();
        printf("port %d\n", ntohs(server_side.sin_port));
        fflush(stdout);
        await_client();
        return;
    }
    other_side = server_side;
    peer.socket = socket(AF_INET, SOCK_DGRAM, 0);
    connect_socket();
}

/* A client comes from another port, a server serves another client. */
static inline void open_next_socket(void)
{
    if (peer.server) {
        bind_server();
        await_client();
        return;
    }
    close(peer.socket);
    peer.socket = socket(AF_INET, SOCK_DGRAM, 0);
    connect_socket();
}

/* Where the client roams, its address is that of its latest datagram. TIMEOUT is in ms, 0: none; then 0 is
 * returned. */
static inline int receive_from_client(void *data, size_t room, int timeout)
{
    socklen_t size = sizeof other_side;
    struct pollfd ready = {.fd = peer.socket, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, timeout ? timeout : -1) == 0)
        return 0;
    return (int)recvfrom(peer.socket, data, room, 0, (struct sockaddr *)&other_side, &size);
}

static inline int send_to_client(const void *data, size_t size)
{
    return (int)sendto(peer.socket, data, size, 0, (struct sockaddr *)&other_side,
                       sizeof other_side);
}
#endif
