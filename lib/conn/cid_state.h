/* cid_state.h - the connection IDs of an association (cids.h). */
#ifndef CID_STATE_H
#define CID_STATE_H

#include "base/table.h"
#include "message/flight.h"
#include "record/record.h"

typedef struct conn conn_t;

#define OWN_CIDS 8    /* how many connection IDs of ours may be valid at the same time */
#define PEER_SPARES 2 /* how many unused connection IDs of the peer are stored at most */
#define CID13_MAX (2 + OWN_CIDS * (1 + OWN_CID_MAX) + 1)

typedef struct {
    table_entry_t entry;
    uint8_t bytes[OWN_CID_MAX];
    conn_t *conn;
} own_cid_t;

/* How to check that a peer receives at its new address: by a return routability check (RFC 9853),
 * by a heartbeat (RFC 6520), or by a DTLS 1.3 message, which needs an ACK. The first of these
 * methods that the peer supports is used. */
typedef enum { CHECK_RRC, CHECK_HEARTBEAT, CHECK_FLIGHT, CHECK_NONE } check_t;
#define RRC_COOKIE 8
#define CHECK_SENDS 3 /* CHECK_FLIGHT: how many transmissions go to the new address */
typedef struct {
    uint64_t from, end;
} number_range_t;
typedef struct {
    check_t kind;
    /* CHECK_RRC, CHECK_HEARTBEAT: the response must contain these bytes. */
    uint8_t cookie[RRC_COOKIE];
    /* CHECK_FLIGHT: the records that were sent to the new address, in transmission i those with the
     * numbers from sent[i].from up to sent[i].end. An ACK that lists one of them passes the check.
     * `first` has the first number that was unused when the check began. */
    record_number_t first;
    number_range_t sent[CHECK_SENDS];
    uint8_t sends;     /* CHECK_FLIGHT: how often we have sent to the new address */
    session_t address; /* the new address of the peer */
    dtls_tick_t until; /* when the check of the address ends; NEVER: no check is under way */
} path_check_t;

typedef struct {
    bool agreed, rrc;         /* agreed: both hellos have connection_id; rrc: both have rrc */
    own_cid_t *own[OWN_CIDS]; /* our connection IDs, oldest first */
    size_t own_count;
    cid_t send;               /* the peer's connection ID in our records */
    cid_t spare[PEER_SPARES]; /* unused connection IDs of the peer */
    size_t spare_count;
    bool issue_immediate;  /* the next NewConnectionId has one ID with usage cid_immediate */
    uint8_t issue_spare;   /* how many IDs with usage cid_spare the next NewConnectionId has */
    uint8_t request_count; /* num_cids of our next RequestConnectionId */
    path_check_t check;
    /* Set during DTLS_EVENT_MOVED and DTLS_EVENT_UNVERIFIED: the new address of the peer. */
    const session_t *new_address;
} conn_cids_t;

#endif
