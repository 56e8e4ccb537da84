/*
 * address.h - the bytes of a session_t that identify a peer.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "base/bytes.h"
#include "dtls.h"

#define ADDRESS_MAX 64

/* Writes the address family and the IP address. A link-local IPv6 address is followed by its scope.
 * For a family other than AF_INET and AF_INET6, writes the bytes of sa_data. */
void put_host(writer_t *w, const session_t *session);
/* Writes the prefix that one sender is assumed to control: the /32 of IPv4, the /64 of IPv6. */
void put_network(writer_t *w, const session_t *session);
/* Writes the host and the port. At most ADDRESS_MAX bytes. */
void put_address(writer_t *w, const session_t *session);

#endif
