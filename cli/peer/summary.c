#include "peer/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/hex.h"
#include "common/numbers.h"
#include "common/report.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *early_text(dtls_early_t early)
{
    if (early == DTLS_EARLY_ACCEPTED)
        return ", early data accepted";
    return early == DTLS_EARLY_REJECTED ? ", early data rejected" : "";
}

static const char *cid_text(const dtls_info_t *info)
{
    if (info->cid_in && info->cid_out)
        return ", CID both ways";
    return info->cid_in ? ", CID from the peer" : info->cid_out ? ", CID to the peer" : "";
}

void summary_connected(const char *name, const struct peer *peer)
{
    char identity[SHOWN_MAX];
    const dtls_info_t *info = &peer->info;
    bool is13 = info->version == DTLS13;
    const char *group = info->group ? dtls_group_name(info->group) : is13 ? "no DHE" : "";
    const char *ems = is13 ? "" : info->ems ? "EMS" : "no EMS";
    uint64_t resent = peer->stats.timeouts + peer->stats.resent;

    report_note("%s identity %s connected: DTLS %s %s %s%s%s, %s%s%s%s, handshake %" PRIu32
                " ms, %" PRIu64 " retransmit%s",
                name, show_bytes(identity, info->identity, info->identity_length),
                is13 ? "1.3" : "1.2", info->suite_name, group, *group && *ems ? " " : "", ems,
                info->cookie ? "cookie" : "no cookie", info->resumed ? ", resumed" : "",
                early_text(info->early_data), cid_text(info), info->handshake_ms, resent,
                resent == 1 ? "" : "s");
}

/* Returns the beginning of a line about a session: with -k the address of the peer and a space,
 * otherwise nothing. */
static const char *name_prefix(char text[NET_NAME_MAX + 1], const struct peer *peer)
{
    text[0] = '\0';
    if (peer->app->options->keep) {
        net_name(text, &peer->session);
        strcat(text, " ");
    }
    return text;
}

bool summary_export(const struct peer *peer)
{
    const struct options *options = peer->app->options;
    uint8_t bytes[OPTIONS_MAX_EXPORT];
    char hex[2 * OPTIONS_MAX_EXPORT + 1], name[NET_NAME_MAX + 1];

    if (options->export_length == 0)
        return true;
    int result = dtls_export(peer->app->dtls, &peer->session, options->export_label, NULL, 0, bytes,
                             options->export_length);
    if (result == 0)
        report_secret("%sexport %s: %s", name_prefix(name, peer), options->export_label,
                      hex_encode(hex, bytes, options->export_length));
    else
        report("--export: no keying material for this session: %s",
               dtls_error_text((dtls_error_t)-result));
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(hex, sizeof hex);
    return result == 0;
}

#define DISCARDED_MAX 120

/* Writes the counts of messages that this side did not deliver or send. */
static const char *show_discarded(char text[DISCARDED_MAX], const struct peer *peer,
                                  const dtls_stats_t *stats)
{
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {
        {peer->unread, "unread"},
        {peer->out.unsent, "unsent"},
        {stats->too_long, "discarded as longer than --record-size"},
    };
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].count > 0)
            used += (size_t)snprintf(text + used, DISCARDED_MAX - used, ", %" PRIu64 " %s",
                                     rows[i].count, rows[i].what);
    return text;
}

bool summary_has_loss(const struct peer *peer)
{
    return peer->stats.lost + peer->stats.too_long + peer->unread + peer->out.unsent +
               peer->out.peer_lost >
           0;
}

#define SHARE_MAX 32

/* Writes the percentage of lost records among all records of the peer. The record numbers show how
 * many records the peer has sent. */
static const char *show_share(char text[SHARE_MAX], const dtls_stats_t *stats)
{
    double percent = 100.0 * (double)stats->lost / (double)(stats->lost + stats->records_in);

    text[0] = '\0';
    if (stats->lost == 0)
        return text;
    if (percent > 99 && stats->records_in > 0)
        percent = 99;
    if (percent < 0.1)
        snprintf(text, SHARE_MAX, " (under 0.1 %%)");
    else
        snprintf(text, SHARE_MAX, " (%.*f %%)", percent < 9.95 ? 1 : 0, percent);
    return text;
}

