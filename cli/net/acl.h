/*
 * acl.h - --allow and --deny: from which addresses a listener takes datagrams. Others never get an answer.
 */
#ifndef ACL_H
#define ACL_H

#include <netinet/in.h>

#include "dtls.h"

#define ACL_RULES 256

struct acl_rule {
    struct in6_addr network; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;
};

struct acl_list {
    struct acl_rule rules[ACL_RULES];
    size_t count;
};

/* What is denied is denied; of the rest, what is allowed, if anything is; else everything. */
struct acl {
    struct acl_list allow, deny;
};

/* Addresses and networks (10.0.0.0/8), separated by commas. NULL, or which is wrong, and why. */
const char *acl_add(struct acl_list *list, char *text);

bool acl_allows(const struct acl *acl, const session_t *session);

#endif
