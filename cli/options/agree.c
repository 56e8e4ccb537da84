#include "options/agree.h"

#include <string.h>

#include "common/say.h"

/* In DTLS 1.3 a key is bound to one. */
static bool hashes_agree(const struct options *options)
{
    bool sha256 = false, sha384 = false;

    for (size_t i = 0; i < options->suite_count; i++) {
        if (dtls_suite_version(options->suites[i]) != DTLS13)
            continue;
        bool is384 = strstr(dtls_suite_name(options->suites[i]), "SHA384") != NULL;
        sha384 |= is384;
        sha256 |= !is384;
    }
    if (sha256 && sha384)
        say("--suite: AES256-GCM-SHA384 binds the key to another hash than the other suites of "
            "DTLS 1.3: give it without them");
    return !(sha256 && sha384);
}

/* Whether there is a group of its kind, if it needs one: a curve or a field, in DTLS 1.3 either. */
static bool has_group(const struct options *options, uint16_t suite)
{
    const char *name = dtls_suite_name(suite);
    bool grouped = strstr(name, "DHE-") != NULL, curve = strstr(name, "ECDHE-") != NULL;

    for (size_t i = 0; i < options->group_count; i++)
        if (!grouped || curve == (strncmp(dtls_group_name(options->groups[i]), "ffdhe", 5) != 0))
            return true;
    return !grouped || (options->group_count == 0 && !options->no_group);
}

/* A list without a suite of the version, or of which none has its group, would have nothing to offer. */
static bool suites_fit(const struct options *options)
{
    bool spoken = options->suite_count == 0, fit = spoken;
    for (size_t i = 0; i < options->suite_count; i++) {
        uint16_t suite = options->suites[i];
        bool speaks = options->version == 0 || dtls_suite_version(suite) == options->version;
        spoken |= speaks;
        fit |= speaks && has_group(options, suite);
    }
    if (!spoken)
        say("--suite: none of these belongs to DTLS %s; see --dtls",
            options->version == DTLS13 ? "1.3" : "1.2");
    else if (!fit)
        say("--suite: each of these needs a group of another kind; see --group");
    return fit;
}

/* Of the file or the variable that it comes from. */
static bool has_newline_around(const char *text)
{
    size_t length = strlen(text);

    return strspn(text, "\r\n\t") > 0 || (length > 0 && strchr("\r\n\t", text[length - 1]) != NULL);
}

/* By --dtls, or by a list of suites. */
static bool speaks_only(const struct options *options, uint16_t version)
{
    bool only = options->suite_count > 0;

    for (size_t i = 0; i < options->suite_count; i++)
        only &= dtls_suite_version(options->suites[i]) == version;
    return only || options->version == version;
}

/* What is right for itself, but not together. */
bool options_agree(const struct options *options)
{
    bool only12 = speaks_only(options, DTLS12), only13 = speaks_only(options, DTLS13);
    const struct {
        bool wrong;
        const char *text;
    } rules[] = {
        {options->keep && !options->listen, "-k is for a listener: see -l"},
        {options->max_clients != 0 && !options->keep, "-m is for a listener of many: see -k"},
        {(options->broker || options->chat) && !options->keep,
         "--broker and --chat are for a listener of many: see -k"},
        {(options->broker || options->chat) && options->program != NULL,
         "--broker relays, and -e has no use there"},
        {options->acl.allow.count + options->acl.deny.count > 0 && !options->listen,
         "--allow and --deny are for a listener: see -l"},
        {options->probe_key && (options->listen || options->early_data || options->program != NULL),
         "-z is for a client, and sends nothing: not with -l, -e or --early-data"},
        {options->probe_key && options->resume != NULL,
         "-z asks about the key, which a ticket stands for: not with --resume"},
        {options->send_only && options->recv_only,
         "--send-only and --recv-only exclude each other"},
        {options->program == NULL && options->framing.mode == FRAME_PACKET,
         "--frame=packet is for a program: see -e"},
        {options->framing.crlf && options->framing.mode != FRAME_RAW &&
             options->framing.mode != FRAME_LINE,
         "-C is for text: --frame=raw or line"},
        {options->ready_fd != 0 && !options->listen, "--ready-fd is for a listener: see -l"},
        {options->hint != NULL && !options->listen, "--hint is for a listener: see -l"},
        {options->no_tickets && !options->listen, "--no-tickets is for a listener: see -l"},
        {options->identity != NULL && options->identity[0] == '\0',
         "--identity is empty: leave it out, or give a name"},
        {options->identity != NULL && has_newline_around(options->identity),
         "--identity begins or ends with a newline or tab: take it away"},
        {options->listen && options->resume != NULL,
         "--resume is for a client: a listener gives the tickets"},
        {options->own_sessions && !options->keep, "--sessions is for a listener of many: see -k"},
        {options->session_id_length > 0 && options->listen,
         "--session-id is for a client: a listener makes the IDs"},
        {options->own_sessions && (only13 || options->no_ems),
         "--sessions needs DTLS 1.2 with what --no-ems switches off"},
        {options->session_id_length > 0 && only13, "--session-id needs DTLS 1.2: see --dtls"},
        {options->early_data && !options->listen && options->resume == NULL,
         "--early-data needs a ticket: see --resume"},
        {options->early_data && options->no_tickets,
         "--early-data needs tickets, which --no-tickets keeps back"},
        {only12 && options->early_data, "--early-data needs DTLS 1.3: see --dtls"},
        {only12 && options->import_psk, "--import-psk needs DTLS 1.3: see --dtls"},
        {only12 && options->rekey_after > 0, "--rekey-after needs DTLS 1.3: see --dtls"},
        {options->export_length > 0 && options->no_ems && options->version != DTLS13,
         "--export needs what --no-ems switches off, but for --dtls 1.3"},
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (!rules[i].wrong)
            continue;
        say("%s", rules[i].text);
        return false;
    }
    return hashes_agree(options) && suites_fit(options);
}
