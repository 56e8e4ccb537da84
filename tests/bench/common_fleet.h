/*
 * common_fleet.h - many clients of one listener, in this process. All clients share a socket. Each client has an
 * address 127.1.x.y of its own.
 */
#ifndef COMMON_FLEET_H
#define COMMON_FLEET_H

#include "common_listener.h"
#include "dtls.h"

enum { FLEET_MAX = 60000, FLEET_DATAGRAM = 2048 };

typedef struct {
    dtls_context_t *ctx;
    int fd;
    struct sockaddr_in server;
    size_t connected, ended;
    bool hold; /* the next datagram is stored in `held`, and not sent */
    struct in_addr held_from;
    uint8_t held[FLEET_DATAGRAM];
    size_t held_length;
} fleet_t;

/* Prepares the clients. suite: the IANA number of their cipher suite; 0: the default suites. */
void fleet_start(fleet_t *fleet, const listener_t *listener, uint16_t suite);
/* Connects the clients first..first+count-1, at most `at_once` at a time. Returns how many seconds
 * that took. */
double fleet_connect(fleet_t *fleet, unsigned first, unsigned count, unsigned at_once);
void fleet_close(fleet_t *fleet, unsigned first, unsigned count);
/* Processes the datagrams that arrive within this time. */
void fleet_receive(fleet_t *fleet, int milliseconds);
/* Seals a message of client n. fleet_send() sends that message. */
void fleet_seal(fleet_t *fleet, unsigned n, const uint8_t *data, size_t length);
void fleet_send(fleet_t *fleet);
void fleet_end(fleet_t *fleet);

#endif
