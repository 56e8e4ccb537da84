/*
 * address.h - addresses as text, and those of this host.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "dtls.h"

#define NET_NAME_MAX 80 /* "[fe80::1%interface]:65535" */

/* "127.0.0.1:5684", "[::1]:5684". Returns text, which holds NET_NAME_MAX. */
const char *net_name(char *text, const session_t *session);

/* The address without the port; IPv4 also where it is mapped into IPv6. */
void address_show(char *host, size_t size, const session_t *session);
uint16_t address_port(const session_t *session);

bool address_is_same_host(const session_t *a, const session_t *b);

/* The own address of a socket; AF_UNSPEC: it has none. */
session_t address_of_socket(int fd);
/* Whether an own address is none of this host any more. */
bool address_is_lost(const session_t *own);

#endif
