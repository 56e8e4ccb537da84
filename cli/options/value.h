/*
 * value.h - parses the value of an option and stores it in struct options, by the row of the option.
 */
#ifndef VALUE_H
#define VALUE_H

#include "options/optiontable.h"

/* Parses and stores a value. value: as typed; NULL: none. Returns false after reporting an invalid value. */
bool value_apply(const struct row *row, struct options *options, char *value);

/* Stores a default. standard: the default as typed. */
void value_set_default(const struct row *row, struct options *options, const char *standard);

/* True if the field of the row has the same value in a and b. */
bool value_is_same(const struct row *row, const struct options *a, const struct options *b);

#endif
