#include "report/jsonevents.h"

#include <stdio.h>
#include <string.h>

#include "common/eventlog.h"
#include "common/exit.h"
#include "options/options.h"
#include "report/jsonpeer.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct {
    bool with_data;
    dtls_stats_t sum; /* of all associations that have ended */
    uint64_t sessions, failures;
} run;

void jsonevents_start(bool with_data)
{
    run.with_data = with_data;
}

static struct json_writer *begin(const char *event, const session_t *session)
{
    struct json_writer *writer = eventlog_begin(event);

    jsonpeer_put(writer, "peer", session);
    return writer;
}

/* ---- sessions ------------------------------------------------------------------------------- */

void jsonevents_listening(const char *host, uint16_t port)
{
    if (!eventlog_is_open())
        return;
    struct json_writer *writer = eventlog_begin("listening");
    json_string(writer, "address", host);
    json_number(writer, "port", port);
    eventlog_end();
}

void jsonevents_state(const session_t *session, const char *state)
{
    if (!eventlog_is_open())
        return;
    json_string(begin("state", session), "state", state);
    eventlog_end();
}

static void put_identity(struct json_writer *writer, const dtls_info_t *info)
{
    if (info->identity != NULL)
        json_text(writer, "identity", info->identity, info->identity_length);
}

/* Writes what the handshake has negotiated so far. */
static void put_negotiated(struct json_writer *writer, const dtls_info_t *info)
{
    dtls_suite_info_t suite;
    const char *group = info->group != 0 ? dtls_group_name(info->group) : NULL;

    json_string(writer, "role", info->client ? "client" : "server");
    put_identity(writer, info);
    if (info->version != 0)
        json_string(writer, "version", info->version == DTLS13 ? "DTLS 1.3" : "DTLS 1.2");
    if (dtls_suite_info(info->suite, &suite) == 0) {
        json_string(writer, "suite", suite.name);
        json_string(writer, "suite_iana", suite.iana_name);
    }
    if (group != NULL)
        json_string(writer, "group", group);
}

void jsonevents_connected(const session_t *session, const dtls_info_t *info,
                          const dtls_stats_t *stats)
{
    static const char *const early[] = {[DTLS_EARLY_NONE] = "none",
                                        [DTLS_EARLY_OFFERED] = "offered",
                                        [DTLS_EARLY_ACCEPTED] = "accepted",
                                        [DTLS_EARLY_REJECTED] = "rejected"};

    run.sessions++;
    if (!eventlog_is_open())
        return;
    jsonevents_state(session, "open");
    struct json_writer *writer = begin("connected", session);
    put_negotiated(writer, info);
    const struct {
        const char *name;
        bool value;
    } flags[] = {{"ems", info->ems},         {"cookie", info->cookie},
                 {"resumed", info->resumed}, {"cid_in", info->cid_in},
                 {"cid_out", info->cid_out}, {"heartbeat", info->heartbeat}};
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        json_bool(writer, flags[i].name, flags[i].value);
    json_string(writer, "early_data", early[info->early_data]);
    json_number(writer, "mtu", info->mtu);
    json_number(writer, "handshake_ms", info->handshake_ms);
    json_number(writer, "retransmits", stats->timeouts + stats->resent);
    eventlog_end();
}

void jsonevents_data(const session_t *session, bool outgoing, const uint8_t *data, size_t length)
{
    if (!eventlog_is_open())
        return;
    struct json_writer *writer = begin("data", session);
    json_string(writer, "direction", outgoing ? "out" : "in");
    json_number(writer, "length", length);
    if (run.with_data)
        json_base64(writer, "data", data, length);
    eventlog_end();
}

void jsonevents_moved(const session_t *from, const session_t *to, bool verified)
{
    if (!eventlog_is_open())
        return;
    struct json_writer *writer = begin("moved", from);
    jsonpeer_put(writer, "to", to);
    json_bool(writer, "verified", verified);
    eventlog_end();
}

/* ---- the end of sessions -------------------------------------------------------------------- */

void jsonevents_lost(const session_t *session, const struct jsonevents_loss *loss)
{
    if (!eventlog_is_open())
        return;
    struct json_writer *writer = begin("lost", session);
    json_number(writer, "in", loss->in);
    json_number(writer, "out", loss->out);
    json_number(writer, "too_long", loss->too_long);
    json_number(writer, "unread", loss->unread);
    json_number(writer, "unsent", loss->unsent);
    eventlog_end();
}

