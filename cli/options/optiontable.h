/*
 * optiontable.h - every option of the command line, written once: the parser and the help read this table, and
 * the manual and the completions are held against it.
 */
#ifndef OPTIONTABLE_H
#define OPTIONTABLE_H

#include "options/options.h"

/* A heading of the help and of the manual. */
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

/* What the value of an option is. */
enum kind {
    KIND_FLAG,    /* none: puts the constant of the row into the field */
    KIND_TEXT,    /* const char * */
    KIND_FILE,    /* const char *, with ~/ expanded */
    KIND_NUMBER,  /* an integer of any size */
    KIND_SIZE,    /* bytes: 64k, 20M; 0, or at least `least` */
    KIND_SECONDS, /* a time in ms: a number without a unit is in seconds */
    KIND_MS,      /* a time in ms: a number without a unit is in ms */
    KIND_CHOICE,  /* one of `choices` */
    KIND_SET      /* `set` reads it */
};

/* What a command line has to be for an option to make sense. */
enum need {
    NEEDS_LISTENER = 1 << 0,
    NEEDS_CLIENT = 1 << 1,
    NEEDS_MANY = 1 << 2, /* -k */
    NEEDS_TICKET = 1 << 3,
    NEEDS_12 = 1 << 4,
    NEEDS_13 = 1 << 5,
    NEEDS_EMS = 1 << 6
};

struct choice {
    const char *name; /* NULL: after the last one */
    unsigned value;
};

struct row {
    char letter;          /* 0: none */
    const char *name;     /* NULL: none */
    const char *argument; /* its name in the help; NULL: the option takes none */
    enum section section;
    const char *help;
    enum kind kind;
    size_t field, width; /* of struct options */
    int64_t value;       /* of a flag */
    int64_t least, most;
    const char *unit; /* what the value is, in an error line; NULL: set() reports what is wrong */
    const char *standard; /* the default, as it would be typed; NULL: 0 or none */
    const char *many;     /* another default with -k */
    const struct choice *choices;
    bool (*set)(struct options *options, char *value); /* false: what is wrong is reported */
    bool optional;                                     /* the argument may be left out */
    bool brief;                                        /* in the short help, too */
    unsigned needs;                                    /* enum need */
    const char *excludes;                              /* options, separated by spaces */
};

#define OPTION_ROWS 62

extern const struct row option_rows[OPTION_ROWS];

extern const char *const section_names[SECTION_COUNT];

/* "-k", "--idle": the letter if the option has one. */
#define LABEL_MAX 32
const char *option_label(char text[LABEL_MAX], const struct row *row);

#endif
