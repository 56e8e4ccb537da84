#include "options/conflicts.h"

#include <stdio.h>
#include <string.h>

#include "common/eventlog.h"
#include "common/report.h"

/* ---- suites and groups ---------------------------------------------------------------------- */

/* Groups 0x0100 to 0x01ff are finite fields, not curves (RFC 8446 section 4.2.7). */
static bool is_field(uint16_t group)
{
    return group >> 8 == 0x01;
}

/* In DTLS 1.3 a PSK is used with one hash only (RFC 8446 section 4.2.11), so suites with different
 * hashes cannot share it. */
static bool hashes_agree(const struct options *options)
{
    dtls_suite_info_t suite;
    unsigned seen = 0, differ = 0;

    for (size_t i = 0; i < options->suite_count; i++) {
        if (dtls_suite_info(options->suites[i], &suite) < 0 || suite.version != DTLS13)
            continue;
        differ |= seen != 0 && seen != suite.hash_bits;
        seen = suite.hash_bits;
    }
    if (differ)
        report(
            "--suite: AES256-GCM-SHA384 cannot be combined with other DTLS 1.3 suites, since DTLS "
            "1.3 uses a key with one hash only: list AES256-GCM-SHA384 alone, or remove it");
    return !differ;
}

/* Returns true if the suite needs no group, or --group lists a group of the kind that the suite
 * needs (a curve or a finite field). */
static bool has_group(const struct options *options, const dtls_suite_info_t *suite)
{
    if (suite->group == DTLS_SUITE_NO_GROUP)
        return true;
    for (size_t i = 0; i < options->group_count; i++)
        if (is_field(options->groups[i]) == (suite->group == DTLS_SUITE_FIELD))
            return true;
    return options->group_count == 0 && !options->no_group;
}

/* Reports the groups that the listed suites need. */
static void report_groups(const struct options *options)
{
    char needs[512] = "";
    dtls_suite_info_t suite;
    size_t used = 0;

    for (size_t i = 0; i < options->suite_count && used < sizeof needs; i++)
        if (dtls_suite_info(options->suites[i], &suite) == 0 && suite.group != DTLS_SUITE_NO_GROUP)
            used += (size_t)snprintf(needs + used, sizeof needs - used, "%s%s needs %s",
                                     used > 0 ? ", " : "", dtls_suite_name(options->suites[i]),
                                     suite.group == DTLS_SUITE_FIELD ? "ffdhe2048 or ffdhe3072"
                                                                     : "x25519 or secp256r1");
    report("--group has none of the groups that the listed suites need: %s; change --group or "
           "--suite",
           needs);
}

/* Checks that at least one listed suite fits --dtls and --group: otherwise no handshake could
 * succeed. */
static bool suites_fit(const struct options *options)
{
    bool has_version = options->suite_count == 0, fit = has_version;
    dtls_suite_info_t suite;

    for (size_t i = 0; i < options->suite_count; i++) {
        if (dtls_suite_info(options->suites[i], &suite) < 0 ||
            (options->version != 0 && suite.version != options->version))
            continue;
        has_version = true;
        fit |= has_group(options, &suite);
    }
    if (!has_version)
        report("--suite: no listed suite is for DTLS %s: add one, such as %s, or change --dtls",
               options->version == DTLS13 ? "1.3" : "1.2",
               options->version == DTLS13 ? "AES128-GCM-SHA256" : "ECDHE-PSK-AES128-GCM-SHA256");
    else if (!fit)
        report_groups(options);
    return fit;
}

/* Returns true if --dtls or --suite excludes all DTLS versions but this one. */
static bool allows_only(const struct options *options, uint16_t version)
{
    bool only = options->suite_count > 0;

    for (size_t i = 0; i < options->suite_count; i++)
        only &= dtls_suite_version(options->suites[i]) == version;
    return only || options->version == version;
}

/* ---- needs and conflicts of options ---------------------------------------------------------- */

static const struct {
    enum need need;
    const char *text;
} unmet[] = {
    {NEEDS_LISTENER, "needs a listener: add -l"},
    {NEEDS_CLIENT, "is only for a client: remove -l"},
    {NEEDS_MANY, "needs a listener for many clients: add -k"},
    {NEEDS_TICKET, "needs a ticket: add --resume FILE"},
    {NEEDS_12, "needs DTLS 1.2"},
    {NEEDS_13, "needs DTLS 1.3"},
    {NEEDS_EMS, "needs the extended master secret: remove --no-ems, or add --dtls 1.3"},
    {NEEDS_JSON, "needs --json: add --json or --json=FILE"},
};

