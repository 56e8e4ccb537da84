/* grease.h - GREASE values (RFC 8701): reserved numbers that the peer must ignore. All of them follow
 * from seeds, which are random bytes, so that the second ClientHello of a handshake has the same
 * values as the first. */
#ifndef GREASE_H
#define GREASE_H

#include "base/bytes.h"

/* What a value is used as. */
typedef enum {
    GREASE_SUITE,
    GREASE_GROUP,
    GREASE_VERSION,
    GREASE_MODE, /* a PskKeyExchangeMode */
    GREASE_FIRST_EXTENSION,
    GREASE_LAST_EXTENSION,
    GREASE_COUNT
} grease_t;

#define GREASE_CONTENT_MAX 15                            /* longest content of an extension */
#define GREASE_SEEDS (GREASE_COUNT + GREASE_CONTENT_MAX) /* number of seeds */
/* The most bytes that the values of a ClientHello take: a suite, a group, a version and a mode, a key
 * share of one byte, and two extensions. */
#define GREASE_ROOM (7 + 5 + 2 * (4 + GREASE_CONTENT_MAX))

/* Returns the value for this use. The two extensions have different numbers. */
uint16_t grease_value(const uint8_t seeds[GREASE_SEEDS], grease_t use);
/* Writes an extension that has such a number. Its content is 0 to GREASE_CONTENT_MAX bytes. */
void put_ext_grease(writer_t *w, const uint8_t seeds[GREASE_SEEDS], grease_t use);

#endif
