#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keytext.h"
#include "say.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *early_text(dtls_early_t early)
{
    if (early == DTLS_EARLY_ACCEPTED)
        return ", early data accepted";
    return early == DTLS_EARLY_REJECTED ? ", early data rejected" : "";
}

void report_connected(const char *who, const dtls_info_t *info, const dtls_stats_t *stats)
{
    char identity[SHOWN_MAX];

    bool is13 = info->version == DTLS13;
    const char *exchange = info->group ? dtls_group_name(info->group) : "no DHE";
    const char *ems = info->ems ? "EMS" : "no EMS";

    say("%s %s connected: DTLS %s %s %s, %s%s%s, %" PRIu32 " ms, %" PRIu64 " retransmits", who,
        show_bytes(identity, info->identity, info->identity_length), is13 ? "1.3" : "1.2",
        info->suite_name, is13 ? exchange : ems, info->cookie ? "cookie" : "no cookie",
        info->resumed ? ", resumed" : "", early_text(info->early_data), info->handshake_ms,
        stats->timeouts + stats->resent);
}

bool report_export(struct cat *cat)
{
    const struct options *options = cat->options;
    uint8_t bytes[OPTIONS_MAX_EXPORT];
    char hex[2 * OPTIONS_MAX_EXPORT + 1];

    if (options->export_length == 0)
        return true;
    int result = dtls_export(cat->dtls, &cat->peer, options->export_label, NULL, 0, bytes,
                             options->export_length);
    if (result == 0)
        say("export %s: %s", options->export_label, hex_encode(hex, bytes, options->export_length));
    else
        say("cannot export: %s", dtls_error_text((dtls_error_t)-result));
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(hex, sizeof hex);
    return result == 0;
}

static const char *show_amount(char text[32], uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double amount = (double)bytes;
    size_t unit = 0;

    for (; amount >= 999.95 && unit + 1 < COUNT_OF(units); unit++)
        amount /= 1000;
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    return text;
}

void report_closed(const char *end, const dtls_stats_t *stats)
{
    char in[32], out[32], share[32] = "";
    uint64_t sent_to_us = stats->records_in + stats->lost;

    if (stats->lost > 0)
        snprintf(share, sizeof share, " (%.2g %%)",
                 100.0 * (double)stats->lost / (double)sent_to_us);
    say("%s; in %" PRIu64 " records %s, %" PRIu64 " lost%s, %" PRIu64 " late, %" PRIu64
        " replayed; out %" PRIu64 " records %s",
        end, stats->records_in, show_amount(in, stats->bytes_in), stats->lost, share, stats->late,
        stats->replayed, stats->records_out, show_amount(out, stats->bytes_out));
}

static size_t put_drops(char *text, size_t size, const dtls_stats_t *stats)
{
    uint64_t total = 0;
    size_t used = 0;

    for (unsigned drop = 0; drop < DTLS_DROP_COUNT; drop++)
        total += stats->dropped[drop];
    used += (size_t)snprintf(text, size, " dropped=%" PRIu64, total);
    for (unsigned drop = 0; drop < DTLS_DROP_COUNT && used < size; drop++)
        if (stats->dropped[drop] > 0)
            used += (size_t)snprintf(text + used, size - used, " drop.%s=%" PRIu64,
                                     dtls_drop_name((dtls_drop_t)drop), stats->dropped[drop]);
    return used;
}

/* One line of key=value pairs. */
static void report_stats(const dtls_info_t *info, const dtls_stats_t *stats)
{
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"records_in", stats->records_in},
        {"bytes_in", stats->bytes_in},
        {"records_out", stats->records_out},
        {"bytes_out", stats->bytes_out},
        {"lost", stats->lost},
        {"late", stats->late},
        {"replayed", stats->replayed},
        {"timeouts", stats->timeouts},
        {"resent", stats->resent},
        {"write_failed", stats->write_failed},
    };
    char line[900];
    size_t used = 0;

    for (size_t i = 0; i < COUNT_OF(counters); i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s=%" PRIu64, i > 0 ? " " : "",
                                 counters[i].name, counters[i].value);
    used += put_drops(line + used, sizeof line - used, stats);
    if (used < sizeof line)
        snprintf(line + used, sizeof line - used,
                 " suite=%s version=%04x ems=%d handshake_ms=%" PRIu32,
                 info->suite_name != NULL ? info->suite_name : "none", info->version, info->ems,
                 info->handshake_ms);
    say("stats: %s", line);
}

/* What was dropped and belonged to nobody counts for the session in whose time it came. */
static void add_strays(struct cat *cat)
{
    dtls_stats_t strays;

    if (dtls_get_stats(cat->dtls, NULL, &strays) < 0)
        return;
    for (unsigned drop = 0; drop < DTLS_DROP_COUNT; drop++) {
        cat->stats.dropped[drop] += strays.dropped[drop] - cat->strays[drop];
        cat->strays[drop] = strays.dropped[drop];
    }
}

void report_session(struct cat *cat)
{
    bool connected = cat->end != NULL;

    if (connected && (cat->options->verbose > 0 || cat->stats.lost > 0))
        report_closed(cat->end, &cat->stats);
    if (!cat->options->stats)
        return;
    add_strays(cat);
    report_stats(&cat->info, &cat->stats);
}
