/*
 * state.h - the four lifetimes: context > peer > association > handshake. A struct a lifetime; what
 * a handshake needs is wiped and gone when it is over.
 */
#ifndef STATE_H
#define STATE_H

#include "base/table.h"
#include "conn/hs_state.h"
#include "crypto/group.h"
#include "crypto/kdf12.h"
#include "crypto/kdf13.h"
#include "message/cookie.h"
#include "message/flight.h"
#include "message/hello_pool.h"
#include "message/reassembly.h"
#include "message/sessions.h"
#include "message/ticket.h"
#include "message/transcript.h"
#include "record/record.h"

typedef struct conn conn_t;
typedef struct hs_row hs_row_t;

#define GROUPS_MAX 4

/* Records that came before their keys. */
#define HELD_MAX 4096
typedef struct {
    uint8_t *bytes; /* HELD_MAX; NULL: none are held */
    uint16_t length;
    bool retry; /* what they waited for may have come */
} held_t;

/* DTLS 1.3: handshake records received that an ACK will name, RFC 9147 section 7. */
#define ACKS_MAX 16
typedef struct {
    record_number_t numbers[ACKS_MAX];
    size_t count;
    size_t sent;    /* the first so many of them were in an ACK before */
    dtls_tick_t at; /* when to send it; NEVER: there is no news */
} acks_t;

/* ---- connection IDs ---- */

#define OWN_CIDS 8    /* that are valid at a time */
#define PEER_SPARES 2 /* kept for later */
#define CID13_MAX (2 + OWN_CIDS * (1 + OWN_CID_MAX) + 1)

typedef struct {
    table_entry_t entry;
    uint8_t bytes[OWN_CID_MAX];
    conn_t *conn;
} own_cid_t;

/* A peer that seems to have moved is asked to answer from there, by the first of these that it knows: RFC 9853,
 * RFC 6520, an acknowledged message of DTLS 1.3. */
typedef enum { CHECK_RRC, CHECK_HEARTBEAT, CHECK_FLIGHT, CHECK_NONE } check_t;
#define RRC_COOKIE 8
typedef struct {
    check_t kind;
    uint8_t cookie[RRC_COOKIE]; /* CHECK_RRC, CHECK_HEARTBEAT */
    record_number_t
        first;     /* CHECK_FLIGHT: these records of flights and later ones went there alone */
    uint8_t sends; /* CHECK_FLIGHT: transmissions to there */
    session_t address;
    dtls_tick_t until; /* NEVER: no check is under way */
} path_check_t;

typedef struct {
    bool agreed, rrc;         /* both hellos have it */
    own_cid_t *own[OWN_CIDS]; /* the oldest first */
    size_t own_count;
    cid_t send;               /* in our records */
    cid_t spare[PEER_SPARES]; /* of the peer's, for another path */
    size_t spare_count;
    bool new_now;               /* the next NewConnectionId: one to use at once, */
    uint8_t new_spare, request; /* or so many; and how many our request is for */
    path_check_t check;
} conn_cids_t;

/* A request of ours that is not answered. */
#define HEARTBEAT_MAX 1024 /* bytes of payload, both ways */
typedef struct {
    uint8_t *payload; /* NULL: none */
    size_t length;
    dtls_tick_t timer_at;
    uint32_t timer_ms;
    uint16_t probed; /* so long is its datagram; 0: as it comes */
    uint8_t sends;
} heartbeat_t;

/* One of the peer's whose answer waits. */
typedef struct {
    uint8_t *payload; /* NULL: none */
    size_t length;
} held_heartbeat_t;

/* Flights after the handshake, each with its own timer: RFC 9147 section 5.8.4. */
typedef enum { POST_TICKET, POST_NEW_CID, POST_REQUEST_CID, POST_KEY_UPDATE, POST_COUNT } post_t;

/* What only an association of DTLS 1.3 needs, and a client that offers it. */
typedef struct {
    acks_t acks;
    flight_t *post[POST_COUNT]; /* NULL unless one is under way */
    dtls_tick_t retire_at;    /* when the handshake's read keys go; NEVER: gone, or not there yet */
    uint64_t read_epoch;      /* the newest of application data; 0: none yet */
    bool chosen;              /* the peer speaks it, too */
    bool old_keys;            /* the peer may still send under those before it */
    bool update_asked;        /* of the peer, which has not answered yet */
    bool update_answers;      /* our KeyUpdate under way is an answer */
    bool pending[POST_COUNT]; /* to be sent once what is under way is through */
    bool request_pending, response_pending;                /* by the KeyUpdate of these */
    uint8_t read_secret[HASH_MAX], write_secret[HASH_MAX]; /* application traffic */
    uint8_t exporter[HASH_MAX];
    uint8_t resumption[HASH_MAX]; /* a client that keeps tickets derives their PSKs from it */
} conn13_t;

