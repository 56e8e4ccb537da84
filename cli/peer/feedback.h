/*
 * feedback.h - tells the sender of data what has arrived, in the payloads of heartbeats (RFC 6520).
 *
 * A request of the sender has the number of data records that it has sent, and how many of them it
 * knows to be lost. If the receiver is a dtlscat, it counts from that what was lost. It reports
 * what it has received, in a heartbeat of its own, if the sender wants a report, or knows another
 * number of lost records, or if the response to the request has to wait. A response without a
 * report thus means that no more records were lost. Other peers echo the payload, and ignore it.
 */
#ifndef FEEDBACK_H
#define FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"
#include "stream/window.h"

struct outgoing;
struct peer;

struct feedback {
    struct amount received; /* data of the peer that has arrived */
    bool announces;         /* the peer has sent a request with its count */
    uint64_t missing;       /* records of the peer that had not arrived at its last request */
    uint64_t gaps;          /* gaps in the record numbers at that time */
    bool newer;             /* data has arrived since then */
    uint32_t room;          /* bytes that the peer may send ahead, as of our last report */
};

/* Sends a request: see dtls_heartbeat(). wants_report: the peer is to report in any case. Returns
 * true if the request was sent. */
bool feedback_ask(struct peer *peer, uint64_t serial, bool wants_report);
/* Returns true if requests as long as the data were lost, so that the last one is short. */
bool feedback_is_short(const struct outgoing *out);
/* The answer of the peer to a request of ours. */
struct feedback_answer {
    enum { FEEDBACK_NONE, FEEDBACK_ECHO, FEEDBACK_REPORT } kind;
    uint64_t serial;        /* of the request */
    struct amount received; /* REPORT: what the peer has received */
    uint32_t room;          /* REPORT: bytes that the peer can buffer; 0: not known */
};

/* Reads a heartbeat of the peer (config.heartbeat_received), and sends a report if the peer needs
 * one. Returns the answer to a request of ours, if that is what has arrived. */
struct feedback_answer feedback_received(struct peer *peer, bool request, const uint8_t *payload,
                                         size_t length);
/* A data record of the peer has arrived. */
void feedback_count(struct peer *peer, size_t length);
/* Fills in the counters of the session. stats->lost counts lost data records if the peer tells how
 * many it has sent, else lost records of any kind. Returns false if there is no association. */
bool feedback_get_stats(const struct peer *peer, dtls_stats_t *stats);

#endif
