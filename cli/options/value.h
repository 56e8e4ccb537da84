/*
 * value.h - parses the value of an option, and stores it in struct options. The row of the option
 * in the option table determines how.
 */
#ifndef VALUE_H
#define VALUE_H

#include "options/optiontable.h"

/* Parses and stores a value. value is the text as typed, or NULL if there is none. Returns false
 * after reporting an invalid value. */
bool value_apply(const struct row *row, struct options *options, char *value);

/* Writes what an error line expects as the value of an option. Returns false if the option table
 * does not describe its value. */
#define EXPECTED_MAX 128
bool value_expected(char text[EXPECTED_MAX], const struct row *row);

/* Stores the default value of an option. standard is that value, as typed on the command line. */
void value_set_default(const struct row *row, struct options *options, const char *standard);

/* Returns true if the field of the row has the same value in a and b. */
bool value_is_same(const struct row *row, const struct options *a, const struct options *b);

#endif
