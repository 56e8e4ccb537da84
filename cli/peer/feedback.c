#include "peer/feedback.h"

#include <string.h>

#include "peer/peer.h"

/* The payloads. Big-endian numbers follow the name, with their length in bytes:
 *   request  serial (8), records sent (8), bytes sent (8), records known to be lost (8), flag "a
 *            report is wanted" (1). For a peer that does not report: padded with zeros.
 *   report   serial of the request (8), records received (8), bytes received (8), room (4): bytes
 *            that the sender may send ahead. */
static const char request_name[] = "dtlscat?", report_name[] = "dtlscat!";
#define NAME (sizeof request_name - 1)
#define REQUEST (NAME + 8 + 8 + 8 + 8 + 1)
#define REPORT (NAME + 8 + 8 + 8 + 4)
#define ROOM_MAX (512 * 1024) /* bytes; the most that a report permits the peer to send ahead */
#define LONGEST 1024          /* bytes; longest payload of dtls_heartbeat() */
#define LONG_REQUESTS 2       /* after the loss of this number of long requests, send a short one */
#define OVERHEAD 40           /* bytes by which a heartbeat record may exceed a data record */

static uint8_t *put(uint8_t *to, uint64_t number, size_t length)
{
    while (length-- > 0)
        *to++ = (uint8_t)(number >> 8 * length);
    return to;
}

static uint64_t take(const uint8_t **from, size_t length)
{
    uint64_t number = 0;

    while (length-- > 0)
        number = number << 8 | *(*from)++;
    return number;
}

static bool has_name(const char *name, const uint8_t *payload, size_t length, size_t least)
{
    return length >= least && memcmp(payload, name, NAME) == 0;
}

/* ---- the sender ------------------------------------------------------------------------------ */

bool feedback_is_short(const struct outgoing *out)
{
    return !out->congestion.reports && out->congestion.timeouts >= LONG_REQUESTS;
}

/* If the peer sends no reports (feedback.h), only a missing answer to a request shows loss. So the
 * request has to be as long as the data: a path that loses long datagrams then loses the request
 * too. */
static size_t request_length(const struct peer *peer)
{
    const struct outgoing *out = &peer->out;
    size_t room = out->congestion.datagram;

    if (out->congestion.reports || !out->congestion.answered || feedback_is_short(out))
        return REQUEST;
    room = room > OVERHEAD + REQUEST ? room - OVERHEAD : REQUEST;
    return room < LONGEST ? room : LONGEST;
}

bool feedback_ask(struct peer *peer, uint64_t serial, bool wants_report)
{
    const struct outgoing *out = &peer->out;
    uint8_t payload[LONGEST] = {0}, *at = payload;

    memcpy(at, request_name, NAME);
    at = put(at + NAME, serial, 8);
    at = put(at, out->window.sent.records, 8);
    at = put(at, out->window.sent.bytes, 8);
    at = put(at, out->peer_lost, 8);
    put(at, wants_report, 1);
    return dtls_heartbeat(peer->app->dtls, &peer->session, payload, request_length(peer)) == 0;
}

static struct feedback_answer read_report(const uint8_t *payload)
{
    struct feedback_answer answer = {.kind = FEEDBACK_REPORT, .serial = take(&payload, 8)};

    answer.received.records = take(&payload, 8);
    answer.received.bytes = take(&payload, 8);
    answer.room = (uint32_t)take(&payload, 4);
    return answer;
}

/* ---- the receiver ---------------------------------------------------------------------------- */

void feedback_count(struct peer *peer, size_t length)
{
    peer->feedback.newer = true;
    peer->feedback.received.records++;
    peer->feedback.received.bytes += length;
}

/* Returns the number of lost records. gaps is the number of missing record numbers, which data
 * records and other records share. If the peer announces the number of its data records, only gaps
 * since its last request are added to the number of missing data records. */
static uint64_t lost(const struct feedback *feedback, uint64_t gaps)
{
    if (!feedback->announces)
        return gaps;
    return feedback->missing +
           (feedback->newer && gaps > feedback->gaps ? gaps - feedback->gaps : 0);
}

bool feedback_get_stats(const struct peer *peer, dtls_stats_t *stats)
{
    if (dtls_get_stats(peer->app->dtls, &peer->session, stats) < 0)
        return false;
    stats->lost = lost(&peer->feedback, stats->lost);
    return true;
}

/* Returns the number of bytes that a peer may send ahead. All peers share a quarter of the receive
 * buffer of the socket: the kernel counts the overhead of datagrams too, so the whole buffer would
 * be too much. ROOM_MAX is less than the queue of a program holds. A relay puts the data of all
 * senders into the queue of each reader, so with --broker all peers together may send ROOM_MAX
 * ahead. */
static uint32_t room(const struct app *app)
{
    int peers = app->serving > 1 ? (int)app->serving : 1;
    int bytes = app->net.receive_buffer / (4 * peers);
    int most = app->options->broker ? ROOM_MAX / peers : ROOM_MAX;

    return (uint32_t)(bytes < most ? bytes : most);
}

static bool needs_report(const struct peer *peer, uint64_t known_lost)
{
    const struct feedback *feedback = &peer->feedback;
    uint32_t now = room(peer->app);

    return peer->holds_responses || feedback->missing != known_lost || now < feedback->room / 2 ||
           now / 2 > feedback->room;
}

static void report_received(struct peer *peer, uint64_t serial)
{
    struct feedback *feedback = &peer->feedback;
    uint8_t payload[REPORT], *at = payload;

    memcpy(at, report_name, NAME);
    at = put(at + NAME, serial, 8);
    at = put(at, feedback->received.records, 8);
    at = put(at, feedback->received.bytes, 8);
    feedback->room = room(peer->app);
    put(at, feedback->room, 4);
    dtls_ping(peer->app->dtls, &peer->session, payload, sizeof payload);
}

static void take_request(struct peer *peer, const uint8_t *payload)
{
    struct feedback *feedback = &peer->feedback;
    uint64_t serial = take(&payload, 8);
    uint64_t sent = take(&payload, 8), received = feedback->received.records;
    dtls_stats_t stats;

    take(&payload, 8);
    uint64_t known_lost = take(&payload, 8);
    bool wants_report = take(&payload, 1) == 1;
    feedback->announces = true;
    feedback->newer = false;
    feedback->missing = sent > received ? sent - received : 0;
    if (dtls_get_stats(peer->app->dtls, &peer->session, &stats) == 0)
        feedback->gaps = stats.lost;
    if (wants_report || needs_report(peer, known_lost))
        report_received(peer, serial);
}

/* ---- both ------------------------------------------------------------------------------------ */

struct feedback_answer feedback_received(struct peer *peer, bool request, const uint8_t *payload,
                                         size_t length)
{
    const uint8_t *number = payload + NAME;

    if (request && has_name(request_name, payload, length, REQUEST))
        take_request(peer, number);
    if (request && has_name(report_name, payload, length, REPORT))
        return read_report(number);
    if (!request && has_name(request_name, payload, length, REQUEST))
        return (struct feedback_answer){.kind = FEEDBACK_ECHO, .serial = take(&number, 8)};
    return (struct feedback_answer){.kind = FEEDBACK_NONE};
}
