#include "options/parse.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/numbers.h"
#include "common/report.h"
#include "options/conflicts.h"
#include "options/help.h"
#include "options/hostport.h"
#include "options/optiontable.h"
#include "options/setters.h"
#include "options/unknown.h"
#include "options/value.h"

/* For an option without a letter, getopt(3) returns this plus the index of its row. */
#define LONG_ONLY 256
#define DEFAULT_HANDSHAKE_MS 20000
#define TRY "try dtlscat --help"
#define LONG_WORD 16 /* an argument with at least this number of characters may be a key */

static int code_of(size_t index)
{
    return option_rows[index].letter != 0 ? option_rows[index].letter : LONG_ONLY + (int)index;
}

static const struct row *row_of(int code)
{
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (code_of(i) == code)
            return &option_rows[i];
    return NULL;
}

static int code_of_json(void)
{
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].name != NULL && strcmp(option_rows[i].name, "json") == 0)
            return code_of(i);
    return -1;
}

static bool is_given(const bool *given, const char *name)
{
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].name != NULL && strcmp(option_rows[i].name, name) == 0)
            return given[i];
    return false;
}

static int show_version(void)
{
    printf("dtlscat %s\n", dtls_package_version());
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_IO;
}

/* ---- parsing -------------------------------------------------------------------------------- */

/* getopt(3) has found an error and set optopt. optopt is 0 for an unknown name, the letter for an
 * unknown letter, or the code of a known option that was given a value but takes none. The argument
 * that contains an unknown letter is argv[optind - 1] if the letter is the last one in it,
 * otherwise argv[optind]. */
static int report_unknown(int argc, char **argv)
{
    if (optopt == 0 || row_of(optopt) != NULL)
        unknown_name(argv[optind - 1]);
    else
        unknown_letter(optopt, argv[optind - 1], optind < argc ? argv[optind] : NULL);
    return EXIT_USAGE;
}

/* Reports that an option has no value. label is the option as typed; optopt is its code. */
static int report_missing(const char *label)
{
    char expected[EXPECTED_MAX];

    if (value_expected(expected, row_of(optopt)))
        report("%s needs a value: expected %s", label, expected);
    else
        report("%s needs a value; " TRY, label);
    return EXIT_USAGE;
}

static int takes(const struct row *row)
{
    if (row->argument == NULL)
        return no_argument;
    return row->optional ? optional_argument : required_argument;
}

static void fill_getopt(char *letters, struct option *names)
{
    *letters++ = ':'; /* makes getopt(3) return ':' if a value is missing */
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].letter != 0) {
            *letters++ = option_rows[i].letter;
            if (option_rows[i].argument != NULL)
                *letters++ = ':';
        }
        if (option_rows[i].name != NULL)
            *names++ =
                (struct option){option_rows[i].name, takes(&option_rows[i]), NULL, code_of(i)};
    }
}

bool options_find_json(const char **file, int argc, char **argv)
{
    char letters[2 * OPTION_ROWS + 2] = "", **copy = calloc((size_t)argc + 1, sizeof *copy);
    struct option names[OPTION_ROWS + 1] = {0};
    bool found = false;
    int code;

    fill_getopt(letters, names);
    opterr = 0;
    if (copy == NULL)
        return false;
    memcpy(copy, argv,
           (size_t)argc * sizeof *copy); /* getopt(3) changes the order of the arguments */
    while ((code = getopt_long(argc, copy, letters, names, NULL)) != -1)
        if (code == code_of_json()) {
            found = true;
            *file = optarg;
        }
    free(copy);
    optind = 0; /* glibc begins anew */
    return found;
}

static int parse_flags(struct options *options, bool given[OPTION_ROWS], int argc, char **argv)
{
    char letters[2 * OPTION_ROWS + 2] = "";
    struct option names[OPTION_ROWS + 1] = {0};
    int code, name = -1;

    fill_getopt(letters, names);
    opterr = 0;
    while ((code = getopt_long(argc, argv, letters, names, &name)) != -1) {
        if (code == '?')
            return report_unknown(argc, argv);
        if (code == ':')
            return report_missing(argv[optind - 1]);
        if (code == 'h')
            return help_show(name >= 0);
        if (code == 'V')
            return show_version();
        const struct row *row = row_of(code);
        if (!value_apply(row, options, optarg))
            return EXIT_USAGE;
        if (row->set == set_psk)
            options->after_psk = optarg == NULL ? argv[optind] : NULL;
        given[row - option_rows] = true;
        name = -1;
    }
    return OPTIONS_RUN;
}

