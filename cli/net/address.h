/*
 * address.h - addresses as text, and the local addresses of this host.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "dtls.h"

#define NET_NAME_MAX 80 /* "[fe80::1%interface]:65535" */

/* Formats an address as 127.0.0.1:5684 or [::1]:5684. text has room for NET_NAME_MAX. Returns text.
 * */
const char *net_name(char *text, const session_t *session);

/* Formats the address without the port. An IPv4-mapped IPv6 address is shown as IPv4. */
void address_show(char *host, size_t size, const session_t *session);
uint16_t address_port(const session_t *session);

/* True if the IP addresses are equal. Both have the same family. */
bool address_is_same_host(const session_t *a, const session_t *b);

/* Returns the local address of a socket. The family is AF_UNSPEC if getsockname(2) fails. */
session_t address_of_socket(int fd);
/* True if a local address has been removed from this host. */
bool address_is_lost(const session_t *own);

#endif
