#include "options/help.h"

#include <stdio.h>

#include "common/exit.h"
#include "options/optiontable.h"

static const char head[] =
    "Netcat for DTLS with pre-shared keys: sends stdin, prints what the peer sends.\n"
    "  dtlscat [options] HOST PORT       connect; also HOST:PORT, coaps://HOST\n"
    "  dtlscat [options] -l [ADDR] PORT  listen; port 0: pick a free port, report it\n";

static const char tail[] =
    "\n"
    "TIME is in seconds, or has a unit: 500ms, 2s, 1m, 1h.\n"
    "\n"
    "--psk=SPEC names the source of the key:\n"
    "  file:PATH  a file with one key, or with lines IDENTITY:KEY as psktool and\n"
    "             stunnel write them; only its owner may have access\n"
    "  env:VAR    an environment variable\n"
    "  fd:N       an open descriptor\n"
    "  prompt     the terminal\n"
    "  new        a listener generates a key and shows it\n"
    "  hex:...    text:...    b64:...   the key itself, which others can see in ps\n"
    "A key that is read or typed may also begin with hex:, text: or b64:. Otherwise\n"
    "32 or more hex digits are read as hex, other printable text as text, and an\n"
    "ambiguous key is an error. Without SPEC, the key is in $DTLSCAT_PSK, else in the\n"
    "file $DTLSCAT_PSK_FILE. If neither is set, a client prompts for the key, and a\n"
    "listener generates one and shows it. A client sends the identity of --identity,\n"
    "else that of the only line of the key file, else \"" OPTIONS_DEFAULT_IDENTITY "\".\n"
    "\n"
    "Exit: 0 done, 1 I/O error, 2 usage or bad key, 3 name not resolved,\n"
    "4 port refused, 5 no answer, 6 wrong key or identity, 7 handshake failed or not\n"
    "DTLS, 8 peer failed after the handshake, 9 idle limit or too few messages (-W),\n"
    "10 loss (--fail-on-loss), 11 program of -e failed, 128+n ended by signal n.\n";

static void show_default(const struct row *row)
{
    bool many_only = (row->needs & NEEDS_MANY) != 0;

    if (row->many != NULL && !many_only)
        printf(" (with -k: %s)", row->many);
    else if (row->many != NULL || row->standard != NULL)
        printf(" (default %s)", row->many != NULL ? row->many : row->standard);
}

#define HELP_COLUMN 24

static void show_row(const struct row *row)
{
    char left[40];
    int used = row->letter != 0 ? snprintf(left, sizeof left, "  -%c%s", row->letter,
                                           row->name != NULL ? ", " : "")
                                : snprintf(left, sizeof left, "%4s", "");

    if (row->name != NULL)
        used += snprintf(left + used, sizeof left - (size_t)used, "--%s", row->name);
    if (row->argument != NULL)
        snprintf(left + used, sizeof left - (size_t)used, row->optional ? "[=%s]" : " %s",
                 row->argument);
    if (used > HELP_COLUMN - 1)
        printf("%s\n%*s", left, HELP_COLUMN, "");
    else
        printf("%-*s", HELP_COLUMN, left);
    printf("%s", row->help);
    show_default(row);
    putchar('\n');
}

static void show_section(enum section section)
{
    printf("\n%s:\n", section_names[section]);
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].section == section)
            show_row(&option_rows[i]);
}

static void show_brief(void)
{
    putchar('\n');
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (option_rows[i].brief)
            show_row(&option_rows[i]);
    puts("All options: dtlscat --help. Examples: man dtlscat.");
}

int help_show(bool all)
{
    fputs(head, stdout);
    if (!all)
        show_brief();
    for (unsigned section = 0; all && section < SECTION_COUNT; section++)
        show_section((enum section)section);
    if (all)
        fputs(tail, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_IO;
}
