#include "report/contents.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"
#include "common/report.h"

#define WIDTH 79
#define VALUES_MAX 8 /* how many values of a list are shown */
#define BYTES_MAX 32 /* how many bytes are shown in hexadecimal digits */

/* ---- words on lines ------------------------------------------------------------------------- */

struct words {
    char line[WIDTH + SHOWN_MAX + 1];
    size_t used;
    size_t indent;
    bool separate; /* the next word begins an item after another one */
};

static void end_line(struct words *words)
{
    if (words->used > words->indent)
        report_colored(REPORT_DIM, "%.*s", (int)words->used, words->line);
    memset(words->line, ' ', words->indent);
    words->used = words->indent;
}

/* Adds a word, on a new line if it does not fit. */
static void add_word(struct words *words, const char *word)
{
    size_t length = strlen(word);

    if (words->separate && words->used > words->indent)
        words->line[words->used++] = ';';
    words->separate = false;
    if (words->used > words->indent && words->used + 2 + length > WIDTH)
        end_line(words);
    if (words->used > words->indent)
        words->line[words->used++] = ' ';
    if (length > sizeof words->line - words->used - 2)
        length = sizeof words->line - words->used - 2;
    memcpy(words->line + words->used, word, length);
    words->used += length;
}

/* ---- fields --------------------------------------------------------------------------------- */

enum rule {
    LABELED,    /* the label, then the value; in an extension the value alone */
    NAMED,      /* the label, then the value, in an extension too */
    VALUE,      /* the value alone */
    NOT_EMPTY,  /* as LABELED, unless the value is empty */
    SECONDS,    /* as LABELED; the value is a time in seconds */
    NEVER_SHOWN /* of no interest to a reader, or always the same */
};

/* The fields that are not shown by their own name. */
static const struct {
    const char *name, *label;
    enum rule rule;
} rules[] = {
    {"version", "", VALUE},
    {"random", "", NEVER_SHOWN},
    {"session_id", "session ID", NOT_EMPTY},
    {"cookie", "cookie", NOT_EMPTY},
    {"cipher_suites", "suites", LABELED},
    {"cipher_suite", "", VALUE},
    {"compression_methods", "", NEVER_SHOWN},
    {"compression_method", "", NEVER_SHOWN},
    {"server_version", "", NEVER_SHOWN},
    {"psk_identity_hint", "hint", LABELED},
    {"psk_identity", "identity", LABELED},
    {"curve_type", "", NEVER_SHOWN},
    {"public_key", "", NEVER_SHOWN},
    {"generator", "", NEVER_SHOWN},
    {"lifetime", "lifetime", SECONDS},
    {"nonce", "", NEVER_SHOWN},
    {"usage", "", VALUE},
    {"request_update", "", VALUE},
    {"verify_data", "", NEVER_SHOWN},
    {"selected_identity", "number", NAMED},
    {"obfuscated_ticket_age", "", NEVER_SHOWN},
    {"binders", "", NEVER_SHOWN},
    {"key_exchange", "", NEVER_SHOWN},
    {"formats", "", NEVER_SHOWN},
    {"mode", "", NEVER_SHOWN},
    {"renegotiated_connection", "", NEVER_SHOWN},
    {"malformed_at", "MALFORMED at byte", LABELED},
};

/* The extensions that are not shown by their own name. */
static const struct {
    const char *name, *label;
} extensions[] = {
    {"application_layer_protocol_negotiation", "ALPN"},
    {"connection_id", "CID"},
    {"ec_point_formats", "point formats"},
    {"early_data", "early data"},
    {"encrypt_then_mac", "EtM"},
    {"extended_master_secret", "EMS"},
    {"key_share", "share"},
    {"pre_shared_key", "PSK"},
    {"psk_key_exchange_modes", "modes"},
    {"record_size_limit", "record limit"},
    {"renegotiation_info", "renegotiation info"},
    {"rrc", "RRC"},
    {"session_ticket", "session ticket"},
    {"signature_algorithms", "signatures"},
    {"supported_groups", "groups"},
    {"supported_versions", "versions"},
};

#define DEPTH_MAX 8

