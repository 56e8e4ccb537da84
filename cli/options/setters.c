#include "options/setters.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/hex.h"
#include "common/numbers.h"
#include "common/say.h"

#define MAX_VERBOSE 3
#define MAX_TIMER_MS 60000
#define EXPORT_BYTES 32
#define MAX_IMPORT_CONTEXT 255

#define MAX_CLIENTS 100000
#define MAX_MESSAGES 999999999
#define MIN_WINDOW 4000
#define MAX_SESSIONS 65536

static bool set_family(struct options *options, int family)
{
    if (options->net.family != AF_UNSPEC && options->net.family != family)
        say("-4 and -6 exclude each other");
    else
        options->net.family = family;
    return options->net.family == family;
}

bool set_ipv4(struct options *options, char *value)
{
    (void)value;
    return set_family(options, AF_INET);
}

bool set_ipv6(struct options *options, char *value)
{
    (void)value;
    return set_family(options, AF_INET6);
}

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
        options->own_idle = true;
    }
    if (!good)
        say("-w %.60s: give a time above 0, as in -w 2 or -w 500ms", value);
    return good;
}

bool set_linger(struct options *options, char *value)
{
    bool for_ever = value[0] == '-';

    options->own_linger = true;
    bool good = parse_time(value + for_ever, SECONDS, &options->linger_ms);

    if (for_ever)
        options->linger_ms = -1;
    if (!good)
        say("-q %.60s: give a time, as in -q 2 or -q 200ms; -1 is for ever", value);
    return good;
}

bool set_psk(struct options *options, char *value)
{
    if (options->psk != NULL) /* the one before, which may be a key */
        explicit_bzero(options->psk, strlen(options->psk));
    options->bare_psk = value == NULL;
    options->psk = value;
    return true;
}

/* Each stands once in a list, so that there is room for all that are known. */
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
    for (size_t n = 0; dtls_suite_at(n) != 0 && used < sizeof known; n++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s",
                                 dtls_suite_name(dtls_suite_at(n)));
    say("--suite: \"%.60s\" is unknown; known:%s", name, known);
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

/* By other names that a group has, too. */
static uint16_t find_group(const char *name)
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
    uint16_t group = find_group(name);

    if (strcmp(name, "none") == 0)
        options->no_group = true;
    else if (group == 0)
        say("--group: \"%.60s\" is unknown; known: x25519 secp256r1 ffdhe2048 ffdhe3072, and none",
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
        say("--group: none stands alone");
    return good && !(options->no_group && options->group_count > 0);
}

bool set_mtu(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, 256, 65507, &number);

    if (good)
        options->mtu = number;
    else
        say("--mtu %.60s: give the largest UDP payload in bytes, 256..65507", value);
    return good;
}

bool set_timer(struct options *options, char *value)
{
    int64_t ms;
    bool good = parse_time(value, 1, &ms) && ms >= 1 && ms <= MAX_TIMER_MS;

    if (good)
        options->timer_ms = (uint32_t)ms;
    else
        say("--timer %.60s: give milliseconds, 1..60000, or a time as in 2s", value);
    return good;
}

bool set_cookie(struct options *options, char *value)
{
    static const struct {
        const char *name;
        dtls_cookie_t cookie;
    } names[] = {{"on", DTLS_COOKIE_ON}, {"off", DTLS_COOKIE_OFF}, {"auto", DTLS_COOKIE_AUTO}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i].name) != 0)
            continue;
        options->cookie = names[i].cookie;
        return true;
    }
    say("--cookie %.60s: on, off or auto", value);
    return false;
}

bool set_version(struct options *options, char *value)
{
    if (strcmp(value, "1.2") == 0)
        options->version = DTLS12;
    else if (strcmp(value, "1.3") == 0)
        options->version = DTLS13;
    else
        say("--dtls %.60s: 1.2 or 1.3", value);
    return strcmp(value, "1.2") == 0 || strcmp(value, "1.3") == 0;
}

bool set_rekey(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, 1, ULONG_MAX / 2, &number);

    if (good)
        options->rekey_after = number;
    else
        say("--rekey-after %.60s: give a number of records", value);
    return good;
}

/* A label may have colons: what follows the last one is the length. */
bool set_export(struct options *options, char *value)
{
    const char *colon = strrchr(value, ':');
    size_t length = colon != NULL ? (size_t)(colon - value) : strlen(value);
    unsigned long bytes = EXPORT_BYTES;
    bool good = length > 0 && length <= OPTIONS_MAX_LABEL &&
                is_printable((const uint8_t *)value, length) &&
                (colon == NULL || parse_number(colon + 1, 1, OPTIONS_MAX_EXPORT, &bytes));

    if (!good) {
        say("--export %.60s: give LABEL or LABEL:BYTES, a printable label of 1..%d bytes, and "
            "BYTES 1..%d",
            value, OPTIONS_MAX_LABEL, OPTIONS_MAX_EXPORT);
        return false;
    }
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
    if (!good)
        say("--import-psk: the context has more than %d bytes", MAX_IMPORT_CONTEXT);
    return good;
}

