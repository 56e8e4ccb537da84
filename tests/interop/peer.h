/*
 * peer.h - what the peers in C and C++ have in common: arguments and a socket.
 *
 *     PEER server|client PORT IDENTITY KEY SUITE
 *
 * KEY is in hex, SUITE an IANA number in hex. A server of port 0 prints "port N", then echoes one
 * message; a client sends one, and prints what comes back. Exit 3: the peer has not that suite.
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
    int socket; /* connected to the other side */
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
}

/* A server has then seen the first datagram, but not read it. */
static inline void open_socket(const char *port)
{
    static struct sockaddr_in address;
    struct sockaddr *generic = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (peer.server) {
        char byte;
        if (bind(peer.socket, generic, size) || getsockname(peer.socket, generic, &size)) {
            die("bind", 0);
        }
        printf("port %d\n", ntohs(address.sin_port));
        fflush(stdout);
        if (recvfrom(peer.socket, &byte, 1, MSG_PEEK, generic, &size) < 0)
            die("recvfrom", 0);
    }
    if (connect(peer.socket, generic, size))
        die("connect", 0);
}
#endif