struct contents {
    struct words words;
    bool legacy; /* the field version does not tell the version: supported_versions does */
    bool all;
    unsigned depth;      /* number of open lists and objects */
    unsigned silent;     /* depth of the list that is not shown; 0: none */
    unsigned counted;    /* depth of the list whose values are counted; 0: none */
    unsigned values;     /* number of values in that list so far */
    unsigned extensions; /* depth of the list of extensions; 0: none */
};

static enum rule rule_of(const char *name, const char **label)
{
    *label = name;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].name, name) == 0) {
            *label = rules[i].label;
            return rules[i].rule;
        }
    return LABELED;
}

static void begin_item(struct contents *contents, const char *label)
{
    contents->words.separate = true;
    if (*label != '\0')
        add_word(&contents->words, label);
}

const char *contents_suite_name(char text[SUITE_NAME_MAX], uint16_t suite, const char *iana_name)
{
    size_t used = 0;
    const char *from = iana_name, *known = dtls_suite_name(suite);

    if (known != NULL)
        snprintf(text, SUITE_NAME_MAX, "%s", known);
    else if (iana_name == NULL)
        snprintf(text, SUITE_NAME_MAX, "0x%04x", suite);
    if (known != NULL || iana_name == NULL)
        return text;
    from += strncmp(from, "TLS_", 4) == 0 ? 4 : 0;
    while (*from != '\0' && used < SUITE_NAME_MAX - 1) {
        if (strncmp(from, "_WITH_", 6) == 0)
            from += 5;
        else if (strncmp(from, "_AES_", 5) == 0 && used < SUITE_NAME_MAX - 5) {
            used += (size_t)sprintf(text + used, "-AES");
            from += 5;
        } else {
            text[used++] = (char)(*from == '_' ? '-' : *from);
            from++;
        }
    }
    text[used] = '\0';
    return text;
}

static const char *text_of_code(char *text, const dtls_field_t *field, bool suite)
{
    if (suite)
        return contents_suite_name(text, (uint16_t)field->number, field->text);
    if (field->text == NULL)
        snprintf(text, SHOWN_MAX, "0x%04" PRIx32, field->number);
    else
        snprintf(text, SHOWN_MAX, "%s", field->text);
    return text;
}

static const char *text_of_bytes(char *text, const dtls_field_t *field)
{
    if (field->length > 0 && field->length <= BYTES_MAX)
        hex_encode(text, field->data, field->length);
    else
        snprintf(text, SHOWN_MAX, "%zu B", field->length);
    return text;
}

static const char *text_of(char text[SHOWN_MAX], const dtls_field_t *field, bool suite)
{
    /* A ticket is an identity too, and not printable. */
    bool printable = field->kind == DTLS_FIELD_TEXT && is_printable(field->data, field->length);

    if (field->kind == DTLS_FIELD_CODE)
        return text_of_code(text, field, suite);
    if (field->kind == DTLS_FIELD_BYTES)
        return text_of_bytes(text, field);
    if (printable)
        return show_bytes(text, field->data, field->length);
    if (field->kind == DTLS_FIELD_TEXT)
        snprintf(text, SHOWN_MAX, "(%zu B)", field->length);
    else if (field->data != NULL || field->kind == DTLS_FIELD_OPAQUE)
        snprintf(text, SHOWN_MAX, "%zu B", field->length);
    else
        snprintf(text, SHOWN_MAX, "%" PRIu32, field->number);
    return text;
}

static void add_value(struct contents *contents, const dtls_field_t *field, bool suite)
{
    char text[SHOWN_MAX];

    if (contents->counted == 0 || contents->all || contents->values++ < VALUES_MAX)
        add_word(&contents->words, text_of(text, field, suite));
}

/* The type of an extension begins its object. */
static void begin_extension(struct contents *contents, const dtls_field_t *field)
{
    char text[SHOWN_MAX];
    const char *label = field->text;

    for (size_t i = 0; label != NULL && i < sizeof extensions / sizeof extensions[0]; i++)
        if (strcmp(extensions[i].name, label) == 0)
            label = extensions[i].label;
    if (label != NULL && strcmp(label, "GREASE") == 0)
        label = NULL;
    begin_item(contents, label != NULL ? label : "extension");
    if (label == NULL) {
        add_word(&contents->words,
                 text_of_code(text, &(dtls_field_t){.number = field->number}, false));
        if (field->text != NULL)
            add_word(&contents->words, "(GREASE)");
    }
}

