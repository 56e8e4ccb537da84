#include "flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    IGNORED,       /* requests what the shim always does, or is about certificates */
    IGNORED_VALUE, /* as IGNORED, with a value */
    SWITCH,
    NUMBER,
    TEXT,
    GROUP
} kind_t;

static const struct {
    const char *name;
    kind_t kind;
    size_t offset;
} known[] = {
    {"-async", IGNORED, 0}, /* the runner always controls the clock */
    {"-curves", GROUP, 0},
    {"-dtls", SWITCH, offsetof(flags_t, dtls)},
    {"-expect-early-data-reason", IGNORED_VALUE, 0},
    {"-expect-hrr", SWITCH, offsetof(flags_t, expect_retry)},
    {"-expect-no-hrr", IGNORED, 0},
    {"-expect-session-miss", SWITCH, offsetof(flags_t, expect_session_miss)},
    {"-export-context", TEXT, offsetof(flags_t, export_context)},
    {"-export-keying-material", NUMBER, offsetof(flags_t, export_length)},
    {"-export-label", TEXT, offsetof(flags_t, export_label)},
    {"-implicit-handshake", IGNORED, 0}, /* the library has only implicit handshakes */
    {"-initial-timeout-duration-ms", NUMBER, offsetof(flags_t, timer_ms)},
    {"-ipv6", SWITCH, offsetof(flags_t, ipv6)},
    {"-key-update", SWITCH, offsetof(flags_t, update_keys)},
    {"-key-update-before-read", SWITCH, offsetof(flags_t, update_keys_before_read)},
    {"-max-version", NUMBER, offsetof(flags_t, max_version)},
    {"-min-version", NUMBER, offsetof(flags_t, min_version)},
    {"-mtu", NUMBER, offsetof(flags_t, mtu)},
    {"-no-ticket", SWITCH, offsetof(flags_t, no_ticket)},
    {"-no-tls1", IGNORED, 0},
    {"-no-tls11", IGNORED, 0},
    {"-no-tls12", SWITCH, offsetof(flags_t, no_dtls12)},
    {"-no-tls13", SWITCH, offsetof(flags_t, no_dtls13)},
    {"-port", NUMBER, offsetof(flags_t, port)},
    {"-psk", TEXT, offsetof(flags_t, psk)},
    {"-psk-identity", TEXT, offsetof(flags_t, identity)},
    {"-psk-is-hex", SWITCH, offsetof(flags_t, psk_is_hex)},
    {"-resume-count", NUMBER, offsetof(flags_t, resumptions)},
    {"-send-alert", NUMBER, offsetof(flags_t, alert)},
    {"-server", SWITCH, offsetof(flags_t, server)},
    {"-shim-id", NUMBER, offsetof(flags_t, shim_id)},
    {"-shim-shuts-down", SWITCH, offsetof(flags_t, shuts_down)},
    {"-shim-writes-first", SWITCH, offsetof(flags_t, writes_first)},
    {"-trust-cert", IGNORED_VALUE, 0},
    {"-use-early-callback", IGNORED, 0},
    {"-use-export-context", SWITCH, offsetof(flags_t, use_export_context)},
};

enum { KNOWN = sizeof known / sizeof *known };

static bool to_number(const char *text, int64_t *number)
{
    char *end;
    *number = strtoll(text, &end, 10);
    return *text && *end == '\0' && *number >= 0;
}

static bool add_group(flags_t *flags, const char *text)
{
    int64_t number;
    if (!to_number(text, &number) || number > UINT16_MAX ||
        !dtls_group_name((unsigned short)number) || flags->group_count == FLAGS_GROUPS_MAX)
        return false;
    flags->groups[flags->group_count++] = (uint16_t)number;
    return true;
}

static bool set(flags_t *flags, size_t i, const char *value)
{
    char *field = (char *)flags + known[i].offset;
    switch (known[i].kind) {
    case SWITCH: *(bool *)field = true; return true;
    case NUMBER: return to_number(value, (int64_t *)(void *)field);
    case TEXT: *(const char **)(void *)field = value; return true;
    case GROUP: return add_group(flags, value);
    case IGNORED:
    case IGNORED_VALUE: return true;
    }
    return false;
}

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < KNOWN && strcmp(known[i].name, name) != 0)
        i++;
    return i;
}

/* Removes a prefix that names the connections to which a flag applies. Returns false if it does not
 * apply to these. */
static bool is_for(const char **name, bool resumption)
{
    static const char *const prefixes[] = {"-on-initial", "-on-resume"};
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(*name, prefixes[i], length) == 0 && (*name)[length] == '-') {
            *name += length;
            return (i == 1) == resumption;
        }
    }
    return true;
}

bool flags_parse(flags_t *flags, char **arguments, bool resumption)
{
    *flags = (flags_t){.min_version = FLAGS_UNSET,
                       .max_version = FLAGS_UNSET,
                       .identity = "",
                       .export_label = "",
                       .export_context = "",
                       .mtu = FLAGS_UNSET,
                       .timer_ms = FLAGS_UNSET,
                       .alert = FLAGS_UNSET};
    for (; *arguments; arguments++) {
        const char *name = *arguments;
        bool applies = is_for(&name, resumption);
        size_t i = find(name);
        bool takes_value = i < KNOWN && known[i].kind != SWITCH && known[i].kind != IGNORED;
        if (takes_value && arguments[1])
            arguments++;
        else if (takes_value)
            i = KNOWN;
        if (i == KNOWN || (applies && !set(flags, i, *arguments))) {
            fprintf(stderr, "not for this shim: %s\n", name);
            return false;
        }
    }
    return true;
}

/* ---- versions ---- */

/* Orders versions by age, oldest first. The numbers of DTLS versions count down. The runner may
 * give the number of the corresponding TLS version. */
static int age_rank(int64_t version)
{
    static const uint16_t numbers[][2] = {{0x0302, 0xfeff}, {0x0303, 0xfefd}, {0x0304, 0xfefc}};
    for (int rank = 0; rank < 3; rank++)
        if (version == numbers[rank][0] || version == numbers[rank][1])
            return rank;
    return -1;
}

bool flags_version(const flags_t *flags, uint16_t *only_version)
{
    enum { RANK_12 = 1, RANK_13 = 2 };
    int lowest = flags->min_version == FLAGS_UNSET ? 0 : age_rank(flags->min_version);
    int highest = flags->max_version == FLAGS_UNSET ? RANK_13 : age_rank(flags->max_version);
    if (lowest < 0 || highest < 0)
        return false;
    bool dtls12 = !flags->no_dtls12 && lowest <= RANK_12 && highest >= RANK_12;
    bool dtls13 = !flags->no_dtls13 && lowest <= RANK_13 && highest >= RANK_13;
    *only_version = dtls12 && dtls13 ? 0 : dtls13 ? 0xfefc : 0xfefd;
    return dtls12 || dtls13;
}