/* The counters of dtls_stats_t that the events have. */
static const struct {
    const char *name;
    size_t offset;
} counters[] = {
#define COUNTER(name)                                                                              \
    {                                                                                              \
#name, offsetof(dtls_stats_t, name)                                                        \
    }
    COUNTER(records_in),   COUNTER(bytes_in),      COUNTER(records_out),  COUNTER(bytes_out),
    COUNTER(datagrams_in), COUNTER(datagrams_out), COUNTER(octets_in),    COUNTER(octets_out),
    COUNTER(lost),         COUNTER(late),          COUNTER(too_long),     COUNTER(replayed),
    COUNTER(timeouts),     COUNTER(resent),        COUNTER(write_failed),
#undef COUNTER
};

static uint64_t *counter_of(dtls_stats_t *stats, size_t index)
{
    return (uint64_t *)(void *)((char *)stats + counters[index].offset);
}

static void put_statistics(struct json_writer *writer, dtls_stats_t stats)
{
    json_begin_object(writer, "statistics");
    for (size_t i = 0; i < COUNT_OF(counters); i++)
        json_number(writer, counters[i].name, *counter_of(&stats, i));
    json_begin_object(writer, "dropped");
    for (unsigned drop = 0; drop < DTLS_DROP_COUNT; drop++)
        if (stats.dropped[drop] > 0)
            json_number(writer, dtls_drop_name((dtls_drop_t)drop), stats.dropped[drop]);
    json_end_object(writer);
    json_end_object(writer);
}

void jsonevents_count(const dtls_stats_t *stats)
{
    dtls_stats_t more = *stats;

    for (size_t i = 0; i < COUNT_OF(counters); i++)
        *counter_of(&run.sum, i) += *counter_of(&more, i);
    for (unsigned drop = 0; drop < DTLS_DROP_COUNT; drop++)
        run.sum.dropped[drop] += more.dropped[drop];
}

void jsonevents_closed(const session_t *session, const char *reason, const dtls_stats_t *stats)
{
    if (!eventlog_is_open())
        return;
    jsonevents_state(session, "closed");
    struct json_writer *writer = begin("closed", session);
    json_string(writer, "reason", reason);
    put_statistics(writer, *stats);
    eventlog_end();
}

void jsonevents_failed(const session_t *session, const dtls_info_t *info, bool connected, int code)
{
    run.failures++;
    if (!eventlog_is_open())
        return;
    struct json_writer *writer = begin("failed", session);
    json_string(writer, "error", dtls_error_name(info->error));
    json_string(writer, "text", dtls_error_text(info->error));
    json_bool(writer, "connected", connected);
    json_number(writer, "code", (uint64_t)code);
    put_negotiated(writer, info);
    if (info->error == DTLS_ERR_ALERT) {
        json_string(writer, "alert", dtls_alert_name(info->alert));
        json_bool(writer, "alert_authenticated", info->alert_authenticated);
    }
    eventlog_end();
}

/* ---- the end of the run --------------------------------------------------------------------- */

/* Returns why the run has ended. A listener may have reported errors about clients before a signal ended it. */
static const char *reason_of(int code, char *text, size_t size)
{
    const char *error = eventlog_last_error();

    if (code > EXIT_SIGNAL)
        snprintf(text, size, "signal %d (%s)", code - EXIT_SIGNAL, strsignal(code - EXIT_SIGNAL));
    else if (code == EXIT_LOSS)
        snprintf(text, size, "data was lost (--fail-on-loss)");
    else
        snprintf(text, size, "%s", error != NULL ? error : "no error was reported");
    return text;
}

void jsonevents_exit(int code)
{
    char reason[512];

    if (!eventlog_is_open())
        return;
    struct json_writer *writer = eventlog_begin("exit");
    json_number(writer, "code", (uint64_t)code);
    if (code != EXIT_DONE)
        json_string(writer, "reason", reason_of(code, reason, sizeof reason));
    json_number(writer, "sessions", run.sessions);
    json_number(writer, "failures", run.failures);
    put_statistics(writer, run.sum);
    eventlog_close();
}
