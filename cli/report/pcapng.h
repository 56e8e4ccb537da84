/*
 * pcapng.h - writes the blocks of a pcapng capture into memory (draft-ietf-opsawg-pcapng). Each
 * function returns the length of what it has written, or 0 if that does not fit `room` bytes.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include "dtls.h"

/* The most bytes of a UDP datagram over IPv6. Over IPv4 it is 20 bytes less. */
#define PCAPNG_PAYLOAD_MAX 65527U

/* A datagram, for which IP and UDP headers are made. */
struct pcapng_packet {
    const session_t *own, *peer; /* addresses and ports of this host and of the peer */
    bool outgoing;
    uint64_t time_ns; /* since 1970 */
    const uint8_t *payload;
    size_t length;
    /* texts, each of which ends with a zero, and the length of all of them together */
    const char *comments;
    size_t comments_length;
};

/* Writes the start of a capture: the section header, and the only interface, whose packets begin
 * with an IP header. */
size_t pcapng_start(uint8_t *out, size_t room, const char *application);
/* Writes secrets: lines of a key log. They apply to the packets after them. */
size_t pcapng_secrets(uint8_t *out, size_t room, const char *lines, size_t length);
/* Writes a packet. Returns 0 also if the payload is too long for UDP. If `own` has another family
 * than `peer`, the local address is unknown: it is written as zeros. */
size_t pcapng_packet(uint8_t *out, size_t room, const struct pcapng_packet *packet);

#endif
