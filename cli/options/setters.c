#include "options/setters.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/hex.h"
#include "common/numbers.h"
#include "common/report.h"
#include "net/impairspec.h"
#include "options/similar.h"

#define MAX_VERBOSE 3
#define EXPORT_BYTES 32
#define MAX_ID 0xfffffffe /* -1 means "no change" in setresuid(2) */
#define MAX_IMPORT_CONTEXT 255

bool set_verbose(struct options *options, char *value)
{
    (void)value;
    if (options->verbose < MAX_VERBOSE)
        options->verbose++;
    return true;
}

bool set_nothing(struct options *options, char *value)
{
    (void)options;
    (void)value;
    return true;
}

bool set_wait(struct options *options, char *value)
{
    int64_t ms;
    bool good = parse_time(value, SECONDS, &ms) && ms > 0;

    if (good) {
        options->wait_ms = (uint32_t)ms;
        options->idle_ms = ms;
    }
    return good;
}

bool set_linger(struct options *options, char *value)
{
    bool for_ever = value[0] == '-';
    bool good = parse_time(value + for_ever, SECONDS, &options->linger_ms);

    if (for_ever)
        options->linger_ms = -1;
    return good;
}

bool set_psk(struct options *options, char *value)
{
    if (options->psk != NULL) /* wipe an earlier --psk: its value may be a key */
        explicit_bzero(options->psk, strlen(options->psk));
    options->bare_psk = value == NULL;
    options->psk = value;
    return true;
}

/* Finds a user by name or number. Returns false if there is none. Without an entry in the database,
 * the group of a number is the same number. */
static bool find_user(struct options *options, const char *name)
{
    const struct passwd *entry = getpwnam(name);
    unsigned long number;

    if (entry == NULL && parse_number(name, 1, MAX_ID, &number)) {
        entry = getpwuid((uid_t)number);
        options->uid = (uid_t)number;
        options->gid = (gid_t)number;
    } else if (entry == NULL) {
        return false;
    }
    if (entry != NULL) {
        options->uid = entry->pw_uid;
        options->gid = entry->pw_gid;
    }
    return true;
}

static bool find_group(struct options *options, const char *name)
{
    const struct group *entry = getgrnam(name);
    unsigned long number;

    if (entry != NULL)
        options->gid = entry->gr_gid;
    else if (parse_number(name, 1, MAX_ID, &number))
        options->gid = (gid_t)number;
    else
        return false;
    return true;
}

/* Parses NAME or NAME:GROUP. Root would keep its privileges. */
bool set_user(struct options *options, char *value)
{
    char name[256];
    const char *colon = strchr(value, ':'), *wrong = NULL;

    options->user = value;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(value, ":"), value);
    if (!find_user(options, name))
        wrong = "no such user: expected a name or a number";
    else if (colon != NULL && !find_group(options, colon + 1))
        wrong = "no such group: expected NAME:GROUP with a name or a number";
    else if (options->uid == 0 || options->gid == 0)
        wrong = "root keeps its privileges: choose another user and group";
    if (wrong != NULL)
        report("invalid --user \"%.100s\": %s", value, wrong);
    return wrong == NULL;
}

/* An identity that was read from a file or variable may have a newline or tab that does not belong
 * to it. */
static bool has_newline_around(const char *text)
{
    size_t length = strlen(text);

    return strspn(text, "\r\n\t") > 0 || (length > 0 && strchr("\r\n\t", text[length - 1]) != NULL);
}

bool set_identity(struct options *options, char *value)
{
    const char *wrong = value[0] == '\0' ? "is empty: give a name, or remove the option"
                        : has_newline_around(value)
                            ? "begins or ends with a newline or tab: remove it"
                            : NULL;

    options->identity = value;
    if (wrong != NULL)
        report("--identity %s", wrong);
    return wrong == NULL;
}

/* Returns true if the list has the value already. Each value is stored once, so that a list never
 * exceeds the number of known suites or groups. */
static bool has(const uint16_t *list, size_t count, uint16_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == id)
            return true;
    return false;
}

static bool add_suite(struct options *options, const char *name)
{
    char known[1024] = "";
    size_t used = 0;
    uint16_t suite = dtls_suite_find(name);

    if (suite != 0) {
        if (!has(options->suites, options->suite_count, suite))
            options->suites[options->suite_count++] = suite;
        return true;
    }
    struct similar similar = similar_to(name, strlen(name));
    for (size_t n = 0; dtls_suite_at(n) != 0 && used < sizeof known; n++) {
        const char *other = dtls_suite_name(dtls_suite_at(n));
        similar_compare(&similar, other);
        used += (size_t)snprintf(known + used, sizeof known - used, " %s", other);
    }
    if (similar.found != NULL)
        report("--suite: unknown cipher suite \"%.60s\"; did you mean %s?", name, similar.found);
    else
        report("--suite: unknown cipher suite \"%.60s\"; known:%s", name, known);
    return false;
}

