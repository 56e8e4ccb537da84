/*
 * siphash.h - SipHash-2-4, a short-input keyed hash (Aumasson and Bernstein, 2012).
 */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* Returns the 64-bit hash of length bytes under a 128-bit key. */
uint64_t siphash(const uint8_t key[16], const uint8_t *bytes, size_t length);

#endif
