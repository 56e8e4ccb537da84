/*
 * optiontable.h - the table of all options. The parser and the help use it. A test checks that the
 * manual and the completions list the same options.
 */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include "options/options.h"

/* The headings of options in --help and in the manual. */
enum section {
    SECTION_PEERS,
    SECTION_KEYS,
    SECTION_DATA,
    SECTION_TIME,
    SECTION_HANDSHAKE,
    SECTION_RESUMPTION,
    SECTION_DATAGRAMS,
    SECTION_OUTPUT,
    SECTION_TESTS,
    SECTION_COUNT
};

/* The kinds of values. */
enum kind {
    KIND_FLAG,    /* takes no argument; `value` is stored */
    KIND_TEXT,    /* a text, stored as const char * */
    KIND_FILE,    /* a path, stored as const char *; "~/" at its beginning is expanded */
    KIND_NUMBER,  /* an integer from `least` to `most` */
    KIND_SIZE,    /* a number of bytes, as in 64k or 20M: 0, or at least `least` */
    KIND_SECONDS, /* a time in ms: a number without a unit is in seconds */
    KIND_MS,      /* a time in ms: a number without a unit is in ms */
    KIND_CHOICE,  /* one of the names in `choices`; the number next to the name is stored */
    KIND_SET      /* the function `set` parses the value and stores it */
};

/* What an option needs: another option, or a version that the other options do not exclude. */
enum need {
    NEEDS_LISTENER = 1 << 0,
    NEEDS_CLIENT = 1 << 1,
    NEEDS_MANY = 1 << 2,   /* -k */
    NEEDS_TICKET = 1 << 3, /* --resume; always met by a listener, which issues tickets */
    NEEDS_12 = 1 << 4,
    NEEDS_13 = 1 << 5,
    NEEDS_EMS = 1 << 6,
    NEEDS_JSON = 1 << 7
};

struct choice {
    const char *name; /* NULL: the end of the list */
    unsigned value;
};

struct row {
    char letter;          /* the short option without "-"; 0: none */
    const char *name;     /* the long option without "--"; NULL: none */
    const char *argument; /* what --help calls the value; NULL: the option has no value */
    enum section section;
    const char *help;
    enum kind kind;
    size_t field, width; /* offset and size of the member of struct options for the value */
    int64_t value;       /* KIND_FLAG: what the option stores */
    int64_t least, most;
    /* what an error line expects instead of an invalid value; NULL: set() reports the error */
    const char *unit;
    const char *standard; /* the default value, as typed on the command line; NULL: 0 or none */
    const char *many;     /* the default value with -k; NULL: the same as without -k */
    const struct choice *choices;
    /* KIND_SET: parses a value and stores it; returns false if the value is invalid */
    bool (*set)(struct options *options, char *value);
    bool optional;  /* the value may be missing: --name[=VALUE] */
    bool brief;     /* -h shows the option too */
    unsigned needs; /* values of enum need, combined with | */
    /* options that conflict with this option, separated by spaces: "-e -c" */
    const char *excludes;
};

#define OPTION_ROWS 76

extern const struct row option_rows[OPTION_ROWS];

extern const char *const section_names[SECTION_COUNT];

#define LABEL_MAX 32

/* Writes the name of an option: "-k" if it has a letter, otherwise "--idle". Returns text. */
const char *option_label(char text[LABEL_MAX], const struct row *row);

#endif
