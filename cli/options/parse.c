#include "options/parse.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/home.h"
#include "common/numbers.h"
#include "common/say.h"
#include "options/agree.h"
#include "options/endpoint.h"
#include "options/optiontable.h"
#include "options/unknown.h"
#include "stream/window.h"

#define LONG_ONLY 256 /* code of a row without a letter: this plus its index */
#define DEFAULT_HANDSHAKE_MS 20000
#define DEFAULT_LOST_MS 30000
#define DEFAULT_LINGER_MS 500
#define DEFAULT_IDLE_MS 300000 /* of one client among many */
#define DEFAULT_MAX_CLIENTS 1024
#define DEFAULT_SESSIONS 1024
#define TRY "try dtlscat --help"

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

/* ---- help ----------------------------------------------------------------------------------- */

static const char help_head[] =
    "Netcat for DTLS with pre-shared keys: stdin to the peer, its data to stdout.\n"
    "\n"
    "  dtlscat [options] HOST PORT       connect; also HOST:PORT, coaps://HOST\n"
    "  dtlscat [options] -l [ADDR] PORT  listen; port 0 takes a free one and names it\n"
    "\n";

static const char help_tail[] =
    "\n"
    "TIME is in seconds, or has a unit: 500ms, 2s, 1m, 1h.\n"
    "\n"
    "--psk=SPEC, one of:\n"
    "  file:PATH  one key, or lines IDENTITY:KEY (psktool and stunnel files as they\n"
    "             are); the file must not be readable by group or others\n"
    "  env:VAR    fd:N    prompt    new (listener: make a key and show it)\n"
    "  hex:...    text:...    b64:...   visible to others in ps\n"
    "Keys from elsewhere may carry the tags hex: text: b64:, too. Without a tag, 32\n"
    "or more hex digits are hex, printable text is text, and what could be either is\n"
    "refused. Without SPEC: $DTLSCAT_PSK, else the file $DTLSCAT_PSK_FILE,\n"
    "else a client asks and a listener makes a key and shows it. The identity of a\n"
    "client is --identity, else that of the only line of the file, else \"" OPTIONS_DEFAULT_IDENTITY
    "\".\n"
    "\n"
    "Exit: 0 done, 1 I/O, 2 usage or bad key, 3 unknown name, 4 refused, 5 no answer,\n"
    "6 wrong key or identity, 7 handshake failed or no DTLS, 8 peer failed after it,\n"
    "9 silence, 10 loss (--fail-on-loss), 11 program of -e failed, 128+n signal n.\n";

static void show_row(const struct row *row)
{
    char left[40];
    int used = row->letter != 0 ? snprintf(left, sizeof left, "  -%c%s", row->letter,
                                           row->name != NULL ? ", " : "")
                                : snprintf(left, sizeof left, "%4s", "");

    if (row->name != NULL)
        used += snprintf(left + used, sizeof left - (size_t)used, "--%s", row->name);
    if (row->takes != NONE)
        snprintf(left + used, sizeof left - (size_t)used, row->takes == OPTIONAL ? "[=%s]" : " %s",
                 row->argument);
    printf("%-23s %s\n", left, row->help);
}

static int show_help(void)
{
    fputs(help_head, stdout);
    for (size_t i = 0; i < OPTION_ROWS; i++)
        show_row(&option_rows[i]);
    fputs(help_tail, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_IO;
}

static int show_version(void)
{
    printf("dtlscat %s\n", dtls_package_version());
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_IO;
}

/* ---- parsing -------------------------------------------------------------------------------- */

/* optopt is the code of an option that exists but takes no value, 0 for an unknown name, or an unknown letter.
 * The word of that letter is at optind if more letters follow it, else before. */
static int say_unknown(int argc, char **argv)
{
    if (optopt == 0 || row_of(optopt) != NULL)
        unknown_name(argv[optind - 1]);
    else
        unknown_letter(optopt, argv[optind - 1], optind < argc ? argv[optind] : NULL);
    return EXIT_USAGE;
}

static bool apply(const struct row *row, struct options *options, char *value)
{
    if (row->apply != NULL)
        return row->apply(options, value);
    if (row->takes == NONE) {
        memcpy((char *)options + row->field, &(bool){true}, sizeof(bool));
        return true;
    }
    if (strcmp(row->argument, "FILE") == 0)
        value = home_path(value);
    memcpy((char *)options + row->field, &value, sizeof value);
    if (value == NULL)
        say("out of memory");
    return value != NULL;
}

static void fill_getopt(char *letters, struct option *names)
{
    *letters++ = ':'; /* getopt(3): tell a missing argument from an unknown option */
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].letter != 0) {
            *letters++ = option_rows[i].letter;
            if (option_rows[i].takes == REQUIRED)
                *letters++ = ':';
        }
        if (option_rows[i].name != NULL)
            *names++ =
                (struct option){option_rows[i].name, (int)option_rows[i].takes, NULL, code_of(i)};
    }
}

static int parse_flags(struct options *options, int argc, char **argv)
{
    char letters[2 * OPTION_ROWS + 2] = "";
    struct option names[OPTION_ROWS + 1] = {0};
    int code;

    fill_getopt(letters, names);
    opterr = 0;
    while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        if (code == '?')
            return say_unknown(argc, argv);
        if (code == ':') {
            say("%s: the value is missing; " TRY, argv[optind - 1]);
            return EXIT_USAGE;
        }
        if (code == 'h')
            return show_help();
        if (code == 'V')
            return show_version();
        if (!apply(row_of(code), options, optarg))
            return EXIT_USAGE;
    }
    return OPTIONS_RUN;
}