bool set_cid(struct options *options, char *value)
{
    options->use_cid = true;
    options->own_cid = value != NULL;
    if (value == NULL)
        return true;
    int length = hex_decode(options->cid, sizeof options->cid, value, strlen(value));
    options->cid_length = length > 0 ? (size_t)length : 0;
    if (length < 0)
        say("--cid=%.60s: give 0..%d bytes in hex", value, OPTIONS_MAX_CID);
    return length >= 0;
}

bool set_cid_move(struct options *options, char *value)
{
    options->cid_move_newest = strcmp(value, "newest") == 0;
    if (options->cid_move_newest)
        options->use_cid = true;
    else
        say("--cid-move=%.60s: the only value is \"newest\"; without the option a peer is checked "
            "first",
            value);
    return options->cid_move_newest;
}

bool set_session_id(struct options *options, char *value)
{
    int length = hex_decode(options->session_id, sizeof options->session_id, value, strlen(value));

    options->session_id_length = length > 0 ? (size_t)length : 0;
    if (length <= 0)
        say("--session-id %.70s: give 1..%d bytes in hex", value, OPTIONS_MAX_SESSION_ID);
    return length > 0;
}

bool set_sessions(struct options *options, char *value)
{
    bool good = parse_number(value, 0, MAX_SESSIONS, &options->sessions);

    options->own_sessions = true;
    if (!good)
        say("--sessions %.60s: give a number 0..%d", value, MAX_SESSIONS);
    return good;
}

bool set_record_size(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, 64, 16384, &number);

    if (good)
        options->record_size = (uint16_t)number;
    else
        say("--record-size %.60s: give bytes, 64..16384", value);
    return good;
}

bool set_ready_fd(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, STDERR_FILENO + 1, INT_MAX, &number);
    int mode = good ? fcntl((int)number, F_GETFL) : -1;

    good = mode >= 0 && (mode & O_ACCMODE) != O_RDONLY;
    if (good)
        options->ready_fd = (int)number;
    else
        say("--ready-fd %.60s: give an open descriptor above 2 to write to, as in 3>port", value);
    return good;
}

static bool set_time(const char *option, const char *value, int64_t least_ms, int64_t *ms)
{
    bool good = parse_time(value, SECONDS, ms) && *ms >= least_ms;

    if (!good)
        say("%s %.60s: give a time%s, as in 2 or 500ms", option, value,
            least_ms > 0 ? " above 0" : "");
    return good;
}

bool set_idle(struct options *options, char *value)
{
    options->own_idle = true;
    return set_time("--idle", value, 0, &options->idle_ms);
}

bool set_delay(struct options *options, char *value)
{
    return set_time("--delay", value, 0, &options->delay_ms);
}

bool set_lost_after(struct options *options, char *value)
{
    return set_time("--lost-after", value, 0, &options->lost_ms);
}

bool set_keepalive(struct options *options, char *value)
{
    return set_time("--keepalive", value, 1, &options->keepalive_ms);
}

static bool set_count(const char *option, const char *value, unsigned long most,
                      unsigned long *number)
{
    bool good = parse_number(value, 1, most, number);

    if (!good)
        say("%s %.60s: give a number 1..%lu", option, value, most);
    return good;
}

bool set_max_clients(struct options *options, char *value)
{
    return set_count("-m", value, MAX_CLIENTS, &options->max_clients);
}

bool set_message_limit(struct options *options, char *value)
{
    return set_count("-W", value, MAX_MESSAGES, &options->message_limit);
}

static bool set_size(const char *option, const char *value, uint64_t least, uint64_t *size)
{
    bool good = parse_size(value, size) && (*size >= least || *size == 0);

    if (!good)
        say("%s %.60s: give 0, or %" PRIu64 " or more, as in 64k, 20M or 1G", option, value, least);
    return good;
}

bool set_rate(struct options *options, char *value)
{
    uint64_t rate;
    bool good = set_size("--rate", value, 1, &rate);

    options->rate = good ? (int64_t)rate : 0;
    return good;
}

bool set_window(struct options *options, char *value)
{
    return set_size("--window", value, MIN_WINDOW, &options->window);
}

/* ---- streams -------------------------------------------------------------------------------- */

static bool set_run(struct options *options, char *value, bool by_shell)
{
    if (options->program != NULL || value[0] == '\0') {
        say(options->program != NULL ? "-e and -c: one program is enough"
                                     : "-e and -c: which program?");
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

bool set_crlf(struct options *options, char *value)
{
    (void)value;
    options->framing.crlf = true;
    return true;
}

bool set_frame(struct options *options, char *value)
{
    bool good = frame_parse(value, &options->framing);

    if (!good)
        say("--frame %.60s: raw, line, nul, len16, len32, fixed:N (1..16384), hex, json or packet",
            value);
    return good;
}

/* ---- whom to serve -------------------------------------------------------------------------- */

static bool set_acl(const char *option, struct acl_list *list, char *value)
{
    const char *wrong = acl_add(list, value);

    if (wrong != NULL)
        say("%s: %s", option, wrong);
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
