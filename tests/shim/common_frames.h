/*
 * common_frames.h - the frames that a test runner and a shim exchange over TCP: datagrams, and
 * commands for the clock of the shim.
 */
#ifndef SHIM_COMMON_FRAMES_H
#define SHIM_COMMON_FRAMES_H

#include "dtls.h"

/* The first byte of a frame. A big-endian number follows. After the length of a datagram comes
 * the datagram. */
typedef enum {
    FRAME_PACKET = 'P', /* a datagram, in either direction; 4 bytes: its length */
    FRAME_STEP = 'T',   /* let this much time pass; 8 bytes: ns */
    /* The shim's response to FRAME_STEP, before the datagrams that the step causes; no number. */
    FRAME_STEPPED = 't',
    FRAME_MTU = 'M',    /* the largest datagram from now on; 4 bytes */
    FRAME_EXPECT = 'E', /* the time until the next timer expires; 8 bytes: ns, or FRAME_NEVER */
    FRAME_TIMER = 'U'   /* the first retransmission timer from now on; 4 bytes: ms */
} frame_type_t;

#define FRAME_NEVER UINT64_MAX

typedef struct {
    frame_type_t type;
    uint64_t number;
    uint8_t data[DTLS_MAX_BUF]; /* bytes of a datagram */
} frame_t;

bool frame_send(int fd, frame_type_t type, uint64_t number);
bool frame_send_packet(int fd, const uint8_t *data, size_t length);
/* Reads a frame. Returns 1 on success, 0 if the other side has closed, -1 if the bytes are not a
 * frame or the connection has failed. */
int frame_receive(int fd, frame_t *frame);

#endif
