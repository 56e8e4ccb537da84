/*
 * common_frames.h - what a test runner and a shim say to each other over TCP: datagrams, and orders
 * about the clock of the shim.
 */
#ifndef SHIM_COMMON_FRAMES_H
#define SHIM_COMMON_FRAMES_H

#include "dtls.h"

/* The byte that a frame starts with. Its number follows, big-endian; after a datagram's length comes
 * the datagram. */
typedef enum {
    FRAME_PACKET = 'P',  /* a datagram, both ways; 4 bytes: length */
    FRAME_STEP = 'T',    /* let so much time pass; 8 bytes: ns */
    FRAME_STEPPED = 't', /* the shim's answer to a step, before what the step sets off; no number */
    FRAME_MTU = 'M',     /* largest datagram from now on; 4 bytes */
    FRAME_EXPECT = 'E',  /* the next time-out is so far away; 8 bytes: ns, or FRAME_NEVER */
    FRAME_TIMER = 'U'    /* the first retransmission timer from now on; 4 bytes: ms */
} frame_type_t;

#define FRAME_NEVER UINT64_MAX

typedef struct {
    frame_type_t type;
    uint64_t number;
    uint8_t data[DTLS_MAX_BUF]; /* of a packet */
} frame_t;

bool frame_send(int fd, frame_type_t type, uint64_t number);
bool frame_send_packet(int fd, const uint8_t *data, size_t length);
/* 1: there is one; 0: the other side has closed; -1: not a frame, or an error of the connection. */
int frame_receive(int fd, frame_t *frame);

#endif