/* What DTLS 1.2 exports from, RFC 5705. */
typedef struct {
    uint8_t master[MASTER_LENGTH];
    randoms_t randoms;
} exporter12_t;

/* close_notify, ours and the peer's: closing.c. */
typedef struct {
    dtls_tick_t at;         /* when ours is sent again, or given up; NEVER: it was not sent */
    dtls_tick_t began;      /* when it was first sent */
    dtls_tick_t last;       /* when it was last sent; before that, when the peer's last came */
    uint64_t last_sequence; /* of the peer's: it sends no data after that, */
    uint16_t last_epoch;    /* nor in a later epoch */
    uint16_t timer_ms;      /* until ours is sent again */
    uint8_t unheard;        /* times it was sent since the peer was last heard */
    bool stays;             /* only to repeat our last flight */
    bool half_closed;       /* the peer's has come, and our direction is still open */
} closing_t;

typedef enum { PHASE_HANDSHAKE, PHASE_CONNECTED, PHASE_CLOSING, PHASE_ENDED } phase_t;

/* What the peer's hello says of the size of our records. */
typedef struct {
    uint16_t limit;        /* RFC 8449; 0: nothing */
    uint8_t fragment_code; /* server: RFC 6066 section 4; 0: nothing */
} sizes_t;

struct conn {
    dtls_context_t *ctx;
    dtls_peer_t *peer;
    phase_t phase;
    bool client;
    uint16_t version; /* 0: not negotiated yet */
    uint16_t group;   /* of the (EC)DHE; 0: none */
    uint8_t state;    /* of the handshake: hs.h */
    uint8_t warnings; /* of the peer's, protected, since its last data */
    bool reading;     /* a row has a message, and may call back */
    bool rtt_known;
    bool confirmed; /* the peer is known to have our last flight */
    const hs_row_t *rows;
    handshake_t *hs; /* NULL when it is over */
    const suite_t *suite;
    conn13_t *v13; /* NULL: this is not DTLS 1.3 and will not be */
    epoch_t *read[EPOCH_SLOTS], *write[EPOCH_SLOTS]; /* by the two lowest bits of their number */
    uint64_t send_epoch;                             /* alerts, data and ACKs go out in it */
    flight_t flight;
    reassembly_t reassembly;
    size_t mtu;
    sizes_t sizes;
    uint16_t send_seq, receive_seq; /* message_seq of the next handshake message */
    uint16_t hello_seq;             /* server: of the ClientHello that started this */
    uint8_t client_random[RANDOM_LENGTH];
    bool ems, cookie, heard, secure_renegotiation, resumed;
    bool mute; /* it has ended: nothing more goes out, though a flight is being written */
    dtls_early_t early;
    bool heartbeat_allowed, answers_heartbeat, hold_heartbeats, heartbeat_seen;
    heartbeat_t asked;
    held_heartbeat_t held_request;
    conn_cids_t *cids;        /* NULL: neither offered nor agreed on */
    const session_t *moving;  /* during DTLS_EVENT_MOVED: where to */
    uint64_t cached_session;  /* the number of its session; 0: none was kept */
    uint64_t ticket;          /* the serial number of the one that it got, plus 1; 0: none */
    exporter12_t *exporter12; /* NULL: not DTLS 1.2, or no extended master secret */
    uint8_t *identity;
    size_t identity_length;
    held_t held;

    dtls_tick_t started, last_heard;
    dtls_tick_t last_answer; /* a HeartbeatResponse or an ACK */
    dtls_tick_t limit;       /* of the handshake, until the peer is known to have all of it */
    dtls_tick_t repeat_at;   /* when we last answered a repeated flight */
    dtls_tick_t refuse_at;   /* when a renegotiation will be refused aloud again */
    uint32_t handshake_ms, rtt_ms;
    uint32_t
        unanswered; /* HeartbeatRequests and messages that want an ACK sent since last_answer */
    closing_t closing;
    failure_t failure;
    dtls_stats_t stats;
    conn_t *older, *newer; /* among the half-open, or the calls */
    conn_t *next_ended;
};

