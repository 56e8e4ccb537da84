/*
 * value.h - the value of an option into its field, by its row.
 */
#ifndef VALUE_H
#define VALUE_H

#include "options/optiontable.h"

/* value: as typed, NULL: none. False: it is wrong, which is reported. */
bool value_apply(const struct row *row, struct options *options, char *value);

/* Fills in a default. */
void value_set_default(const struct row *row, struct options *options, const char *standard);

/* Whether both have the same value in that field. */
bool value_is_same(const struct row *row, const struct options *a, const struct options *b);

#endif
