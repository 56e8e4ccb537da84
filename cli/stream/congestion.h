/*
 * congestion.h - congestion control: limits the data in flight, and its rate, to what the path
 * delivers.
 *
 * The sender asks the peer from time to time what it has received (feedback.h). Two kinds of peers
 * answer:
 *
 *   - A peer that reports tells how many bytes have arrived. The sender measures the rate that the
 *     path delivers and the round trip without a queue, and keeps about their product in flight, as
 *     BBR does. Loss alone does not slow the sender down unless it is frequent (lossbound.h), and
 *     the queue that the sender causes stays short. If the queue is long all the same, another
 *     sender fills it: the limit then grows and falls as in NewReno (reno.h) until the queue is
 *     found short again.
 *   - A peer that only echoes requests tells nothing of loss. The limit follows NewReno, and a
 *     request that is lost, or is answered late, counts as loss. So each request is the last
 *     datagram in flight, and has the size of the others.
 *
 * A round is the time between two measurements of the rate (pathrate.h). Times are microseconds.
 */
#ifndef CONGESTION_H
#define CONGESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/lossbound.h"
#include "stream/pathrate.h"
#include "stream/reno.h"
#include "stream/roundtrip.h"

#define CONGESTION_REQUESTS 8 /* number of last requests of which an answer still counts */

enum congestion_state {
    CONGESTION_START,  /* the limit grows exponentially */
    CONGESTION_DRAIN,  /* the queue that the start has caused is emptied */
    CONGESTION_CRUISE, /* the limit follows the rate and the round trip of the path */
    CONGESTION_COMPETE /* another sender fills the queue: the limit is at least NewReno's */
};

/* A request. Its answer covers all data that was sent before the request. */
struct congestion_request {
    int64_t at_us; /* time at which the request was sent */
    uint64_t sent; /* bytes of data sent before the request, in total */
};

struct congestion {
    uint64_t limit; /* most bytes that may be in flight */
    uint64_t rate;  /* highest sending rate in bytes per second; 0: no limit yet */

    size_t datagram; /* bytes of data in a full datagram */
    enum congestion_state state;
    bool reports;      /* the peer sends reports (feedback.h), not only echoes */
    int64_t sent_us;   /* time at which data was last sent */
    uint64_t sent;     /* bytes of data sent, in total */
    uint64_t settled;  /* bytes of the sent data that are known to have arrived or to be lost */
    uint64_t received; /* bytes of the sent data that are known to have arrived */
    uint64_t ignored;  /* `sent` at congestion_restart(): loss of earlier data is ignored */
    uint64_t peak;     /* most bytes in flight since the last answer */
    /* the last requests; index: serial number modulo CONGESTION_REQUESTS */
    struct congestion_request asked[CONGESTION_REQUESTS];
    uint64_t serial;   /* serial number of the last request; the first request has 1 */
    uint64_t answered; /* highest serial number of an answered request */
    unsigned timeouts; /* number of requests in a row without an answer */
    struct roundtrip trip;
    struct pathrate path;
    struct lossbound bound;
    struct reno reno;
    unsigned flat;          /* START: number of rounds in a row without a higher rate */
    uint64_t start_rate;    /* START: the rate that a round has to exceed */
    int64_t drain_until_us; /* DRAIN: latest time at which this state ends */
    unsigned phase;         /* CRUISE: index of the current gain in gains[] */
    uint64_t phase_rate;    /* CRUISE: the path's rate when the last probe began */
    int64_t cut_us;         /* CRUISE: time at which `bound` was last lowered */
    unsigned long_queue;    /* CRUISE: number of rounds in a row with a long queue */
    /* COMPETE: number of answers until the check for the other sender ends; 0: no check */
    unsigned checking;
    int64_t checked_us; /* COMPETE: time at which the last check for the other sender ended */
};

/* Begins with a limit of ten datagrams in flight. datagram is the number of bytes of data in a full
 * datagram. */
void congestion_start(struct congestion *control, size_t datagram, int64_t now_us);
/* Call this when the length of a full datagram changes. datagram is as for congestion_start(). */
void congestion_resize(struct congestion *control, size_t datagram);
/* Call this when a record was sent. bytes is the length of its data. */
void congestion_sent(struct congestion *control, uint64_t bytes, int64_t now_us);

/* Returns how many more bytes may be in flight. */
static inline uint64_t congestion_room(const struct congestion *control)
{
    uint64_t in_flight = control->sent - control->settled;

    return control->limit > in_flight ? control->limit - in_flight : 0;
}

/* Returns true if one more datagram may be in flight. */
static inline bool congestion_is_open(const struct congestion *control)
{
    return congestion_room(control) >= control->datagram;
}

/* Call this when there is more data than congestion control permits to send now. */
void congestion_blocked(struct congestion *control);

/* Returns true if enough data was sent since the last request to send another one. */
bool congestion_wants_request(const struct congestion *control);
/* Call this when a request with this serial number was sent. The first request has the number 1,
 * and each further request the next number. */
void congestion_asked(struct congestion *control, uint64_t serial, int64_t now_us);
/* Returns true if the last request has no answer yet. */
bool congestion_is_unanswered(const struct congestion *control);
/* Returns the time at which the answer to the last request counts as lost. */
int64_t congestion_timeout_at(const struct congestion *control);
/* Call this when the answer to the last request counts as lost. */
void congestion_timed_out(struct congestion *control, int64_t now_us);
/* Call this when data was lost because its datagrams were too long for the path: begins again, and
 * ignores the loss of data that was sent so far. */
void congestion_restart(struct congestion *control);

/* Call this when the peer answers the request with this serial number by a report. received is the
 * number of bytes that the peer has received in total. */
void congestion_reported(struct congestion *control, uint64_t serial, uint64_t received,
                         int64_t now_us);
/* Call this when the peer echoes the request with this serial number. If the peer has sent
 * reports before, an echo means that nothing was lost since the last report. */
void congestion_echoed(struct congestion *control, uint64_t serial, int64_t now_us);

#endif
