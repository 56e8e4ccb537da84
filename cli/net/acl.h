/*
 * acl.h - --allow and --deny: checks the source address of each datagram that a listener receives.
 * A datagram that is not accepted gets no response.
 */
#ifndef ACL_H
#define ACL_H

#include <netinet/in.h>

#include "dtls.h"

#define ACL_RULES 256

struct acl_rule {
    struct in6_addr network; /* an IPv4 address is stored as ::ffff:a.b.c.d */
    unsigned bits;           /* length of the prefix in bits, 0 to 128 */
};

struct acl_list {
    struct acl_rule rules[ACL_RULES];
    size_t count;
};

/* A deny rule has precedence over an allow rule. If there are allow rules, an address must match
 * one of them. */
struct acl {
    struct acl_list allow, deny;
};

/* Adds the addresses and networks of a list such as "192.0.2.1,10.0.0.0/8". Changes text. Returns
 * NULL, or an error that begins with the invalid item. */
const char *acl_add(struct acl_list *list, char *text);

/* Returns true if the rules accept a datagram from this address. */
bool acl_allows(const struct acl *acl, const session_t *session);

#endif
