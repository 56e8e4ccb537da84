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
    "--psk=SPEC, one of:\n"
    "  file:PATH  one key, or lines IDENTITY:KEY (psktool and stunnel files as they\n"
    "             are); the file must not be readable by group or others\n"
    "  env:VAR    fd:N    prompt    new (listener: make a key and show it)\n"
    "  hex:...    text:...    b64:...   visible to others in ps\n"
    "A key that is read or typed may begin with hex:, text: or b64:, too. Without\n"
    "such a tag, 32 or more hex digits are read as hex, other printable text as text,\n"
    "and an ambiguous key is refused. Without SPEC: $DTLSCAT_PSK, else the file\n"
    "$DTLSCAT_PSK_FILE, else a client prompts for the key and a listener makes one\n"
    "and shows it. The identity of a client: --identity, else that of the only line\n"
    "of the key file, else \"" OPTIONS_DEFAULT_IDENTITY "\".\n"
    "\n"
    "Exit: 0 done, 1 I/O, 2 usage or bad key, 3 unknown name, 4 refused, 5 no answer,\n"
    "6 wrong key or identity, 7 handshake failed or not DTLS, 8 peer failed later,\n"
    "9 silence, 10 loss (--fail-on-loss), 11 -e program failed, 128+n signal n.\n";

static void show_default(const struct row *row)
{
    bool many_only = (row->needs & NEEDS_MANY) != 0;

    if (row->many != NULL && !many_only)
        printf(" (with -k: %s)", row->many);
    else if (row->many != NULL || row->standard != NULL)
        printf(" (default %s)", row->many != NULL ? row->many : row->standard);
}

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
    printf("%-23s %s", left, row->help);
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
