/*
 * optiontable.h - the table of all options. The parser and the help read it; a test compares the manual and the
 * completions with it.
 */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include "options/options.h"

/* A heading in the help and in the manual. */
enum section {
    SECTION_PEERS,
    SECTION_KEYS,
    SECTION_DATA,
    SECTION_TIME,
    SECTION_HANDSHAKE,
    SECTION_RESUMPTION,
    SECTION_DATAGRAMS,
    SECTION_OUTPUT,
    SECTION_COUNT
};

/* The kind of value that an option has. */
enum kind {
    KIND_FLAG,    /* no value: the constant of the row is stored in the field */
    KIND_TEXT,    /* const char * */
    KIND_FILE,    /* const char *, with a leading ~/ expanded */
    KIND_NUMBER,  /* an integer of any width */
    KIND_SIZE,    /* a number of bytes, as in 64k or 20M: 0, or at least `least` */
    KIND_SECONDS, /* a time in ms: a number without a unit is in seconds */
    KIND_MS,      /* a time in ms: a number without a unit is in ms */
    KIND_CHOICE,  /* one of the names in `choices` */
    KIND_SET      /* parsed by `set` */
};

/* What an option needs of the rest of the command line. */
enum need {
    NEEDS_LISTENER = 1 << 0,
    NEEDS_CLIENT = 1 << 1,
    NEEDS_MANY = 1 << 2,   /* -k */
    NEEDS_TICKET = 1 << 3, /* --resume, or a listener */
    NEEDS_12 = 1 << 4,
    NEEDS_13 = 1 << 5,
    NEEDS_EMS = 1 << 6
};

struct choice {
    const char *name; /* NULL: the end of the list */
    unsigned value;
};

struct row {
    char letter;          /* 0: none */
    const char *name;     /* NULL: none */
    const char *argument; /* name of the value in the help; NULL: no value */
    enum section section;
    const char *help;
    enum kind kind;
    size_t field, width; /* offset and size of a member of struct options */
    int64_t value;       /* KIND_FLAG: the constant */
    int64_t least, most;
    const char *unit;     /* the expected value, for an error line; NULL: set() reports the error */
    const char *standard; /* the default, as typed; NULL: 0 or none */
    const char *many;     /* the default with -k, as typed; NULL: the same */
    const struct choice *choices;
    bool (*set)(struct options *options, char *value); /* false: invalid value */
    bool optional;                                     /* the value is optional: --name[=VALUE] */
    bool brief;                                        /* shown by -h, too */
    unsigned needs;                                    /* bits of enum need */
    const char *excludes; /* labels of options that conflict with it, separated by spaces */
};

#define OPTION_ROWS 62

extern const struct row option_rows[OPTION_ROWS];

extern const char *const section_names[SECTION_COUNT];

#define LABEL_MAX 32

/* Writes the name of an option for an error line to text: "-k" if it has a letter, else "--idle". Returns text. */
const char *option_label(char text[LABEL_MAX], const struct row *row);

#endif