struct dtls_peer_t {
    table_entry_t entry;
    dtls_context_t *ctx;
    session_t session;
    conn_t *conn;
    conn_t *candidate;     /* a handshake beside it, RFC 6347 section 4.2.8 */
    void *data;            /* of the application */
    int candidate_ifindex; /* it came from the same address, but perhaps to another of ours */
    dtls_peer_t *next_ended;
};

typedef struct {
    table_t table;    /* by address */
    uint64_t changes; /* peers added, moved or removed so far */
} peers_t;

typedef struct deferred deferred_t;
struct deferred {
    deferred_t *next;
    session_t session;
    size_t length;
    uint8_t datagram[];
};

struct dtls_context_t {
    dtls_config_t config;
    terms_t own_terms;    /* by the configuration */
    const terms_t *terms; /* terms.h */
    uint16_t groups[GROUPS_MAX];
    size_t group_count;
    alloc_t alloc;
    dtls_handler_t handler;
    void *app;
    uint8_t import_context[UINT8_MAX];
    uint8_t cid[OWN_CID_MAX];
    uint8_t session_id[SESSION_ID_MAX];
    table_t cids; /* ours, of all associations */
    crypto_t *crypto;
    cookies_t cookies;
    tickets_t tickets;
    sessions_t sessions;
    hello_pool_t hellos; /* in fragments */
    bool warned_of_pool, warned_of_length;
    peers_t peers;
    uint8_t *spare;              /* a datagram buffer, NULL while in use */
    dtls_stats_t stats;          /* of datagrams that belong to nobody */
    size_t half_open, connected; /* associations */
    conn_t *oldest_half_open, *newest_half_open;
    conn_t *newest_call;                  /* client handshakes under way */
    unsigned writing;                     /* depth of write callbacks */
    deferred_t *deferred, **deferred_end; /* datagrams that came in from inside them */
    size_t deferred_count;
    dtls_tick_t due_at; /* no timer of any peer is due before; NEVER: there is none */
    bool closing;       /* it is being freed */
    unsigned depth;     /* of calls into the library */
    conn_t *ended;      /* these two are freed when depth is 0 again */
    dtls_peer_t *ended_peers;
    const session_t *handling; /* whose datagram dtls_handle_message() has */
    int result;                /* of that call */
};

/* NULL: there is none for the two lowest bits of that number. */
static inline epoch_t *conn_read_epoch(const conn_t *conn, uint64_t number)
{
    return conn->read[number % EPOCH_SLOTS];
}

static inline epoch_t *conn_write_epoch(const conn_t *conn, uint64_t number)
{
    return conn->write[number % EPOCH_SLOTS];
}

/* The handshake is over, and the peer may still send, also while we close. */
static inline bool conn_is_established(const conn_t *conn)
{
    return !conn->hs && (conn->phase == PHASE_CONNECTED || conn->phase == PHASE_CLOSING);
}

static inline dtls_tick_t now_of(const dtls_context_t *ctx)
{
    return ctx->config.clock(ctx->config.hook);
}

/* The check that is under way, if it is of that kind; or NULL. */
static inline path_check_t *conn_check(const conn_t *conn, check_t kind)
{
    path_check_t *check = conn->cids ? &conn->cids->check : NULL;
    bool runs = check && check->until != NEVER && now_of(conn->ctx) < check->until;
    return runs && check->kind == kind ? check : NULL;
}

/* Where its datagrams go. */
static inline session_t conn_session(const conn_t *conn)
{
    session_t session = conn->peer->session;
    if (conn->peer->candidate == conn)
        session.ifindex = conn->peer->candidate_ifindex;
    return session;
}

/* The hash that the external keys of a context are bound to, RFC 8446 section 4.2.11. */
static inline hash_alg_t psk_hash_of(const dtls_context_t *ctx)
{
    return ctx->config.psk_sha384 ? HASH_SHA384 : HASH_SHA256;
}

static inline void log_of(const dtls_context_t *ctx, dtls_log_t level, const char *message)
{
    ctx->config.log(ctx->config.hook, level, message);
}

static inline bool random_of(const dtls_context_t *ctx, uint8_t *out, size_t length)
{
    return ctx->config.random(ctx->config.hook, out, length) == 0;
}

#endif
