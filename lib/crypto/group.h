/*
 * group.h - the groups for ECDHE and DHE, one row each.
 */
#ifndef GROUP_H
#define GROUP_H

#include "crypto/crypto.h"

typedef struct {
    uint16_t id;
    const char *name;
    dh_alg_t alg;
    bool finite_field;
} group_t;

/* Returns the nth group in default order; NULL: n is past the end. */
const group_t *group_at(size_t n);
const group_t *group_by_id(uint16_t id);   /* returns NULL if we do not support the group */
const group_t *group_by_alg(dh_alg_t alg); /* returns NULL if no group uses this algorithm */

#endif
