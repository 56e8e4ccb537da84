/*
 * feedback.h - tells the sender of data what has arrived, in the payloads of heartbeats (RFC 6520).
 *
 * The sender of data sends a request, which is a HeartbeatRequest with a serial number. The request
 * contains the number of data records that the sender has sent, and the number of these that the
 * sender knows to be lost. A receiver that is a dtlscat computes from this how many records were
 * lost. It sends a report, which is a heartbeat of its own about the data that has arrived, in four
 * cases: the sender wants a report, the sender knows of fewer or more lost records than the
 * receiver has computed, the number of bytes that the sender may send ahead (the room) has changed
 * much, or the response to the request has to wait. So a response without a report means that no
 * more records were lost. A peer that is not a dtlscat only echoes the payload.
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
    struct amount received; /* data records that have arrived from the peer */
    bool announces;         /* the peer has sent a request with the number of its data records */
    uint64_t missing;       /* number of data records missing at the peer's last request */
    uint64_t gaps;          /* number of missing record numbers at the peer's last request */
    bool newer;             /* data has arrived since the peer's last request */
    uint32_t room;          /* bytes that the peer may send ahead, as of our last report */
};

/* Sends a request with dtls_heartbeat(). serial is the number that the request contains.
 * wants_report is true if the peer must send a report in any case. Returns true if the request was
 * sent. */
bool feedback_ask(struct peer *peer, uint64_t serial, bool wants_report);
/* Returns true if the requests to the peer are now shorter than full data records, because several
 * requests of full length were lost. */
bool feedback_is_short(const struct outgoing *out);
/* The answer of the peer to a request of ours. */
struct feedback_answer {
    enum { FEEDBACK_NONE, FEEDBACK_ECHO, FEEDBACK_REPORT } kind;
    uint64_t serial;        /* serial number of the request */
    struct amount received; /* REPORT: data records that the peer has received */
    uint32_t room;          /* REPORT: bytes that the peer can buffer; 0: not known */
};

/* Reads a heartbeat of the peer (config.heartbeat_received), and sends a report if the peer needs
 * one. If the heartbeat answers a request of ours, returns this answer. */
struct feedback_answer feedback_received(struct peer *peer, bool request, const uint8_t *payload,
                                         size_t length);
/* Counts a data record that has arrived from the peer. length is the length of its data. */
void feedback_count(struct peer *peer, size_t length);
/* Fills in the counters of the session. stats->lost counts lost data records if the peer announces
 * how many it has sent, otherwise lost records of any kind. Returns false if there is no
 * association. */
bool feedback_get_stats(const struct peer *peer, dtls_stats_t *stats);

#endif
