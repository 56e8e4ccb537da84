/*
 * lossbound.h - a limit of the data in flight that is learned from loss.
 *
 * The bound is the limit in bytes. Single losses do not lower the bound: the average loss has to be
 * high. If the bound was lowered to half and the average loss has not fallen by a third, congestion
 * is not the cause. The path itself loses data, as on a radio link, and this loss is tolerated from
 * then on. If the loss has fallen but is still high, the bound is lowered further, and the loss is
 * compared anew.
 */
#ifndef LOSSBOUND_H
#define LOSSBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOSSBOUND_NONE UINT64_MAX

struct lossbound {
    uint64_t bytes;     /* the bound: limit of the bytes in flight, or LOSSBOUND_NONE */
    uint64_t step;      /* number of bytes that lossbound_raise() adds next */
    uint64_t loss_ppm;  /* average loss, in millionths */
    uint64_t fault_ppm; /* average loss that is tolerated, in millionths */
    uint64_t cut_from;  /* bytes in flight when the comparison of loss began; 0: no comparison */
    uint64_t cut_ppm;   /* average loss when the comparison of loss began, in millionths */
    /* bytes sent since the bound fell to half of cut_from or less; the comparison is complete
     * after the bytes of 300 full datagrams */
    uint64_t cut_bytes;
};

/* Begins without a bound. datagram is the length of a full datagram in bytes. */
void lossbound_start(struct lossbound *bound, size_t datagram);
/* Call this for each answer of the peer to a request (peer/feedback.h). The answer is about `sent`
 * bytes, of which `lost` bytes were lost. Returns true if this loss and the average loss are both
 * high. */
bool lossbound_measured(struct lossbound *bound, uint64_t sent, uint64_t lost, size_t datagram);
/* Returns true if the average loss is not tolerated. */
bool lossbound_is_exceeded(const struct lossbound *bound);
/* Returns true if data was lost recently. The path is then assumed to have room for only a short
 * queue, so the sender lets little data wait there. */
bool lossbound_has_loss(const struct lossbound *bound);
/* Call this when loss shows congestion: lowers the bound below the bytes in flight, but not below
 * floor. */
void lossbound_lower(struct lossbound *bound, uint64_t in_flight, uint64_t floor, size_t datagram);
/* Call this when no congestion was found: raises the bound, each time by more. limit is the current
 * limit of the data in flight. A bound far above the limit is removed. */
void lossbound_raise(struct lossbound *bound, uint64_t limit);

#endif
