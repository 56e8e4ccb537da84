#include "report/mismatch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/contents.h"

#define NAMES_MAX 4 /* how many names of a list are shown */

/* ---- lists of names ------------------------------------------------------------------------- */

struct names {
    char text[240];
    size_t used;
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    if (names->count++ >= NAMES_MAX)
        return;
    int length = snprintf(names->text + names->used, sizeof names->text - names->used, "%s%s",
                          names->used > 0 ? ", " : "", name);
    if (length > 0 && (size_t)length < sizeof names->text - names->used)
        names->used += (size_t)length;
    names->text[names->used] = '\0';
}

/* The name of a number, or the number itself. */
static void add_code(struct names *names, const dtls_field_t *field)
{
    char number[8];

    snprintf(number, sizeof number, "0x%04x", (unsigned)field->number & 0xffff);
    add_name(names, field->text != NULL ? field->text : number);
}

struct sentence {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *sentence, const char *format,
                                                      ...)
{
    va_list arguments;

    va_start(arguments, format);
    size_t room = MISMATCH_MAX - sentence->used;
    int length = vsnprintf(sentence->text + sentence->used, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        sentence->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void say_names(struct sentence *sentence, const char *start, const struct names *names)
{
    say(sentence, "%s%s", start, names->count > 0 ? names->text : "none");
    if (names->count > NAMES_MAX)
        say(sentence, " and %zu more", names->count - NAMES_MAX);
}

/* ---- the offer of the client ---------------------------------------------------------------- */

struct offer {
    struct names suites, groups, versions, modes;
    bool psk; /* a suite of DTLS 1.2 with a PSK, or pre_shared_key */
    bool v13; /* DTLS 1.3 is among the versions */
    char list[24];
};

static void on_suite(struct offer *offer, const dtls_field_t *field)
{
    char name[SUITE_NAME_MAX];
    bool signal = field->number == 0x00ff || field->number == 0x5600; /* no suites, but signals */

    offer->psk |= field->text != NULL && strstr(field->text, "PSK") != NULL;
    if (!signal)
        add_name(&offer->suites, contents_suite_name(name, (uint16_t)field->number, field->text));
}

static void on_field(void *arg, const dtls_field_t *field)
{
    struct offer *offer = arg;
    const char *name = field->name != NULL ? field->name : "";

    if (field->kind == DTLS_FIELD_LIST)
        snprintf(offer->list, sizeof offer->list, "%s", name);
    if (field->kind == DTLS_FIELD_LIST && strcmp(name, "versions") == 0)
        offer->versions = (struct names){.used = 0}; /* replaces legacy_version */
    if (strcmp(name, "type") == 0 && field->text != NULL)
        offer->psk |= strcmp(field->text, "pre_shared_key") == 0;
    if (strcmp(name, "version") == 0)
        add_code(&offer->versions, field);
    if (field->kind != DTLS_FIELD_CODE || *name != '\0')
        return;
    if (strcmp(offer->list, "cipher_suites") == 0)
        on_suite(offer, field);
    else if (strcmp(offer->list, "groups") == 0)
        add_code(&offer->groups, field);
    else if (strcmp(offer->list, "modes") == 0)
        add_code(&offer->modes, field);
    else if (strcmp(offer->list, "versions") == 0)
        add_code(&offer->versions, field);
    offer->v13 |= field->number == DTLS13;
}

/* ---- what this side allows ------------------------------------------------------------------ */

/* version: the only version to consider; 0: both. */
static void own_suites(struct names *names, const struct options *options, uint16_t version)
{
    uint16_t suite;

    for (size_t i = 0; i < options->suite_count; i++)
        add_name(names, dtls_suite_name(options->suites[i]));
    for (size_t i = 0; options->suite_count == 0 && (suite = dtls_suite_at(i)) != 0; i++)
        if (version == 0 || dtls_suite_version(suite) == version)
            add_name(names, dtls_suite_name(suite));
}

static void own_groups(struct names *names, const struct options *options)
{
    for (size_t i = 0; i < options->group_count; i++)
        add_name(names, dtls_group_name(options->groups[i]));
    if (options->group_count == 0 && !options->no_group) {
        add_name(names, "x25519");
        add_name(names, "secp256r1");
    }
}

static const char *own_versions(const struct options *options)
{
    return options->version == DTLS12   ? "DTLS 1.2"
           : options->version == DTLS13 ? "DTLS 1.3"
                                        : "DTLS 1.2, DTLS 1.3";
}

/* ---- the sentence --------------------------------------------------------------------------- */

static void compare_with(struct sentence *sentence, const struct options *options,
                         dtls_error_t error, const struct offer *offer)
{
    struct names suites = {.used = 0}, groups = {.used = 0};

    own_suites(&suites, options, offer->v13 ? options->version : DTLS12);
    own_groups(&groups, options);
    switch (error) {
    case DTLS_ERR_NO_PSK:
    case DTLS_ERR_NO_CIPHER_SUITE:
        say_names(sentence, offer->psk ? ": the peer offers " : ": it offers certificates only: ",
                  &offer->suites);
        say_names(sentence, "; allowed here: ", &suites);
        break;
    case DTLS_ERR_VERSION:
        say_names(sentence, ": the peer offers ", &offer->versions);
        say(sentence, "; allowed here: %s", own_versions(options));
        break;
    case DTLS_ERR_NO_KEY_EXCHANGE:
        say_names(sentence, ": the peer offers the groups ", &offer->groups);
        say_names(sentence, " and the modes ", &offer->modes);
        say_names(sentence, "; allowed here: ", &groups);
        break;
    default: break;
    }
}

/* A client knows only what it has offered itself. */
static void tell_own(struct sentence *sentence, const struct options *options, unsigned alert)
{
    struct names suites = {.used = 0}, groups = {.used = 0};

    if (alert == DTLS_ALERT_PROTOCOL_VERSION)
        say(sentence, ": offered here: %s", own_versions(options));
    if (alert != DTLS_ALERT_HANDSHAKE_FAILURE && alert != DTLS_ALERT_INSUFFICIENT_SECURITY)
        return;
    own_suites(&suites, options, options->version);
    own_groups(&groups, options);
    say_names(sentence, ": offered here: ", &suites);
    say_names(sentence, "; groups ", &groups);
}

const char *mismatch_text(char text[MISMATCH_MAX], const struct options *options,
                          const dtls_info_t *info, const dtls_message_t *hello)
{
    struct sentence sentence = {.text = text};
    struct offer offer = {.psk = false};

    text[0] = '\0';
    if (hello != NULL) {
        dtls_decode_message(hello, on_field, &offer);
        compare_with(&sentence, options, info->error, &offer);
    } else if (info->client && info->error == DTLS_ERR_ALERT) {
        tell_own(&sentence, options, info->alert);
    }
    return text;
}