static int say_surplus(const struct options *options)
{
    if (options->use_cid && !options->own_cid)
        say("unexpected argument: HOST PORT, or -l [ADDR] PORT, is all; did you mean --cid=HEX?");
    else
        say("unexpected argument: HOST PORT, or -l [ADDR] PORT, is all; did you mean --psk=hex:... "
            "(visible in ps; better --psk=file:PATH)?");
    return EXIT_USAGE;
}

static bool read_port(const struct options *options, const char *text, unsigned long least,
                      uint16_t *port)
{
    if (parse_port(text, least, !options->net.numeric, port))
        return true;
    if (text == options->local_port && strncmp(text, "sk", 2) == 0)
        say("-p: no port; did you mean --psk?");
    else if (options->bare_psk) /* the word may be the key: show nothing of it */
        say("the last argument is no port; a key is given as --psk=file:PATH");
    else
        say("\"%.60s\" is no port: give a number %lu..65535%s", text, least,
            options->net.numeric ? "" : " or the name of a UDP service");
    return false;
}

static int say_endpoint(const struct options *options, const char *word, const char *wrong)
{
    if (options->bare_psk) /* as in read_port() */
        say("HOST %s", wrong);
    else
        say("\"%.200s\" %s", word, wrong);
    return EXIT_USAGE;
}

/* HOST PORT, or both in one word. */
static int read_words(struct options *options, int count, char **words)
{
    struct endpoint *endpoint = &options->endpoint;
    const char *wrong = endpoint_split(endpoint, words[0]);

    if (wrong != NULL)
        return say_endpoint(options, words[0], wrong);
    if (count > 1 && endpoint->port != NULL)
        return say_surplus(options);
    if (count > 1)
        endpoint->port = words[1];
    else if (endpoint->port == NULL)
        endpoint->port = endpoint->default_port;
    if (endpoint->port != NULL)
        return OPTIONS_RUN;
    if (strchr(words[0], ':') != NULL)
        return say_endpoint(options, words[0], "has no port: write [ADDR]:PORT, or ADDR PORT");
    say("PORT is missing: dtlscat HOST PORT, or dtlscat -l [ADDR] PORT; " TRY);
    return EXIT_USAGE;
}

/* -p PORT is another way to write the last word. */
static int parse_listener(struct options *options, int count, char **words)
{
    struct endpoint *endpoint = &options->endpoint;
    char *both[] = {count > 0 ? words[0] : NULL, options->local_port};
    int wanted = options->local_port == NULL, code = OPTIONS_RUN;

    if (count > wanted + 1)
        return say_surplus(options);
    if (count < wanted) {
        say("-l: on which port? dtlscat -l [ADDR] PORT; " TRY);
        return EXIT_USAGE;
    }
    if (count == 0)
        endpoint->port = options->local_port;
    else if (!wanted)
        code = read_words(options, 2, both);
    else if (count == 1 && strchr(words[0], ':') == NULL)
        endpoint->port = words[0];
    else
        code = read_words(options, count, words);
    if (code != OPTIONS_RUN)
        return code;
    options->net.host = endpoint->host != NULL ? endpoint->host : options->net.source;
    return read_port(options, endpoint->port, 0, &options->net.port) ? OPTIONS_RUN : EXIT_USAGE;
}

static int parse_caller(struct options *options, int count, char **words)
{
    if (count > 2)
        return say_surplus(options);
    if (count == 0) {
        say("HOST and PORT are missing: dtlscat HOST PORT, or dtlscat -l [ADDR] PORT; " TRY);
        return EXIT_USAGE;
    }
    int code = read_words(options, count, words);
    if (code != OPTIONS_RUN)
        return code;
    options->net.host = options->endpoint.host;
    bool good = read_port(options, options->endpoint.port, 1, &options->net.port);
    if (good && options->local_port != NULL)
        good = read_port(options, options->local_port, 0, &options->net.source_port);
    return good ? OPTIONS_RUN : EXIT_USAGE;
}

/* What follows from what was given. */
static void complete(struct options *options)
{
    options->handshake_ms = options->wait_ms > 0 ? options->wait_ms : DEFAULT_HANDSHAKE_MS;
    if (options->max_clients == 0)
        options->max_clients = options->keep ? DEFAULT_MAX_CLIENTS : 1;
    if (options->keep && !options->own_idle)
        options->idle_ms = DEFAULT_IDLE_MS;
    if (options->keep && !options->own_sessions)
        options->sessions = DEFAULT_SESSIONS;
    options->close_at_eof |= options->send_only;
    options->broker |= options->chat;
    options->reports = options->verbose > 0 ||
                       (isatty(STDERR_FILENO) && (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO)));
}

int options_parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){.linger_ms = DEFAULT_LINGER_MS,
                                .lost_ms = DEFAULT_LOST_MS,
                                .cookie = DTLS_COOKIE_ON,
                                .rate = -1,
                                .window = WINDOW_BYTES};
    int code = parse_flags(options, argc, argv);

    if (code != OPTIONS_RUN)
        return code;
    if (!options_agree(options))
        return EXIT_USAGE;
    complete(options);
    if (options->keygen)
        return optind == argc ? OPTIONS_RUN : say_surplus(options);
    if (options->listen)
        return parse_listener(options, argc - optind, argv + optind);
    return parse_caller(options, argc - optind, argv + optind);
}
