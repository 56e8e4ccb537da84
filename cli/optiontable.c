#include "optiontable.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keytext.h"
#include "numbers.h"
#include "say.h"

#define MAX_VERBOSE 3
#define MAX_TIMER_MS 60000
#define EXPORT_BYTES 32
#define MAX_IMPORT_CONTEXT 255

/* ---- options that are more than a flag or a text -------------------------------------------- */

static bool set_family(struct options *options, int family)
{
    if (options->family != AF_UNSPEC && options->family != family)
        say("-4 and -6 exclude each other");
    else
        options->family = family;
    return options->family == family;
}

static bool set_ipv4(struct options *options, char *value)
{
    (void)value;
    return set_family(options, AF_INET);
}

static bool set_ipv6(struct options *options, char *value)
{
    (void)value;
    return set_family(options, AF_INET6);
}

static bool set_verbose(struct options *options, char *value)
{
    (void)value;
    if (options->verbose < MAX_VERBOSE)
        options->verbose++;
    return true;
}

static bool set_nothing(struct options *options, char *value)
{
    (void)options;
    (void)value;
    return true;
}

static bool set_wait(struct options *options, char *value)
{
    int64_t ms;
    bool good = parse_time(value, SECONDS, &ms) && ms > 0;

    if (good)
        options->wait_ms = (uint32_t)ms;
    else
        say("-w %.60s: give a time above 0, as in -w 2 or -w 500ms", value);
    return good;
}

static bool set_linger(struct options *options, char *value)
{
    bool for_ever = value[0] == '-';
    bool good = parse_time(value + for_ever, SECONDS, &options->linger_ms);

    if (for_ever)
        options->linger_ms = -1;
    if (!good)
        say("-q %.60s: give a time, as in -q 2 or -q 200ms; -1 is for ever", value);
    return good;
}

static bool set_psk(struct options *options, char *value)
{
    options->bare_psk = value == NULL;
    options->psk = value;
    return true;
}

static bool add_suite(struct options *options, const char *name)
{
    char known[512] = "";
    size_t used = 0;
    uint16_t suite = dtls_suite_find(name);

    if (suite != 0 && options->suite_count < OPTIONS_MAX_SUITES) {
        options->suites[options->suite_count++] = suite;
        return true;
    }
    for (size_t n = 0; dtls_suite_at(n) != 0 && used < sizeof known; n++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s",
                                 dtls_suite_name(dtls_suite_at(n)));
    say("--suite: \"%.60s\" is unknown; known:%s", name, known);
    return false;
}

static bool set_suites(struct options *options, char *value)
{
    char *rest = strdup(value), *list = rest, *name;
    bool good = rest != NULL;

    options->suite_count = 0;
    while (good && (name = strsep(&rest, ",:")) != NULL)
        good = add_suite(options, name);
    free(list);
    return good;
}

static bool add_group(struct options *options, const char *name)
{
    uint16_t group = dtls_group_find(name);

    if (strcmp(name, "none") == 0)
        options->no_group = true;
    else if (group != 0 && options->group_count < OPTIONS_MAX_GROUPS)
        options->groups[options->group_count++] = group;
    else
        say("--group: \"%.60s\" is unknown; known: x25519 secp256r1, and none", name);
    return options->no_group || group != 0;
}

static bool set_groups(struct options *options, char *value)
{
    char *rest = strdup(value), *list = rest, *name;
    bool good = rest != NULL;

    options->group_count = 0;
    while (good && (name = strsep(&rest, ",:")) != NULL)
        good = add_group(options, name);
    free(list);
    if (good && options->no_group && options->group_count > 0)
        say("--group: none stands alone");
    return good && !(options->no_group && options->group_count > 0);
}

static bool set_mtu(struct options *options, char *value)
{
    unsigned long number;
    bool good = parse_number(value, 256, 65507, &number);

    if (good)
        options->mtu = number;
    else
        say("--mtu %.60s: give the largest UDP payload in bytes, 256..65507", value);
    return good;
}

static bool set_timer(struct options *options, char *value)
{
    int64_t ms;
    bool good = parse_time(value, 1, &ms) && ms >= 1 && ms <= MAX_TIMER_MS;

    if (good)
        options->timer_ms = (uint32_t)ms;
    else
        say("--timer %.60s: give milliseconds, 1..60000, or a time as in 2s", value);
    return good;
}

static bool set_cookie(struct options *options, char *value)
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

static bool set_version(struct options *options, char *value)
{
    if (strcmp(value, "1.2") == 0)
        options->version = DTLS12;
    else if (strcmp(value, "1.3") == 0)
        options->version = DTLS13;
    else
        say("--dtls %.60s: 1.2 or 1.3", value);
    return strcmp(value, "1.2") == 0 || strcmp(value, "1.3") == 0;
}

