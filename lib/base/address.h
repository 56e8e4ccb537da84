/*
 * address.h - the bytes of a session_t that identify a peer.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "base/bytes.h"
#include "dtls.h"

#define ADDRESS_MAX 64

/* Writes the address family and the IP address. For a link-local IPv6 address, also writes the
 * scope. For a family other than AF_INET and AF_INET6, writes the bytes of sa_data. */
void put_host(writer_t *w, const session_t *session);
/* Writes the network of an address: the whole address for IPv4, the first 64 bits for IPv6. The
 * limits per network count by these bytes, because one sender can usually send from every address
 * of an IPv6 /64. */
void put_network(writer_t *w, const session_t *session);
/* Writes what put_host() writes, then the port: at most ADDRESS_MAX bytes in all. */
void put_address(writer_t *w, const session_t *session);

#endif