static void report_counters(const struct peer *peer, const char *end, const dtls_stats_t *stats)
{
    char in[AMOUNT_MAX], out[AMOUNT_MAX], share[SHARE_MAX], name[NET_NAME_MAX + 1],
        missed[DISCARDED_MAX];

    report_note("%s%s; in %" PRIu64 " record%s %s, %" PRIu64 " lost%s, %" PRIu64 " late, %" PRIu64
                " replayed; out %" PRIu64 " record%s %s%s",
                name_prefix(name, peer), end, stats->records_in, stats->records_in == 1 ? "" : "s",
                show_amount(in, stats->bytes_in), stats->lost, show_share(share, stats),
                stats->late, stats->replayed, stats->records_out,
                stats->records_out == 1 ? "" : "s", show_amount(out, stats->bytes_out),
                show_discarded(missed, peer, stats));
}

void summary_so_far(struct app *app)
{
    dtls_stats_t stats;

    for (struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer->state == PEER_OPEN && feedback_get_stats(peer, &stats))
            report_counters(peer, "so far", &stats);
    if (app->serving == 0)
        report_note("no peer is connected");
}

dtls_stats_t summary_of_all(const struct app *app)
{
    dtls_stats_t sum = app->progress.ended, stats;

    for (const struct peer *peer = app->peers; peer != NULL; peer = peer->next)
        if (peer->state != PEER_GONE && feedback_get_stats(peer, &stats))
            progress_add(&sum, &stats);
    return sum;
}

/* Writes the sum of amount and of the data that was not sent. A stream has no messages, so it is
 * counted in bytes. Returns false if the sum is 0. */
static bool show_undelivered(char text[MISSING_MAX], struct peer *peer, struct amount amount)
{
    struct app *app = peer->app;
    bool own_input = !app->options->keep && peer->child == NULL && !app->options->recv_only;
    struct rest rest = {.messages = 0};
    char bytes[AMOUNT_MAX];

    if (own_input)
        rest = feed_rest(&app->feed);
    for (const struct entry *entry = peer->out.queue.first; entry != NULL; entry = entry->next) {
        amount.bytes += entry->length;
        amount.records++;
    }
    uint64_t messages = amount.records + rest.messages;
    if (options_is_stream(app->options))
        snprintf(text, MISSING_MAX, "%s", show_amount(bytes, amount.bytes + rest.bytes));
    else if (rest.bytes > 0)
        snprintf(text, MISSING_MAX, "%" PRIu64 " message%s, and %s of unread input", messages,
                 messages == 1 ? "" : "s", show_amount(bytes, rest.bytes));
    else
        snprintf(text, MISSING_MAX, "%" PRIu64 " message%s", messages, messages == 1 ? "" : "s");
    return messages + rest.bytes > 0;
}

bool summary_unsent(char text[MISSING_MAX], struct peer *peer)
{
    return show_undelivered(text, peer, (struct amount){.records = 0});
}

bool summary_unconfirmed(char text[MISSING_MAX], struct peer *peer)
{
    return show_undelivered(text, peer, window_unconfirmed(&peer->out.window));
}

void summary_lost(struct peer *peer)
{
    char name[NET_NAME_MAX], lost[MISSING_MAX];

    if (!summary_unconfirmed(lost, peer))
        return;
    report("%s: %s that the peer has not confirmed may be lost", net_name(name, &peer->session),
           lost);
    peer->app->lossy = true;
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

/* Prints the counters of a session for --stats, as key=value in one line. */
static void report_stats(const struct peer *peer)
{
    const dtls_info_t *info = &peer->info;
    const dtls_stats_t *stats = &peer->stats;
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
        {"unread", peer->unread},
        {"unsent", peer->out.unsent},
        {"peer_lost", peer->out.peer_lost},
        {"too_long", stats->too_long},
    };
    char line[900], name[NET_NAME_MAX + 1];
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
    report_note("%sstats: %s", name_prefix(name, peer), line);
}

/* Adds datagrams that were discarded without a session, and datagrams that could not be sent, to
 * the statistics of the session that ends next. */
static void add_unmatched(struct app *app, dtls_stats_t *stats)
{
    dtls_stats_t unmatched;

    stats->write_failed += app->net.write_failed - app->write_failed;
    app->write_failed = app->net.write_failed;
    if (dtls_get_stats(app->dtls, NULL, &unmatched) < 0)
        return;
    for (unsigned drop = 0; drop < DTLS_DROP_COUNT; drop++) {
        stats->dropped[drop] += unmatched.dropped[drop] - app->unmatched[drop];
        app->unmatched[drop] = unmatched.dropped[drop];
    }
}

void summary_session(struct peer *peer)
{
    const struct options *options = peer->app->options;

    if (summary_has_loss(peer) || (peer->end != NULL && options->reports))
        report_counters(peer, peer->end != NULL ? peer->end : "failed", &peer->stats);
    if (!options->stats)
        return;
    add_unmatched(peer->app, &peer->stats);
    report_stats(peer);
}
