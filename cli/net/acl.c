#include "net/acl.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/numbers.h"

#define MAPPED_BITS 96 /* bits before the IPv4 address in ::ffff:a.b.c.d */

static const struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

static bool read_address(struct acl_rule *rule, const char *text, unsigned *offset)
{
    bool v6 = strchr(text, ':') != NULL;

    rule->network = mapped;
    *offset = v6 ? 0 : MAPPED_BITS;
    return v6 ? inet_pton(AF_INET6, text, &rule->network) == 1
              : inet_pton(AF_INET, text, rule->network.s6_addr + MAPPED_BITS / 8) == 1;
}

static bool read_rule(struct acl_rule *rule, char *text)
{
    char *rest = text, *address = strsep(&rest, "/");
    unsigned offset;

    if (!read_address(rule, address, &offset))
        return false;
    unsigned long bits = 128 - offset;
    if (rest != NULL && !parse_number(rest, 0, 128 - offset, &bits))
        return false;
    rule->bits = offset + (unsigned)bits;
    return true;
}

/* Returns true if no bits are set beyond the prefix. 10.0.0.1/8 is an error: it probably means one
 * address, but would allow 10.0.0.0/8. */
static bool is_network(const struct acl_rule *rule)
{
    for (unsigned bit = rule->bits; bit < 128; bit++)
        if ((rule->network.s6_addr[bit / 8] & 0x80 >> bit % 8) != 0)
            return false;
    return true;
}

/* Returns NULL on success. Otherwise returns the reason: the error line is the list item and
 * this reason. */
static const char *add_rule(struct acl_list *list, char *text)
{
    struct acl_rule *rule = &list->rules[list->count];

    if (list->count == ACL_RULES)
        return "is one too many: the limit is 256 addresses and networks";
    if (!read_rule(rule, text))
        return "is not a valid address or network: expected one such as 192.0.2.1, 192.0.2.0/24 or "
               "2001:db8::/32";
    if (!is_network(rule))
        return "has bits set beyond its prefix: expected a network such as 192.0.2.0/24, or an "
               "address such as 192.0.2.1";
    list->count++;
    return NULL;
}

const char *acl_add(struct acl_list *list, char *text)
{
    static char wrong[192];
    char *item, shown[64];

    while ((item = strsep(&text, ",")) != NULL) {
        snprintf(shown, sizeof shown, "%s", item); /* read_rule() changes the item */
        const char *reason = add_rule(list, item);
        if (reason == NULL)
            continue;
        snprintf(wrong, sizeof wrong, "\"%s\" %s", shown, reason);
        return wrong;
    }
    return NULL;
}

static bool matches(const struct acl_rule *rule, const struct in6_addr *address)
{
    unsigned whole = rule->bits / 8, rest = rule->bits % 8;

    if (memcmp(rule->network.s6_addr, address->s6_addr, whole) != 0)
        return false;
    return rest == 0 || (rule->network.s6_addr[whole] ^ address->s6_addr[whole]) >> (8 - rest) == 0;
}

static bool contains(const struct acl_list *list, const struct in6_addr *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (matches(&list->rules[i], address))
            return true;
    return false;
}

bool acl_allows(const struct acl *acl, const session_t *session)
{
    struct in6_addr address = mapped;

    if (acl->allow.count + acl->deny.count == 0)
        return true;
    if (session->addr.sa.sa_family == AF_INET6)
        address = session->addr.sin6.sin6_addr;
    else
        memcpy(address.s6_addr + MAPPED_BITS / 8, &session->addr.sin.sin_addr, 4);
    return !contains(&acl->deny, &address) &&
           (acl->allow.count == 0 || contains(&acl->allow, &address));
}
