/*
 * route.h - what the kernel knows about addresses of this host and about the way to a peer. One
 * socket of each family is opened at the start and used for all questions, since the sandbox permits
 * no new socket. Nothing is sent on these sockets.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "dtls.h"

/* Opens the sockets. Call this once in each process, before the sandbox: processes must not share
 * the sockets. Without this call, they are opened when they are first needed. */
void route_open(void);

/* Returns a socket that is connected to a peer, or -1. The kernel has selected its local address, and
 * reports its path MTU. The socket is valid until the next call of a function of this header. */
int route_to(const session_t *to);

/* Returns true if no interface of this host has the address any more. */
bool route_is_lost(const session_t *own);

#define ROUTE_INTERFACE_MAX 16
/* Writes the name of a network interface. Returns false if there is none with this index. */
bool route_interface_name(char name[ROUTE_INTERFACE_MAX], unsigned index);
/* Returns the index of a network interface, or 0 if there is none with this name. */
unsigned route_interface_index(const char *name);

#endif