static void begin_list(struct contents *contents, const dtls_field_t *field)
{
    const char *label = "";

    contents->depth++;
    if (field->name == NULL)
        return;
    if (strcmp(field->name, "extensions") == 0) {
        contents->extensions = contents->depth;
        return;
    }
    if (rule_of(field->name, &label) == NEVER_SHOWN) {
        contents->silent = contents->depth;
        return;
    }
    if (contents->extensions == 0)
        begin_item(contents, label);
    contents->counted = contents->depth;
    contents->values = 0;
}

static void end_list(struct contents *contents)
{
    char text[32];

    if (contents->counted == contents->depth) {
        unsigned hidden = contents->values > VALUES_MAX ? contents->values - VALUES_MAX : 0;
        snprintf(text, sizeof text, "and %u more", hidden);
        if (hidden > 0)
            add_word(&contents->words, text);
        contents->counted = 0;
    }
    if (contents->silent == contents->depth)
        contents->silent = 0;
    contents->depth--;
}

/* Shows a field that is not an entry of a list. In an extension the label of the extension is enough. */
static void show_member(struct contents *contents, const dtls_field_t *field)
{
    const char *label = "";
    enum rule rule = rule_of(field->name, &label);
    bool malformed = field->kind == DTLS_FIELD_MALFORMED;

    if (rule == NEVER_SHOWN || (rule == NOT_EMPTY && field->length == 0) ||
        (contents->legacy && strcmp(field->name, "version") == 0))
        return;
    if (contents->extensions == 0 || malformed)
        begin_item(contents, rule == VALUE ? "" : label);
    else if (rule == NAMED)
        add_word(&contents->words, label);
    add_value(contents, field, strcmp(field->name, "cipher_suite") == 0);
    if (rule == SECONDS)
        add_word(&contents->words, "s");
}

static void on_field(void *arg, const dtls_field_t *field)
{
    struct contents *contents = arg;
    unsigned depth = contents->depth;

    if (field->kind == DTLS_FIELD_LIST || field->kind == DTLS_FIELD_OBJECT)
        begin_list(contents, field);
    else if (field->kind == DTLS_FIELD_END)
        end_list(contents);
    else if (contents->silent > 0 && field->kind != DTLS_FIELD_MALFORMED)
        return;
    else if (field->name == NULL)
        add_value(contents, field, contents->extensions == 0);
    else if (contents->extensions > 0 && depth == contents->extensions + 1 &&
             strcmp(field->name, "type") == 0)
        begin_extension(contents, field);
    else
        show_member(contents, field);
}

static void find_versions(void *arg, const dtls_field_t *field)
{
    if (field->text != NULL && field->name != NULL && strcmp(field->name, "type") == 0)
        *(bool *)arg |= strcmp(field->text, "supported_versions") == 0;
}

const char *contents_record_message(const dtls_trace_t *event)
{
    enum { HEARTBEAT = 24, RETURN_ROUTABILITY_CHECK = 27 };
    static const char *const heartbeats[] = {NULL, "heartbeat_request", "heartbeat_response"};
    static const char *const checks[] = {"path_challenge", "path_response", "path_drop"};

    if (event->msg_type > 2)
        return NULL;
    return event->content_type == HEARTBEAT                  ? heartbeats[event->msg_type]
           : event->content_type == RETURN_ROUTABILITY_CHECK ? checks[event->msg_type]
                                                             : NULL;
}

void contents_show(const dtls_trace_t *event, int indent, bool all)
{
    struct contents contents = {.words.indent = (size_t)indent, .all = all};
    const dtls_message_t message = {.msg_type = event->msg_type,
                                    .version = event->version,
                                    .suite = event->suite,
                                    .body = event->message,
                                    .length = event->msg_length};

    dtls_decode_message(&message, find_versions, &contents.legacy);
    end_line(&contents.words);
    dtls_decode_message(&message, on_field, &contents);
    end_line(&contents.words);
}
