/*
 * optiontable.h - every option of the command line, written once.
 */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include "options/options.h"

enum argument { NONE, REQUIRED, OPTIONAL };

struct row {
    char letter;      /* 0: none */
    const char *name; /* NULL: none */
    enum argument takes;
    const char *argument; /* its name in the help */
    const char *help;
    size_t field; /* without apply: the bool to set or the text to fill in */
    bool (*apply)(struct options *options, char *value); /* false: said what is wrong */
};

#define OPTION_ROWS 62

extern const struct row option_rows[OPTION_ROWS];

#endif
