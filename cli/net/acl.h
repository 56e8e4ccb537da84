/*
 * acl.h - --allow and --deny: the addresses from which a listener accepts datagrams. A datagram
 * from any other address is dropped without a response.
 */
#ifndef ACL_H
#define ACL_H

#include <netinet/in.h>

#include "dtls.h"

#define ACL_RULES 256

struct acl_rule {
    struct in6_addr network; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;           /* length of the prefix, 0 to 128 */
};

struct acl_list {
    struct acl_rule rules[ACL_RULES];
    size_t count;
};

/* A deny rule has precedence. If there is an allow rule, an address must match one of them. */
struct acl {
    struct acl_list allow, deny;
};

/* Adds addresses and networks such as 10.0.0.0/8, separated by commas. Changes text. Returns NULL,
 * or the error, which names the wrong item. */
const char *acl_add(struct acl_list *list, char *text);

/* True if the rules accept a datagram from this address. */
bool acl_allows(const struct acl *acl, const session_t *session);

#endif
