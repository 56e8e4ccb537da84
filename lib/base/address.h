/*
 * address.h - which bytes of a session_t name a peer.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "base/bytes.h"
#include "dtls.h"

#define ADDRESS_MAX 64

/* Family, address, port, and the scope of a link-local address; of a family that is not known,
 * the first bytes of the sockaddr. */
void put_host(writer_t *w, const session_t *session); /* all of that but the port */
/* What one sender may have many addresses in: the /32 of IPv4, the /64 of IPv6. */
void put_network(writer_t *w, const session_t *session);
void put_address(writer_t *w, const session_t *session);

#endif
