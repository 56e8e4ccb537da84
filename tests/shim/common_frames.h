/*
 * common_frames.h - the frames that a test runner and a shim exchange over TCP: datagrams, and
 * commands for the clock of the shim.
 */
#ifndef SHIM_COMMON_FRAMES_H
#define SHIM_COMMON_FRAMES_H

#include "dtls.h"

/* The first byte of a frame: its type. A big-endian number follows. In a FRAME_PACKET that number
 * is a length, and the datagram follows. */
typedef enum {
    FRAME_PACKET = 'P', /* a datagram, in either direction; 4 bytes: its length */
    FRAME_STEP = 'T',   /* let this much time pass; 8 bytes: ns */
    /* The shim's response to FRAME_STEP. It comes before the datagrams that the step causes. No
     * number. */
    FRAME_STEPPED = 't',
    FRAME_MTU = 'M',    /* sets the largest datagram; 4 bytes: bytes */
    FRAME_EXPECT = 'E', /* states when the next timer is due; 8 bytes: ns, or FRAME_NEVER */
    FRAME_TIMER = 'U'   /* sets the first retransmission timer; 4 bytes: ms */
} frame_type_t;

#define FRAME_NEVER UINT64_MAX

typedef struct {
    frame_type_t type;
    uint64_t number;
    uint8_t data[DTLS_MAX_BUF]; /* bytes of a datagram */
} frame_t;

bool frame_send(int fd, frame_type_t type, uint64_t number);
bool frame_send_packet(int fd, const uint8_t *data, size_t length);
/* Reads a frame. Returns 1 on success, 0 if the other side has closed, and -1 if the connection
 * failed or the bytes are not a frame. */
int frame_receive(int fd, frame_t *frame);

#endif
