#include "net/impairspec.h"

#include <stdio.h>
#include <string.h>

#include "common/numbers.h"

#define MAX_NUMBER 999999999 /* of a datagram, and of a seed */
#define MAX_PAYLOAD 65507
#define MAX_MS 60000
#define TEXT_MAX 40 /* longest value, with its terminating zero */

/* ---- values --------------------------------------------------------------------------------- */

static bool parse_chance(const char *text, uint32_t *chance)
{
    double percent;
    bool good = parse_percent(text, &percent);

    *chance = good ? (uint32_t)(percent * (IMPAIR_ALWAYS / 100.0) + 0.5) : 0;
    return good;
}

/* Parses "3", "2-4" or "7-". */
static bool parse_range(char *text, struct impair_event *event)
{
    char *dash = strchr(text, '-');
    unsigned long first, last;

    if (dash != NULL)
        *dash = '\0';
    if (!parse_number(text, 1, MAX_NUMBER, &first))
        return false;
    event->first = event->last = first;
    if (dash == NULL)
        return true;
    event->last = UINT64_MAX;
    if (dash[1] == '\0')
        return true;
    bool good = parse_number(dash + 1, first, MAX_NUMBER, &last);
    event->last = good ? last : 0;
    return good;
}

/* Parses "@17" at the end of text, and removes it. */
static bool parse_offset(char *text, struct impair_event *event)
{
    char *at = event->effect == IMPAIR_CORRUPT ? strchr(text, '@') : NULL;
    unsigned long offset;

    if (at == NULL)
        return true;
    *at = '\0';
    event->has_offset = parse_number(at + 1, 0, MAX_PAYLOAD - 1, &offset);
    event->offset = event->has_offset ? offset : 0;
    return event->has_offset;
}

static bool set_chance(struct impair_rules *rules, enum impair_effect effect, const char *text)
{
    uint32_t chance;
    bool good = parse_chance(text, &chance);

    if (good)
        rules->chance[effect] = chance;
    return good;
}

static bool set_loss(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    return set_chance(rules, effect, text);
}

static bool set_event(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    struct impair_event event = {.effect = effect};

    return parse_offset(text, &event) && parse_range(text, &event) &&
           impair_add_event(rules, event);
}

static bool set_effect(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    return set_chance(rules, effect, text) || set_event(rules, effect, text);
}

static bool set_time(int64_t *us, const char *text)
{
    int64_t ms;
    bool good = parse_time(text, SECONDS, &ms) && ms <= MAX_MS;

    if (good)
        *us = ms * 1000;
    return good;
}

static bool set_delay(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    (void)effect;
    return set_time(&rules->delay_us, text);
}

static bool set_jitter(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    (void)effect;
    return set_time(&rules->jitter_us, text);
}

static bool set_rate(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    (void)effect;
    return parse_size(text, &rules->rate);
}

static bool set_mtu(struct impair_rules *rules, enum impair_effect effect, char *text)
{
    unsigned long mtu;
    bool good = parse_number(text, 1, MAX_PAYLOAD, &mtu);

    (void)effect;
    if (good)
        rules->mtu = mtu;
    return good;
}

/* ---- items ---------------------------------------------------------------------------------- */

#define NUMBERS "the number of a datagram, as in 3, 2-4 or 7-"
#define TIME "a time of at most 60 s, as in 20ms"
#define EVENTS " (at most 32 for each direction)"

static const struct item {
    const char *name;
    bool (*set)(struct impair_rules *rules, enum impair_effect effect, char *text);
    enum impair_effect effect;
    const char *expected;
} items[] = {
    {"loss", set_loss, IMPAIR_DROP, "a percentage, as in 5%"},
    {"drop", set_event, IMPAIR_DROP, NUMBERS EVENTS},
    {"dup", set_effect, IMPAIR_DUPLICATE, "a percentage, as in 5%, or " NUMBERS EVENTS},
    {"reorder", set_effect, IMPAIR_REORDER, "a percentage, as in 5%, or " NUMBERS EVENTS},
    {"corrupt", set_effect, IMPAIR_CORRUPT,
     "a percentage, as in 5%, or the number of a datagram and of a byte, as in 3 or 2-4@17" EVENTS},
    {"delay", set_delay, IMPAIR_EFFECTS, TIME},
    {"jitter", set_jitter, IMPAIR_EFFECTS, TIME},
    {"rate", set_rate, IMPAIR_EFFECTS, "bytes per second, as in 64k or 2M"},
    {"mtu", set_mtu, IMPAIR_EFFECTS, "bytes of UDP payload, 1-65507"},
};

static const char seed_expected[] = "a number of at most 999999999";
static const char item_expected[] =
    "loss, drop, dup, reorder, corrupt, delay, jitter, rate, mtu or seed, as in loss=5%,drop=in:3";

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Applies a value, with or without a direction, to the rules of its directions. */
static bool set_rules(struct impair_config *config, const struct item *item, const char *value)
{
    static const char *const prefixes[IMPAIR_DIRECTIONS] = {"out:", "in:"};
    bool only_out = begins_with(value, prefixes[IMPAIR_OUT]);
    bool only_in = begins_with(value, prefixes[IMPAIR_IN]), good = true;
    char text[TEXT_MAX];

    if (only_out || only_in)
        value = strchr(value, ':') + 1;
    if (strlen(value) >= sizeof text)
        return false;
    for (unsigned i = 0; i < IMPAIR_DIRECTIONS; i++) {
        if (i == IMPAIR_OUT ? only_in : only_out)
            continue;
        strcpy(text, value); /* set() changes the text */
        good = good && item->set(&config->rules[i], item->effect, text);
    }
    return good;
}

static const char *parse_seed(struct impair_config *config, const char *value)
{
    unsigned long seed;

    if (!parse_number(value, 0, MAX_NUMBER, &seed))
        return seed_expected;
    config->seeded = true;
    config->seed = seed;
    return NULL;
}

/* Parses NAME=VALUE. Returns NULL, or what was expected. */
static const char *parse_item(struct impair_config *config, const char *text)
{
    const char *value = strchr(text, '=');
    size_t length = value != NULL ? (size_t)(value - text) : 0;

    if (value == NULL)
        return item_expected;
    value++;
    if (length == 4 && begins_with(text, "seed"))
        return parse_seed(config, value);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        if (strlen(items[i].name) == length && memcmp(items[i].name, text, length) == 0)
            return set_rules(config, &items[i], value) ? NULL : items[i].expected;
    return item_expected;
}

const char *impairspec_parse(struct impair_config *config, const char *text,
                             char item[IMPAIRSPEC_ITEM])
{
    const char *expected = NULL;

    config->given = true;
    while (expected == NULL && text != NULL) {
        size_t length = strcspn(text, ",");
        snprintf(item, IMPAIRSPEC_ITEM, "%.*s", (int)length, text);
        expected = length < IMPAIRSPEC_ITEM ? parse_item(config, item) : item_expected;
        text = text[length] == ',' ? text + length + 1 : NULL;
    }
    return expected;
}