bool set_suites(struct options *options, char *value)
{
    char *rest = strdup(value), *list = rest, *name;
    bool good = rest != NULL;

    options->suite_count = 0;
    while (good && (name = strsep(&rest, ",:")) != NULL)
        good = add_suite(options, name);
    free(list);
    return good;
}

/* Finds a group by its name. OpenSSL has two other names for secp256r1. */
static uint16_t find_curve(const char *name)
{
    static const struct {
        const char *name, *known;
    } others[] = {{"P-256", "secp256r1"}, {"prime256v1", "secp256r1"}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcasecmp(name, others[i].name) == 0)
            name = others[i].known;
    return dtls_group_find(name);
}

static bool add_group(struct options *options, const char *name)
{
    uint16_t group = find_curve(name);

    if (strcmp(name, "none") == 0)
        options->no_group = true;
    else if (group == 0)
        report("--group: unknown group \"%.60s\"; known: x25519 secp256r1 ffdhe2048 ffdhe3072 none",
               name);
    else if (!has(options->groups, options->group_count, group))
        options->groups[options->group_count++] = group;
    return options->no_group || group != 0;
}

bool set_groups(struct options *options, char *value)
{
    char *rest = strdup(value), *list = rest, *name;
    bool good = rest != NULL;

    options->group_count = 0;
    options->no_group = false;
    while (good && (name = strsep(&rest, ",:")) != NULL)
        good = add_group(options, name);
    free(list);
    if (good && options->no_group && options->group_count > 0)
        report("--group: \"none\" cannot be combined with a group: remove one");
    return good && !(options->no_group && options->group_count > 0);
}

/* Parses LABEL or LABEL:BYTES. LABEL may contain colons, so BYTES follows the last colon. */
bool set_export(struct options *options, char *value)
{
    const char *colon = strrchr(value, ':');
    size_t length = colon != NULL ? (size_t)(colon - value) : strlen(value);
    unsigned long bytes = EXPORT_BYTES;
    bool good = length > 0 && length <= OPTIONS_MAX_LABEL &&
                is_printable((const uint8_t *)value, length) &&
                (colon == NULL || parse_number(colon + 1, 1, OPTIONS_MAX_EXPORT, &bytes));

    if (!good)
        return false;
    memcpy(options->export_label, value, length);
    options->export_label[length] = '\0';
    options->export_length = bytes;
    return true;
}

bool set_import(struct options *options, char *value)
{
    bool good = value == NULL || strlen(value) <= MAX_IMPORT_CONTEXT;

    options->import_psk = true;
    options->import_context = value;
    return good;
}

bool set_cid(struct options *options, char *value)
{
    options->use_cid = true;
    options->cid_given = value != NULL;
    if (value == NULL)
        return true;
    int length = hex_decode(options->cid, sizeof options->cid, value, strlen(value));
    options->cid_length = length > 0 ? (size_t)length : 0;
    return length >= 0;
}

bool set_session_id(struct options *options, char *value)
{
    int length = hex_decode(options->session_id, sizeof options->session_id, value, strlen(value));

    options->session_id_length = length > 0 ? (size_t)length : 0;
    return length > 0;
}

bool set_ready_fd(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, STDERR_FILENO + 1, INT_MAX, &number);
    int mode = good ? fcntl((int)number, F_GETFL) : -1;

    good = mode >= 0 && (mode & O_ACCMODE) != O_RDONLY;
    if (good)
        options->ready_fd = (int)number;
    return good;
}

/* ---- streams -------------------------------------------------------------------------------- */

static bool set_run(struct options *options, char *value, bool by_shell)
{
    if (options->program != NULL || value[0] == '\0') {
        if (options->program != NULL)
            report("-e and -c: more than one program is given: remove one");
        else
            report("%s has an empty value: expected a %s", by_shell ? "-c" : "-e",
                   by_shell ? "command" : "program");
        return false;
    }
    options->program = value;
    options->by_shell = by_shell;
    return true;
}

bool set_program(struct options *options, char *value)
{
    return set_run(options, value, false);
}

bool set_command(struct options *options, char *value)
{
    return set_run(options, value, true);
}

bool set_frame(struct options *options, char *value)
{
    return frame_parse(value, &options->framing);
}

/* ---- access control -------------------------------------------------------------------------- */

static bool set_acl(const char *option, struct acl_list *list, char *value)
{
    const char *wrong = acl_add(list, value);

    if (wrong != NULL)
        report("%s: %s", option, wrong);
    return wrong == NULL;
}

bool set_allow(struct options *options, char *value)
{
    return set_acl("--allow", &options->acl.allow, value);
}

bool set_deny(struct options *options, char *value)
{
    return set_acl("--deny", &options->acl.deny, value);
}

/* ---- a simulated network -------------------------------------------------------------------- */

bool set_sim(struct options *options, char *value)
{
    char item[IMPAIRSPEC_ITEM];
    const char *expected = impairspec_parse(&options->sim, value, item);

    if (expected != NULL)
        report("invalid --sim \"%s\": expected %s", item, expected);
    return expected == NULL;
}
