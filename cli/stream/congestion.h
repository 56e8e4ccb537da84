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
 *     sender fills it: the limit then grows and is cut as in NewReno (reno.h) until the queue is
 *     found short again.
 *   - A peer that only echoes requests tells nothing of loss. The limit follows NewReno, and a
 *     request that is lost or late counts as loss. It is the last datagram of what is in flight,
 *     and as long as the others.
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

#define CONGESTION_REQUESTS 8 /* requests, of which a late answer still counts */

enum congestion_state {
    CONGESTION_START,  /* the limit grows exponentially */
    CONGESTION_DRAIN,  /* the queue that the start has caused is emptied */
    CONGESTION_CRUISE, /* the limit follows the rate and the round trip of the path */
    CONGESTION_COMPETE /* another sender fills the queue */
};

/* All data that was sent before a request is covered by its answer. */
struct congestion_request {
    int64_t at_us;
    uint64_t sent;
};

struct congestion {
    uint64_t limit; /* bytes in flight */
    uint64_t rate;  /* bytes per second; 0: no limit yet */

    size_t datagram; /* bytes of data in a full datagram */
    enum congestion_state state;
    bool reports;      /* the peer reports what it has received */
    int64_t sent_us;   /* when data was last sent */
    uint64_t sent;     /* bytes, in total */
    uint64_t settled;  /* bytes of these that have arrived or are lost */
    uint64_t received; /* bytes of these that have arrived */
    uint64_t ignored;  /* bytes of these whose loss does not count: see congestion_restart() */
    uint64_t peak;     /* most bytes in flight since the last answer */
    struct congestion_request asked[CONGESTION_REQUESTS]; /* index: serial number */
    uint64_t serial;                                      /* of the last request; the first is 1 */
    uint64_t answered;                                    /* highest serial that was answered */
    unsigned timeouts;                                    /* requests without answer in a row */
    struct roundtrip trip;
    struct pathrate path;
    struct lossbound bound;
    struct reno reno;
    unsigned flat;          /* START: number of rounds in a row without a higher rate */
    uint64_t start_rate;    /* START: the rate that a round has to exceed */
    int64_t drain_until_us; /* DRAIN: the latest end of this state */
    unsigned phase;         /* CRUISE: index of the gain */
    uint64_t phase_rate;    /* CRUISE: the rate when the probe began */
    int64_t cut_us;         /* CRUISE: when the bound was last lowered */
    unsigned long_queue;    /* CRUISE: rounds in a row with a long queue */
    unsigned checking;  /* COMPETE: answers until the check for the other sender ends; 0: none */
    int64_t checked_us; /* COMPETE: when the last check ended */
};

/* Begins with ten datagrams. datagram: the bytes of data in a full datagram. */
void congestion_start(struct congestion *control, size_t datagram, int64_t now_us);
/* The path now carries datagrams of another size: see congestion_start(). */
void congestion_resize(struct congestion *control, size_t datagram);
/* A record was sent. bytes: the length of its data. */
void congestion_sent(struct congestion *control, uint64_t bytes, int64_t now_us);
/* Returns true if one more datagram may be in flight. */
bool congestion_is_open(const struct congestion *control);
/* There is more data than the control allows to send now. */
void congestion_blocked(struct congestion *control);

/* Returns true if enough was sent since the last request to ask again. */
bool congestion_wants_request(const struct congestion *control);
/* A request with this serial number was sent. The first number is 1, each further one higher by
 * 1. */
void congestion_asked(struct congestion *control, uint64_t serial, int64_t now_us);
/* Returns true if the last request has no answer yet. */
bool congestion_is_unanswered(const struct congestion *control);
/* Returns the time at which the answer to the last request counts as lost. */
int64_t congestion_timeout_at(const struct congestion *control);
/* The answer to the last request counts as lost. */
void congestion_timed_out(struct congestion *control, int64_t now_us);
/* Data was lost since its datagrams were too long for the path: begins again, and does not count
 * the loss of what was sent so far. */
void congestion_restart(struct congestion *control);

/* The peer reports how many bytes it has received in total, as of that request. */
void congestion_reported(struct congestion *control, uint64_t serial, uint64_t received,
                         int64_t now_us);
/* The peer echoes that request. If the peer reports, nothing was lost since its last report. */
void congestion_echoed(struct congestion *control, uint64_t serial, int64_t now_us);

#endif
