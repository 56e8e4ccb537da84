#include "group.h"

#include "dtls.h"
#include "iana.h"

#include <strings.h>

/* X25519 first: shorter shares, less time, and fewer ways to get it wrong. */
static const group_t groups[] = {
    {GROUP_X25519, "x25519", DH_X25519},
    {GROUP_SECP256R1, "secp256r1", DH_P256},
};

const group_t *group_at(size_t n)
{
    return n < sizeof groups / sizeof *groups ? &groups[n] : NULL;
}

const group_t *group_by_id(uint16_t id)
{
    const group_t *group;
    for (size_t n = 0; (group = group_at(n)) != NULL; n++)
        if (group->id == id)
            return group;
    return NULL;
}

const char *dtls_group_name(uint16_t id)
{
    const group_t *group = group_by_id(id);
    return group ? group->name : NULL;
}

uint16_t dtls_group_find(const char *name)
{
    const group_t *group;
    for (size_t n = 0; (group = group_at(n)) != NULL; n++)
        if (strcasecmp(name, group->name) == 0)
            return group->id;
    return 0;
}