static unsigned when(bool holds, enum need need)
{
    return holds ? need : 0;
}

static unsigned needs_met_by(const struct options *options)
{
    return when(options->listen, NEEDS_LISTENER) | when(!options->listen, NEEDS_CLIENT) |
           when(options->keep, NEEDS_MANY) |
           when(options->listen || options->resume != NULL, NEEDS_TICKET) |
           when(!allows_only(options, DTLS13), NEEDS_12) |
           when(!allows_only(options, DTLS12), NEEDS_13) | when(options->json, NEEDS_JSON) |
           when(!options->no_ems || options->version == DTLS13, NEEDS_EMS);
}

/* Returns which option excludes a version that is needed, as the end of an error line. */
static const char *excluded_by(const struct options *options, enum need need)
{
    uint16_t version = need == NEEDS_12 ? DTLS12 : DTLS13;

    if (need != NEEDS_12 && need != NEEDS_13)
        return "";
    return options->version != 0 && options->version != version
               ? ", but --dtls excludes it: change --dtls"
               : ", but --suite excludes it: change --suite";
}

static bool has_needs(const struct options *options, const struct row *row, unsigned met)
{
    char label[LABEL_MAX];

    for (size_t i = 0; i < sizeof unmet / sizeof unmet[0]; i++) {
        if ((row->needs & ~met & unmet[i].need) == 0)
            continue;
        report("%s %s%s", option_label(label, row), unmet[i].text,
               excluded_by(options, unmet[i].need));
        return false;
    }
    return true;
}

/* Returns true if words, a list separated by spaces, contains word. */
static bool lists(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (; words != NULL; words = strchr(words, ' ')) {
        words += *words == ' ';
        if (strcspn(words, " ") == length && memcmp(words, word, length) == 0)
            return true;
    }
    return false;
}

static bool has_no_conflict(const struct row *row, const bool given[OPTION_ROWS])
{
    char label[LABEL_MAX], other[LABEL_MAX];

    for (size_t i = 0; i < OPTION_ROWS && row->excludes != NULL; i++) {
        if (!given[i] || !lists(row->excludes, option_label(other, &option_rows[i])))
            continue;
        report("%s and %s cannot be combined: remove one", option_label(label, row), other);
        return false;
    }
    return true;
}

/* Checks the options that conflict with certain values of --frame. The option table cannot express
 * such conflicts. */
static bool framing_fits(const struct options *options)
{
    enum frame_mode mode = options->framing.mode;

    if (options->program == NULL && mode == FRAME_PACKET) {
        report("--frame=packet needs a program: add -e or -c");
        return false;
    }
    if (options->framing.crlf && mode != FRAME_RAW && mode != FRAME_LINE) {
        report("-C needs --frame=raw or --frame=line: change --frame, or remove -C");
        return false;
    }
    return true;
}

/* Checks the options that workers need or cannot share. The option table cannot express this. */
static bool workers_fit(const struct options *options)
{
    if (options->workers == 0)
        return true;
    if (options->program == NULL)
        report("--workers needs a program for each client, since processes cannot share stdin and "
               "stdout: add -e or -c");
    else if (options->cid_given)
        report("--workers and --cid=HEX cannot be combined, since workers need different "
               "connection IDs: use --cid without a value");
    return options->program != NULL && !options->cid_given;
}

/* Keying material must not be in the events, and nothing else may be on their stderr. */
static bool json_fits(const struct options *options)
{
    bool fits = options->export_length == 0 || !eventlog_is_stderr();

    if (!fits)
        report("--export prints on stderr, where --json writes its events: use --json=FILE");
    return fits;
}

bool conflicts_check(const struct options *options, const bool given[OPTION_ROWS])
{
    unsigned met = needs_met_by(options);

    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (given[i] &&
            (!has_needs(options, &option_rows[i], met) || !has_no_conflict(&option_rows[i], given)))
            return false;
    return framing_fits(options) && workers_fit(options) && json_fits(options) &&
           hashes_agree(options) && suites_fit(options);
}
