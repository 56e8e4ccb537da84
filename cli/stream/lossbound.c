#include "stream/lossbound.h"

#include "common/numbers.h"

#define MILLION UINT64_C(1000000)
#define HIGH_PPM 20000      /* loss of this number of millionths (2 %) or more is high */
#define SHORT_QUEUE_PPM 100 /* average loss in millionths above which little may be queued */
#define AVERAGE 300         /* number of datagrams over which loss is averaged */

void lossbound_start(struct lossbound *bound, size_t datagram)
{
    *bound = (struct lossbound){.bytes = LOSSBOUND_NONE, .step = datagram};
}

bool lossbound_measured(struct lossbound *bound, uint64_t sent, uint64_t lost, size_t datagram)
{
    uint64_t datagrams = number_min(sent / datagram, AVERAGE);

    if (sent == 0)
        return false;
    uint64_t ppm = number_min(lost, sent) * MILLION / sent;
    bound->loss_ppm = (bound->loss_ppm * (AVERAGE - datagrams) + ppm * datagrams) / AVERAGE;
    if (bound->loss_ppm < bound->fault_ppm / 2)
        bound->fault_ppm = 0;
    if (bound->cut_from > 0 && bound->bytes <= bound->cut_from / 2)
        bound->cut_bytes += sent;
    return lost >= datagram && ppm > HIGH_PPM && bound->loss_ppm >= HIGH_PPM;
}

bool lossbound_is_exceeded(const struct lossbound *bound)
{
    return bound->loss_ppm >= bound->fault_ppm / 2 * 3 + HIGH_PPM;
}

bool lossbound_has_loss(const struct lossbound *bound)
{
    return bound->loss_ppm > SHORT_QUEUE_PPM;
}

static void begin_cuts(struct lossbound *bound, uint64_t in_flight, uint64_t floor)
{
    bound->cut_from = number_max(in_flight, 2 * floor);
    bound->cut_ppm = bound->loss_ppm;
    bound->cut_bytes = 0;
}

static void end_cuts(struct lossbound *bound)
{
    bound->cut_from = bound->cut_bytes = 0;
}

void lossbound_lower(struct lossbound *bound, uint64_t in_flight, uint64_t floor, size_t datagram)
{
    bool observed = bound->cut_bytes >= AVERAGE * datagram;

    if (observed && bound->loss_ppm >= bound->cut_ppm / 3 * 2) {
        bound->fault_ppm = bound->loss_ppm;
        bound->bytes = LOSSBOUND_NONE;
        end_cuts(bound);
        return;
    }
    if (observed || bound->cut_from == 0)
        begin_cuts(bound, in_flight, floor);
    bound->bytes = number_max(number_min(bound->bytes, in_flight) / 100 * 85, floor);
    bound->step = datagram;
}

void lossbound_raise(struct lossbound *bound, uint64_t limit)
{
    if (bound->bytes == LOSSBOUND_NONE)
        return;
    bound->bytes += bound->step;
    bound->step = number_min(2 * bound->step, bound->bytes / 4);
    if (bound->bytes > bound->cut_from)
        end_cuts(bound);
    if (bound->bytes > 4 * limit)
        bound->bytes = LOSSBOUND_NONE;
}
