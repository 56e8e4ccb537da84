#include "crypto/group.h"

#include "base/iana.h"
#include "dtls.h"

#include <strings.h>

/* X25519 is first, because it is faster than P-256 and its key shares are shorter. The finite
 * fields are for DHE_PSK only. */
static const group_t groups[] = {
    {GROUP_X25519, "x25519", DH_X25519, false},
    {GROUP_SECP256R1, "secp256r1", DH_P256, false},
    {GROUP_FFDHE2048, "ffdhe2048", DH_FFDHE2048, true},
    {GROUP_FFDHE3072, "ffdhe3072", DH_FFDHE3072, true},
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

const group_t *group_by_alg(dh_alg_t alg)
{
    const group_t *group;
    for (size_t n = 0; (group = group_at(n)) != NULL; n++)
        if (group->alg == alg)
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
    for (size_t n = 0; name && (group = group_at(n)) != NULL; n++)
        if (strcasecmp(name, group->name) == 0)
            return group->id;
    return 0;
}
