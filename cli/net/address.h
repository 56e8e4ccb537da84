/*
 * address.h - formats addresses as text, and finds the local addresses of this host.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "dtls.h"

#define NET_NAME_MAX 80 /* fits a name such as "[fe80::1%interface]:65535" */

/* Writes address and port as 127.0.0.1:5684 or [::1]:5684. text must have room for NET_NAME_MAX
 * characters. Returns text. */
const char *net_name(char *text, const session_t *session);

/* Writes an address without its port. An IPv4-mapped IPv6 address is written as IPv4. */
void address_show(char *host, size_t size, const session_t *session);
uint16_t address_port(const session_t *session);

/* Returns true if the IP addresses are equal, whatever the ports. Both addresses must have the same
 * family. */
bool address_is_same_host(const session_t *a, const session_t *b);

/* Returns true for a loopback address, such as 127.0.0.1 or ::1. */
bool address_is_loopback(const session_t *session);

/* Returns the local address of a socket. If getsockname(2) fails, the family is AF_UNSPEC. */
session_t address_of_socket(int fd);

#endif
