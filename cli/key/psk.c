#include "key/psk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/eventlog.h"
#include "common/exit.h"
#include "common/home.h"
#include "common/numbers.h"
#include "common/report.h"
#include "key/keyfile.h"
#include "key/keygen.h"
#include "key/prompt.h"
#include "key/secretfile.h"

#define FILE_MAX (1 << 24)
#define LINE_BYTES 1024
/* An attacker can guess a key of fewer bytes offline, from one recorded handshake. */
#define SAFE_BYTES 16

#define WAYS "--psk=file:PATH, --psk=env:VAR, --psk=fd:N"

static void name_source(struct psk *psk, const char *kind, const char *name)
{
    snprintf(psk->source, sizeof psk->source, "%s%.100s", kind, name);
}

/* ---- files and descriptors ------------------------------------------------------------------ */

static int load_descriptor(struct psk *psk, int fd)
{
    char *text = malloc(FILE_MAX);
    ssize_t length = text != NULL ? secretfile_read(fd, text, FILE_MAX) : -1;
    bool good = false;

    if (length < 0)
        report("cannot read %s: %s", psk->source, strerror(errno));
    else
        good = keyfile_read(&psk->ring, psk->source, text, (size_t)length);
    if (text != NULL)
        explicit_bzero(text, length < 0 ? FILE_MAX : (size_t)length);
    free(text);
    return good ? EXIT_DONE : EXIT_USAGE;
}

/* A container may mount a key file with a mode or an owner that cannot be changed. So the error
 * suggests --psk=fd:3 too. */
static int load_open_file(struct psk *psk, int fd)
{
    char otherwise[384], quoted[QUOTED_MAX];

    snprintf(otherwise, sizeof otherwise,
             "where that is not possible, as in a container, use --psk=fd:3 3<%s",
             secretfile_quoted(quoted, psk->path));
    return secretfile_is_safe(psk->path, fd, otherwise) ? load_descriptor(psk, fd) : EXIT_USAGE;
}

static int load_file(struct psk *psk, char *path)
{
    if (path[0] == '\0') {
        report("the path of the key file is empty: expected --psk=file:PATH or "
               "DTLSCAT_PSK_FILE=PATH");
        return EXIT_USAGE;
    }
    char *whole = home_path(path);
    int fd = whole != NULL ? secretfile_open(whole, 0) : -1;

    if (whole != NULL)
        snprintf(psk->path, sizeof psk->path, "%s", whole);
    free(whole);
    name_source(psk, "file ", psk->path);
    if (fd < 0) {
        report("cannot open %s: %s", psk->source, secretfile_error(errno));
        return EXIT_USAGE;
    }
    int code = load_open_file(psk, fd);
    close(fd);
    return code;
}

static int load_fd(struct psk *psk, char *number)
{
    unsigned long fd;

    if (!parse_number(number, STDERR_FILENO + 1, 1 << 20, &fd)) {
        report("invalid descriptor in --psk=fd:%.20s: expected a number of at least 3", number);
        return EXIT_USAGE;
    }
    name_source(psk, "descriptor ", number);
    int code = load_descriptor(psk, (int)fd);
    close((int)fd);
    return code;
}

/* ---- one key -------------------------------------------------------------------------------- */

static int load_text(struct psk *psk, const char *text, size_t length)
{
    return keyfile_read_key(&psk->ring, psk->source, text, length) ? EXIT_DONE : EXIT_USAGE;
}

static int load_variable(struct psk *psk, char *name)
{
    char *value = getenv(name);

    if (name[0] == '\0') {
        report("the name of the variable is empty: expected --psk=env:VAR");
        return EXIT_USAGE;
    }
    name_source(psk, "$", name);
    if (value == NULL) {
        report("%s is not set: set it to a key, or choose another --psk", psk->source);
        return EXIT_USAGE;
    }
    int code = load_text(psk, value, strlen(value));
    explicit_bzero(value, strlen(value));
    unsetenv(name);
    return code;
}

static int load_inline(struct psk *psk, char *text)
{
    name_source(psk, "--psk", "");
    int code = load_text(psk, text, strlen(text));
    explicit_bzero(text, strlen(text));
    if (code == EXIT_DONE)
        report_note(
            "warning: ps and the shell history show other users a key on the command line; use "
            "--psk=file:PATH");
    return code;
}

