/* heartbeat_state.h - the heartbeats of an association (heartbeat.h). */
#ifndef HEARTBEAT_STATE_H
#define HEARTBEAT_STATE_H

#include "dtls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEARTBEAT_MAX 1024 /* most bytes of payload in a heartbeat message, sent or received */

/* Our HeartbeatRequest, which waits for its response. */
typedef struct {
    dtls_tick_t timer_at;
    uint32_t timer_ms;
    uint16_t probed; /* the MTU that the request probes; 0: the request is not a probe */
    uint16_t length; /* length of the payload */
    uint8_t sends;
    uint8_t payload[];
} heartbeat_request_t;

static inline size_t heartbeat_request_size(const heartbeat_request_t *request)
{
    return request ? sizeof *request + request->length : 0;
}

/* A HeartbeatRequest of the peer whose response we hold (heartbeat_hold()). */
typedef struct {
    uint16_t length; /* length of the payload */
    uint8_t payload[];
} held_heartbeat_t;

static inline size_t held_heartbeat_size(const held_heartbeat_t *held)
{
    return held ? sizeof *held + held->length : 0;
}

/* Heartbeats: RFC 6520 (heartbeat.h). */
typedef struct {
    bool allowed;      /* the peer accepts our HeartbeatRequests */
    bool responds;     /* both hellos have heartbeat: we respond to the peer's requests */
    bool hold;         /* we hold the responses to the peer's requests: heartbeat_hold() */
    bool received_any; /* a heartbeat message of the peer has arrived */
    heartbeat_request_t *request; /* NULL: no request waits for a response */
    held_heartbeat_t *held;       /* NULL: no response waits to be sent */
} heartbeat_t;

#endif
