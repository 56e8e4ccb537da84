/*
 * peer.h - what the peers in C and C++ have in common: arguments and a socket.
 *
 *     PEER server|client PORT IDENTITY KEY SUITE
 *
 * KEY is in hex, SUITE an IANA number in hex. A server of port 0 prints "port N", then echoes one
 * message; a client sends one, and prints what comes back. Exit 3: the peer has not that suite.
 * With $RESUME, ticket or id, some do that twice, and resume.
 */
#ifndef PEER_H
#define PEER_H
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT = 20, HAS_NOT = 3, LINE = 256 };

static const char greeting[] = "from client\n";

static struct {
    bool server;
    const char *identity;
    unsigned char key[64];
    size_t key_size;
    unsigned suite;
    int sessions; /* one after the other */
    bool ticket;  /* there are tickets */
    int socket;   /* connected to the other side */
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
    const char *resume = getenv("RESUME");
    peer.sessions = resume ? 2 : 1;
    peer.ticket = resume && strcmp(resume, "ticket") == 0;
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
    }
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
#endif