/* Returns the identity of --identity, or the default identity. */
static const char *own_identity(const struct options *options)
{
    return options->identity != NULL ? options->identity : OPTIONS_DEFAULT_IDENTITY;
}

static void put_question(char *question, size_t size, const struct options *options)
{
    char shown[SHOWN_MAX], identity[SHOWN_MAX + 16] = "any identity", host[SHOWN_MAX];
    const char *name = own_identity(options);

    if (!options->listen || options->identity != NULL)
        snprintf(identity, sizeof identity, "identity %s",
                 show_bytes(shown, (const uint8_t *)name, strlen(name)));
    if (options->listen)
        snprintf(question, size, "dtlscat: port %u, %s, key: ", options->net.port, identity);
    else
        snprintf(question, size, "dtlscat: %s port %u, %s, key: ",
                 show_bytes(host, (const uint8_t *)options->net.host, strlen(options->net.host)),
                 options->net.port, identity);
}

static int load_prompt(struct psk *psk, char *unused)
{
    char line[LINE_BYTES], question[2 * SHOWN_MAX + 64];
    int code = EXIT_USAGE;

    (void)unused;
    name_source(psk, "terminal", "");
    put_question(question, sizeof question, psk->options);
    int length = prompt_secret(question, line, sizeof line);
    if (length == PROMPT_NO_TERMINAL)
        report("no key is given, and there is no terminal to prompt for it: use " WAYS
               " or $DTLSCAT_PSK_FILE");
    else if (length == PROMPT_FAILED)
        report("no key was entered on the terminal");
    else
        code = load_text(psk, line, (size_t)length);
    explicit_bzero(line, sizeof line);
    return code;
}

static int load_new(struct psk *psk, char *unused)
{
    struct credential *entry;

    (void)unused;
    if (eventlog_is_stderr()) {
        report("a new key is shown on stderr, where --json writes its events: use --json=FILE");
        return EXIT_USAGE;
    }
    entry = calloc(1, sizeof *entry);
    psk->ring = (struct keyring){.entries = entry, .count = entry != NULL};
    if (entry == NULL || !keygen_make(entry->key.data))
        return EXIT_IO;
    entry->key.length = KEYGEN_BYTES;
    entry->key.form = KEY_HEX;
    psk->fresh = true;
    name_source(psk, "fresh", "");
    return EXIT_DONE;
}

/* ---- the source ----------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    bool whole;   /* no value follows the prefix in SPEC */
    bool tag;     /* the prefix is a tag such as "hex:", which key_decode() parses */
    bool listens; /* only a listener may use this SPEC */
    int (*load)(struct psk *psk, char *rest);
} sources[] = {
    {"file:", false, false, false, load_file},  {"env:", false, false, false, load_variable},
    {"fd:", false, false, false, load_fd},      {"prompt", true, false, false, load_prompt},
    {"new", true, false, true, load_new},       {"hex:", false, true, false, load_inline},
    {"text:", false, true, false, load_inline}, {"b64:", false, true, false, load_inline},
};

static int load_spec(struct psk *psk, const struct options *options)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        size_t length = strlen(sources[i].prefix);
        if (strncmp(options->psk, sources[i].prefix, length) != 0 ||
            (sources[i].whole && options->psk[length] != '\0'))
            continue;
        if (sources[i].listens && !options->listen) {
            report("--psk=new needs a listener (-l): give a client the key of its peer, as in "
                   "--psk=file:PATH");
            return EXIT_USAGE;
        }
        return sources[i].load(psk, options->psk + (sources[i].tag ? 0 : length));
    }
    bool wrong_tag = tag_is_wrong(options->psk, strlen(options->psk));
    explicit_bzero(options->psk, strlen(options->psk)); /* wipe: a mistyped SPEC may be a key */
    if (wrong_tag)
        report("invalid --psk=SPEC: misspelt prefix: " TAGS);
    else
        report("invalid --psk=SPEC: expected file:PATH, env:VAR, fd:N, hex:..., text:..., b64:..., "
               "prompt or new; for a key file write --psk=file:PATH");
    return EXIT_USAGE;
}