/* ---- arguments ------------------------------------------------------------------------------ */

static bool begins_with(const char *word, const char *prefix)
{
    return strncmp(word, prefix, strlen(prefix)) == 0;
}

/* Returns true if word has the form of SPEC in --psk=SPEC. is_key is set to true if word
 * contains a key. */
static bool is_spec(const char *word, bool *is_key)
{
    static const struct {
        const char *prefix;
        bool is_key, whole;
    } forms[] = {{"file:", false, false}, {"env:", false, false}, {"fd:", false, false},
                 {"hex:", true, false},   {"text:", true, false}, {"b64:", true, false},
                 {"prompt", false, true}, {"new", false, true}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        *is_key = forms[i].is_key;
        if (forms[i].whole ? strcmp(word, forms[i].prefix) == 0
                           : begins_with(word, forms[i].prefix))
            return true;
    }
    return false;
}

/* Reports that --psk takes its value after "=". Repeats the argument that follows --psk, unless it
 * may be a key. */
static int report_psk_value(const struct options *options)
{
    bool is_key;
    const char *word = options->after_psk;

    if (word == NULL || !is_spec(word, &is_key))
        report("--psk takes its value after \"=\": write --psk=file:PATH");
    else if (is_key)
        report(
            "--psk takes its value after \"=\": write --psk=file:PATH, or --psk=%.*s:... (visible "
            "in ps)",
            (int)strcspn(word, ":"), word);
    else
        report("--psk takes its value after \"=\": write --psk=%.200s", word);
    return EXIT_USAGE;
}

/* Returns true if an argument may be a key, which an error line must not show. */
static bool may_be_key(const char *word)
{
    bool is_key;

    return (is_spec(word, &is_key) && is_key) || strlen(word) >= LONG_WORD;
}

/* Reports the first argument that is not expected. */
static int report_surplus(const struct options *options, const char *word)
{
    if (options->use_cid && !options->cid_given)
        report(
            "too many arguments: expected HOST PORT, or -l [ADDR] PORT; did you mean --cid=HEX?");
    else if (options->bare_psk)
        return report_psk_value(options);
    else if (may_be_key(word))
        report("too many arguments: expected HOST PORT, or -l [ADDR] PORT; to give a key, write "
               "--psk=file:PATH");
    else
        report("too many arguments: \"%s\" is not expected; " TRY, word);
    return EXIT_USAGE;
}

static bool read_port(const struct options *options, const char *text, unsigned long least,
                      uint16_t *port)
{
    if (parse_port(text, least, !options->net.numeric, port))
        return true;
    bool is_key;
    if (text == options->local_port && begins_with(text, "sk"))
        report("invalid -p value: expected a port; did you mean --psk?");
    else if (options->after_psk != NULL && is_spec(options->after_psk, &is_key))
        report_psk_value(options);
    else if (options->bare_psk) /* the user may have typed the key here: do not show it */
        report("the last argument is not a port: expected %lu-65535; to give a key, write "
               "--psk=file:PATH",
               least);
    else
        report("invalid port \"%.60s\": expected %lu-65535%s", text, least,
               options->net.numeric ? "" : " or a UDP service name");
    return false;
}

static int report_hostport(const struct options *options, const char *word, const char *wrong)
{
    if (options->bare_psk) /* the user may have typed the key here: do not show it */
        report("HOST %s", wrong);
    else
        report("\"%.200s\" %s", word, wrong);
    return EXIT_USAGE;
}

/* Parses the arguments HOST PORT, or HOST:PORT. */
static int read_words(struct options *options, int count, char **words)
{
    struct hostport *hostport = &options->hostport;
    const char *wrong = hostport_split(hostport, words[0]);

    if (wrong != NULL)
        return report_hostport(options, words[0], wrong);
    if (count > 1 && hostport->port != NULL)
        return report_surplus(options, words[1]);
    if (count > 1)
        hostport->port = words[1];
    else if (hostport->port == NULL)
        hostport->port = hostport->default_port;
    if (hostport->port != NULL)
        return OPTIONS_RUN;
    if (strchr(words[0], ':') != NULL)
        return report_hostport(options, words[0], "has no port: expected [ADDR]:PORT or ADDR PORT");
    report("PORT is missing: expected HOST PORT, or -l [ADDR] PORT; " TRY);
    return EXIT_USAGE;
}

