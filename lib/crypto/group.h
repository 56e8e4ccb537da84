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

const group_t *group_at(size_t n);         /* the nth in default order; NULL past the end */
const group_t *group_by_id(uint16_t id);   /* NULL if we do not support id */
const group_t *group_by_alg(dh_alg_t alg); /* NULL if no group uses alg */

#endif
