/*
 * lossbound.h - a limit of the data in flight that is learned from loss.
 *
 * Single losses do not count: the average loss has to be high. Loss that does not fall although the
 * bound is half of what it was is not caused by congestion but by the path, as on a radio link, and
 * is tolerated from then on. If loss falls, but not enough, it is compared again from there.
 */
#ifndef LOSSBOUND_H
#define LOSSBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOSSBOUND_NONE UINT64_MAX

struct lossbound {
    uint64_t bytes;     /* the bound; LOSSBOUND_NONE */
    uint64_t step;      /* bytes by which it grows next */
    uint64_t loss_ppm;  /* average loss, in millionths */
    uint64_t fault_ppm; /* average loss that is tolerated */
    uint64_t cut_from;  /* bytes in flight when the comparison began; 0: none */
    uint64_t cut_ppm;   /* average loss at that time */
    uint64_t cut_bytes; /* sent since the bound has been half of cut_from */
};

/* Begins without a bound. datagram: the bytes of a full datagram. */
void lossbound_start(struct lossbound *bound, size_t datagram);
/* Call it for each answer. It covers `sent` bytes, of which `lost` were lost. Returns true if this
 * loss and the average are high. */
bool lossbound_measured(struct lossbound *bound, uint64_t sent, uint64_t lost, size_t datagram);
/* Returns true if the average loss is not tolerated. */
bool lossbound_is_exceeded(const struct lossbound *bound);
/* Returns true if data was lost recently: the queue of the path is short. */
bool lossbound_has_loss(const struct lossbound *bound);
/* Call it when loss shows congestion: lowers the bound below the bytes in flight, but not below
 * floor. */
void lossbound_lower(struct lossbound *bound, uint64_t in_flight, uint64_t floor, size_t datagram);
/* Call it when no congestion was found: raises the bound, each time by more. limit: the limit of
 * the data in flight without a bound. */
void lossbound_raise(struct lossbound *bound, uint64_t limit);

#endif