static bool set_rekey(struct options *options, char *value)
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
static bool set_export(struct options *options, char *value)
{
    const char *colon = strrchr(value, ':');
    size_t length = colon != NULL ? (size_t)(colon - value) : strlen(value);
    unsigned long bytes = EXPORT_BYTES;
    bool good = length > 0 && length <= OPTIONS_MAX_LABEL &&
                (colon == NULL || parse_number(colon + 1, 1, OPTIONS_MAX_EXPORT, &bytes));

    if (!good) {
        say("--export %.60s: give LABEL or LABEL:BYTES, a label of 1..%d bytes, and BYTES 1..%d",
            value, OPTIONS_MAX_LABEL, OPTIONS_MAX_EXPORT);
        return false;
    }
    memcpy(options->export_label, value, length);
    options->export_label[length] = '\0';
    options->export_length = bytes;
    return true;
}

static bool set_import(struct options *options, char *value)
{
    bool good = value == NULL || strlen(value) <= MAX_IMPORT_CONTEXT;

    options->import_psk = true;
    options->import_context = value;
    if (!good)
        say("--import-psk: the context has more than %d bytes", MAX_IMPORT_CONTEXT);
    return good;
}

static bool set_cid(struct options *options, char *value)
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

static bool set_ready_fd(struct options *options, char *value)
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

/* ---- the table ------------------------------------------------------------------------------ */

#define FIELD(name) offsetof(struct options, name), NULL
#define CALL(function) 0, function

const struct row option_rows[OPTION_ROWS] = {
    {'l', NULL, NONE, NULL, "listen; end with the first authenticated session", FIELD(listen)},
    {'k', NULL, NONE, NULL, "listener: serve one client after the other", FIELD(keep)},
    {'p', NULL, REQUIRED, "PORT", "local port", FIELD(local_port)},
    {0, "ready-fd", REQUIRED, "N", "listener: write the port to descriptor N, and close it",
     CALL(set_ready_fd)},
    {'s', NULL, REQUIRED, "ADDR", "local address", FIELD(source)},
    {'4', NULL, NONE, NULL, "IPv4 only", CALL(set_ipv4)},
    {'6', NULL, NONE, NULL, "IPv6 only", CALL(set_ipv6)},
    {'n', NULL, NONE, NULL, "numeric addresses and ports only, no name is looked up",
     FIELD(numeric)},
    {'u', NULL, NONE, NULL, "accepted for the habit: it is UDP anyway", CALL(set_nothing)},
    {'w', NULL, REQUIRED, "TIME", "limit of handshakes (default 20), then of silence (none)",
     CALL(set_wait)},
    {'q', NULL, REQUIRED, "TIME", "client, after EOF: close when silent so long (0.5)",
     CALL(set_linger)},
    {'N', NULL, NONE, NULL, "close at EOF of stdin at once", FIELD(close_at_eof)},
    {'v', NULL, NONE, NULL, "say what happens; -vv: each message; -vvv: each record",
     CALL(set_verbose)},
    {0, "psk", OPTIONAL, "SPEC", "where the key is, see below", CALL(set_psk)},
    {0, "identity", REQUIRED, "NAME", "identity to use, or the only one to accept",
     FIELD(identity)},
    {0, "hint", REQUIRED, "TEXT", "listener: identity hint for clients", FIELD(hint)},
    {0, "suite", REQUIRED, "LIST", "cipher suites by name or hex, best first", CALL(set_suites)},
    {0, "group", REQUIRED, "LIST", "1.3: x25519, secp256r1; or none: the key alone",
     CALL(set_groups)},
    {0, "dtls", REQUIRED, "VERSION", "only 1.2 or 1.3; else the newest in common",
     CALL(set_version)},
    {0, "resume", REQUIRED, "FILE", "client: keep a ticket there, and resume with it",
     FIELD(resume)},
    {0, "no-tickets", NONE, NULL, "listener: give clients no tickets", FIELD(no_tickets)},
    {0, "early-data", NONE, NULL, "data before the handshake is done: see the manual",
     FIELD(early_data)},
    {0, "export", REQUIRED, "LABEL", "print 32 bytes of keying material; LABEL:N for N",
     CALL(set_export)},
    {0, "import-psk", OPTIONAL, "CTX", "1.3: use a key derived from it, for this context",
     CALL(set_import)},
    {0, "cid", OPTIONAL, "HEX", "connection IDs: stay connected when addresses change",
     CALL(set_cid)},
    {0, "rekey-after", REQUIRED, "N", "1.3: new keys after N records sent", CALL(set_rekey)},
    {0, "mtu", REQUIRED, "BYTES", "largest UDP payload to send, 256..65507", CALL(set_mtu)},
    {0, "timer", REQUIRED, "MS", "first retransmission timer", CALL(set_timer)},
    {0, "cookie", REQUIRED, "WHEN", "listener: ask for a cookie: on (default), off, auto",
     CALL(set_cookie)},
    {0, "no-ems", NONE, NULL, "neither offer nor accept extended_master_secret", FIELD(no_ems)},
    {0, "stats", NONE, NULL, "at the end, counters as key=value on stderr", FIELD(stats)},
    {0, "keylog", REQUIRED, "FILE", "append session secrets; also $SSLKEYLOGFILE", FIELD(keylog)},
    {'h', "help", NONE, NULL, "show this", CALL(NULL)},
    {'V', "version", NONE, NULL, "show the version", CALL(NULL)},
};