static int load_default(struct psk *psk, const struct options *options)
{
    char key[] = "DTLSCAT_PSK", *path = getenv("DTLSCAT_PSK_FILE");

    if (getenv(key) != NULL)
        return load_variable(psk, key);
    if (path != NULL)
        return load_file(psk, path);
    if (!options->listen)
        return load_prompt(psk, NULL);
    if (isatty(STDERR_FILENO))
        return load_new(psk, NULL);
    report("no key is given, and there is no terminal to show a new one: use " WAYS
           ", $DTLSCAT_PSK_FILE, or --psk=new to print a new key on stderr anyway");
    return EXIT_USAGE;
}

/* A client uses one credential. A listener accepts all credentials, or only that of --identity. */
static int choose_identity(struct psk *psk, const struct options *options)
{
    const struct credential *only = &psk->ring.entries[0];
    const char *name = options->identity;

    if (name == NULL && options->listen)
        return EXIT_DONE;
    if (name == NULL && psk->ring.count > 1) {
        report("%s has %zu identities: choose one with --identity", psk->source, psk->ring.count);
        return EXIT_USAGE;
    }
    if (name == NULL && only->identity != NULL)
        return EXIT_DONE;
    name = own_identity(options);
    psk->chosen = true;
    if (keyring_select(&psk->ring, (const uint8_t *)name, strlen(name)))
        return EXIT_DONE;
    char shown[SHOWN_MAX];
    report("%s has no key for the identity %s: check --identity", psk->source,
           show_bytes(shown, (const uint8_t *)name, strlen(name)));
    return EXIT_USAGE;
}

static void warn_of_short_keys(const struct psk *psk)
{
    for (size_t i = 0; i < psk->ring.count; i++) {
        size_t length = psk->ring.entries[i].key.length;
        if (length >= SAFE_BYTES)
            continue;
        report_note(
            "warning: a key of %zu byte%s can be guessed from one recorded handshake; use at least "
            "%d random bytes (see --keygen)",
            length, length == 1 ? "" : "s", SAFE_BYTES);
        return;
    }
}

/* Wipes a key that is in the environment but not used, since programs inherit the environment. */
static void forget_default(void)
{
    char *value = getenv("DTLSCAT_PSK");

    if (value == NULL)
        return;
    explicit_bzero(value, strlen(value));
    unsetenv("DTLSCAT_PSK");
}

int psk_load(struct psk *psk, const struct options *options)
{
    *psk = (struct psk){.options = options};
    int code = options->psk != NULL ? load_spec(psk, options) : load_default(psk, options);

    forget_default();
    if (code == EXIT_DONE)
        code = choose_identity(psk, options);
    if (code == EXIT_DONE)
        warn_of_short_keys(psk);
    else
        keyring_clear(&psk->ring);
    return code;
}

/* ---- reloading ------------------------------------------------------------------------------ */

bool psk_can_reload(const struct psk *psk, const struct options *options)
{
    return options->keep && psk->path[0] != '\0';
}

/* If a key file is read while it is being written, its first part can look like one key for any
 * identity. Such a key must not replace keys that have identities. */
static bool keeps_identities(const struct psk *psk, const struct psk *now)
{
    bool good = psk->chosen || psk->ring.entries[0].identity == NULL ||
                now->ring.entries[0].identity != NULL;

    if (!good)
        report("%s has a key without an identity, but had lines IDENTITY:KEY when it was last "
               "read: is "
               "the file complete?",
               now->source);
    return good;
}

bool psk_reload(struct psk *psk, const struct options *options)
{
    struct psk now = {.fresh = false};
    char path[PATH_MAX];

    strcpy(path, psk->path);
    int code = load_file(&now, path);
    if (code == EXIT_DONE && !keeps_identities(psk, &now))
        code = EXIT_USAGE;
    if (code == EXIT_DONE)
        code = choose_identity(&now, options);
    if (code == EXIT_DONE) {
        keyring_clear(&psk->ring);
        psk->ring = now.ring;
        warn_of_short_keys(psk);
        return true;
    }
    keyring_clear(&now.ring);
    report_note("the keys that were loaded before remain in use");
    return false;
}

void psk_describe(const struct psk *psk)
{
    const struct key *key = &psk->ring.entries[0].key;

    if (psk->ring.count > 1)
        report_note("keys: %zu identities, %s", psk->ring.count, psk->source);
    else
        report_note("key: %zu byte%s, read as %s, %s", key->length, key->length == 1 ? "" : "s",
                    key_form_name(key->form), psk->source);
}