/* Parses the arguments of a listener. Instead of the argument PORT, -p PORT may be given. */
static int parse_listener(struct options *options, int count, char **words)
{
    struct hostport *hostport = &options->hostport;
    char *both[] = {count > 0 ? words[0] : NULL, options->local_port};
    int wanted = options->local_port == NULL, code = OPTIONS_RUN;

    if (count > wanted + 1)
        return report_surplus(options, words[wanted + 1]);
    if (count < wanted) {
        report("PORT is missing: expected -l [ADDR] PORT; " TRY);
        return EXIT_USAGE;
    }
    if (count == 0)
        hostport->port = options->local_port;
    else if (!wanted)
        code = read_words(options, 2, both);
    else if (count == 1 && strchr(words[0], ':') == NULL)
        hostport->port = words[0];
    else
        code = read_words(options, count, words);
    if (code != OPTIONS_RUN)
        return code;
    options->net.host = hostport->host != NULL ? hostport->host : options->net.source;
    return read_port(options, hostport->port, 0, &options->net.port) ? OPTIONS_RUN : EXIT_USAGE;
}

static int parse_client(struct options *options, int count, char **words)
{
    if (count > 2)
        return report_surplus(options, words[2]);
    if (count == 0) {
        report("HOST and PORT are missing: expected HOST PORT, or -l [ADDR] PORT; " TRY);
        return EXIT_USAGE;
    }
    int code = read_words(options, count, words);
    if (code != OPTIONS_RUN)
        return code;
    options->net.host = options->hostport.host;
    bool good = read_port(options, options->hostport.port, 1, &options->net.port);
    if (good && options->local_port != NULL)
        good = read_port(options, options->local_port, 0, &options->net.source_port);
    return good ? OPTIONS_RUN : EXIT_USAGE;
}

/* The limits of -m and --sessions are for the whole run, but a worker does not know how many
 * clients the other workers have. The kernel distributes clients by a hash, so each worker gets an
 * equal share of the limits. */
static void divide_among_workers(struct options *options)
{
    if (options->workers == 0)
        return;
    options->max_clients = (options->max_clients + options->workers - 1) / options->workers;
    options->sessions = (options->sessions + options->workers - 1) / options->workers;
}

/* Sets the fields that depend on more than one option. */
static void complete(struct options *options)
{
    options->handshake_ms = options->wait_ms > 0 ? options->wait_ms : DEFAULT_HANDSHAKE_MS;
    options->close_at_eof |= options->send_only;
    options->broker |= options->chat;
    options->use_cid |= options->cid_move_newest;
    options->reports = options->verbose > 0 ||
                       (isatty(STDERR_FILENO) && (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO)));
}

static void set_defaults(struct options *options)
{
    *options = (struct options){.rate = -1};
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].standard != NULL)
            value_set_default(&option_rows[i], options, option_rows[i].standard);
}

/* Stores the defaults that -k changes. A field that another option has set keeps its value: -w, for
 * example, sets the limit of --idle. */
static void set_defaults_of_many(struct options *options, const bool given[OPTION_ROWS])
{
    static struct options untouched;

    set_defaults(&untouched);
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const struct row *row = &option_rows[i];
        if (row->many != NULL && !given[i] && value_is_same(row, options, &untouched))
            value_set_default(row, options, row->many);
    }
}

int options_parse(struct options *options, int argc, char **argv)
{
    bool given[OPTION_ROWS] = {false};

    set_defaults(options);
    int code = parse_flags(options, given, argc, argv);
    if (code != OPTIONS_RUN)
        return code;
    if (!conflicts_check(options, given))
        return EXIT_USAGE;
    options->window_given = is_given(given, "window");
    options->linger_given = given[row_of('q') - option_rows];
    if (options->keep)
        set_defaults_of_many(options, given);
    complete(options);
    divide_among_workers(options);
    if (options->keygen)
        return optind == argc ? OPTIONS_RUN : report_surplus(options, argv[optind]);
    if (options->listen)
        return parse_listener(options, argc - optind, argv + optind);
    return parse_client(options, argc - optind, argv + optind);
}
