/*
 * state.h - the structs for the state of a context, of a peer and of an association. A context has
 * peers, a peer has at most two associations, an association may have a handshake. hs_state.h has
 * the state of a handshake, cid_state.h that of connection IDs, and heartbeat_state.h that of
 * heartbeats. tests/lint/owners.sh names the one file that writes each field of an association.
 */
#ifndef STATE_H
#define STATE_H

#include "base/heap.h"
#include "conn/cid_state.h"
#include "conn/heartbeat_state.h"
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

typedef struct hs_row hs_row_t;

#define GROUPS_MAX 4

/* What the hellos have negotiated (negotiated.h). */
typedef struct {
    const suite_t *suite;
    uint16_t version; /* version of DTLS; 0: not negotiated yet */
    /* NamedGroup of the (EC)DHE; 0: no (EC)DHE, or DHE parameters without a NamedGroup. */
    uint16_t group;
    bool ems;     /* DTLS 1.2: extended_master_secret is in use */
    bool resumed; /* the handshake resumes a session */
    bool cookie;  /* the client has returned a cookie of the server */
} negotiated_t;

/* Early data of DTLS 1.3 (early.h). */
typedef struct {
    dtls_early_t status;
    /* How many bytes of early data may still be sent (client) or received (server). */
    uint32_t left;
} early_t;

/* Which handshake messages may come next (handshake/hs.h). */
typedef struct {
    const hs_row_t *rows;
    uint8_t state;
    /* A message is being processed. A handshake record that a callback passes in meanwhile is
     * dropped. */
    bool processing;
    /* send_seq: message_seq of the next message that we send. receive_seq: message_seq of the next
     * message that we process. */
    uint16_t send_seq, receive_seq;
    uint16_t hello_seq; /* server: message_seq of the ClientHello that created the association */
    dtls_tick_t no_renegotiation_at; /* earliest time of the next no_renegotiation alert */
} messages_t;

/* The times at which the peer has shown that it is alive (liveness.h). */
typedef struct {
    /* When the last authenticated record arrived that is not a repeat of a flight. */
    dtls_tick_t last_received;
    dtls_tick_t last_response; /* when the last HeartbeatResponse or ACK arrived */
    /* How many requests we have sent since last_response: HeartbeatRequests, and messages that need
     * an ACK. */
    uint32_t unanswered;
    bool received_any; /* a record of the peer has arrived, authentic or not */
} liveness_t;

/* The latest measurement of the round trip (rto.h). */
typedef struct {
    bool known;
    uint32_t ms;
} rtt_t;

/* Records that are held because they arrived before their keys (epochs.h). */
#define HELD_MAX 4096
typedef struct {
    uint8_t *bytes; /* a block of HELD_MAX bytes; NULL: no record waits for its keys */
    uint16_t length;
    bool retry; /* try to open the records again: their keys may have arrived */
} held_t;

/* DTLS 1.3: the numbers of received handshake records, which the next ACK lists (RFC 9147 section
 * 7). */
#define ACKS_MAX 16
#define ACKS_SIZE (ACKS_MAX * sizeof(uint64_t))
typedef struct {
    /* ACKS_MAX numbers, each of which is an epoch and a sequence number, packed by ack.c. NULL: no
     * number was added to the list. */
    uint64_t *numbers;
    dtls_tick_t at; /* when to send the next ACK; NEVER: all numbers were listed in an ACK */
    uint8_t count;
    uint8_t sent; /* an ACK has listed the first `sent` numbers */
} acks_t;

/* The kinds of flights after the handshake. Each kind has its own flight and timer (RFC 9147
 * section 5.8.4). */
typedef enum { POST_TICKET, POST_NEW_CID, POST_REQUEST_CID, POST_KEY_UPDATE, POST_COUNT } post_t;

/* The state of an association that only DTLS 1.3 needs. A client that offers DTLS 1.3 allocates it
 * before its first ClientHello. */
typedef struct {
    acks_t acks;
    flight_t *post[POST_COUNT]; /* by kind: the flight under way; NULL: there is none */
    dtls_tick_t retire_at;      /* when to wipe the older read keys; NEVER: no time is set */
    /* Newest epoch in which the peer sends application data; 0: none yet. */
    uint64_t read_epoch;
    /* No record of read_epoch has arrived yet, so the peer still uses the keys of the epoch before
     * read_epoch. */
    bool old_keys;
    bool update_requested; /* the peer has not yet sent the KeyUpdate that we have requested */
    bool update_responds;  /* our KeyUpdate under way is a response to a KeyUpdate of the peer */
    /* By kind: send a message of this kind as soon as the message under way is acknowledged. */
    bool pending[POST_COUNT];
    bool request_pending;  /* our next KeyUpdate will request a KeyUpdate of the peer */
    bool response_pending; /* our next KeyUpdate will respond to a KeyUpdate of the peer */
    uint8_t read_secret[HASH_MAX], write_secret[HASH_MAX]; /* application traffic secrets */
    uint8_t exporter[HASH_MAX];                            /* exporter_master_secret */
    /* Client: the resumption_master_secret, from which the PSKs of tickets are derived, HASH_MAX
     * bytes; NULL: config.ticket is NULL. */
    uint8_t *resumption;
} conn13_t;

/* The inputs of exporters in DTLS 1.2: RFC 5705. */
typedef struct {
    uint8_t master[MASTER_LENGTH];
    randoms_t randoms;
} exporter12_t;

/* Our close_notify and the peer's (closing.h). */
typedef struct {
    dtls_tick_t at;    /* when to call closing_run(); NEVER: we have not sent close_notify */
    dtls_tick_t began; /* when we first sent close_notify */
    /* When we last sent close_notify. If we have sent none: when the peer last sent
     * close_notify. */
    dtls_tick_t last;
    uint64_t last_sequence; /* sequence number of the record with the peer's close_notify */
    uint16_t last_epoch;    /* epoch of the record with the peer's close_notify */
    uint16_t timer_ms;      /* how long to wait before we resend close_notify */
    /* How often we have sent close_notify since the peer was last known to be alive. */
    uint8_t unanswered;
    /* The association is kept only to resend our last flight of the handshake, if the peer missed
     * it. */
    bool resends_finished;
    /* DTLS 1.2: a record has shown that the peer has our last flight of the handshake. */
    bool finished_confirmed;
    bool half_closed; /* the peer has sent close_notify before we did */
} closing_t;

typedef enum { PHASE_HANDSHAKE, PHASE_CONNECTED, PHASE_CLOSING, PHASE_ENDED } phase_t;

/* Limits for the size of our datagrams and records (sizes.h). */
typedef struct {
    uint16_t mtu;   /* maximum length of our datagrams, in bytes */
    uint16_t limit; /* the peer's record_size_limit (RFC 8449); 0: absent */
    /* Server: the client's max_fragment_length (RFC 6066 section 4); 0: absent. */
    uint8_t fragment_code;
} sizes_t;

/* What dtls_get_stats() returns: all fields of dtls_stats_t except `dropped` (stats.h). */
typedef struct {
    uint64_t records_in, bytes_in, records_out, bytes_out;
    uint64_t datagrams_in, datagrams_out, octets_in, octets_out;
    uint64_t lost, arrived, late, too_long;
    uint32_t timeouts, resent;
    uint64_t write_failed;
} counts_t;

/* The fields that each record needs come first: together they fill few cache lines. */
struct conn {
    dtls_context_t *ctx;
    dtls_peer_t *peer;
    handshake_t *hs;   /* state of the handshake; NULL: the handshake is complete */
    conn13_t *v13;     /* state of DTLS 1.3; NULL: DTLS 1.3 is neither offered nor negotiated */
    conn_cids_t *cids; /* NULL: connection IDs are neither offered nor negotiated */
    phase_t phase;
    bool client;
    /* Nothing more may be sent, not even the rest of a flight, and no end event is fired. */
    bool output_ended;
    /* How many authenticated warning alerts have arrived since the last application data. */
    uint8_t warnings;
    uint64_t send_epoch; /* the epoch in which we send alerts, ACKs and application data */
    /* Time limit of the handshake, or of the wait for the ACK of its last flight. */
    dtls_tick_t deadline;
    liveness_t liveness;
    negotiated_t negotiated;
    sizes_t sizes;
    early_t early;
    held_t held;
    epoch_t *read[EPOCH_SLOTS], *write[EPOCH_SLOTS]; /* index: the two lowest bits of the epoch */
    closing_t closing;
    messages_t messages;
    reassembly_t reassembly;
    counts_t counts;
    heartbeat_t heartbeat;
    flight_t flight;
    /* dtls_stats_t.dropped, DTLS_DROP_COUNT counters; NULL: no record was dropped. */
    uint64_t *dropped;

    /* Creation, end and events (conn.h). */
    uint32_t handshake_ms; /* how long the handshake took; 0: the handshake is not complete */
    failure_t failure;
    conn_t *next_ended;

    /* The handshake and its results. */
    dtls_tick_t repeat_at; /* when we last responded to a repeated flight */
    rtt_t rtt;
    /* Keyed hash of the client random (hs_random_hash()). No peer knows the key. */
    uint64_t client_random_hash;
    uint8_t *identity;
    uint16_t identity_length; /* in bytes */
    keytag_t key_tag;         /* the application's key for the identity */
    /* Inputs of exporters; NULL: DTLS 1.3, or no extended_master_secret. */
    exporter12_t *exporter12;
    uint64_t cached_session; /* server: number of the session in the cache; 0: none */
    /* Server: 1 + serial number of the ticket that we have issued; 0: none. */
    uint64_t issued_ticket;
};

/* Size of the fields of an association that a record needs (warm.h). */
#define CONN_HOT_SIZE (offsetof(conn_t, flight) + sizeof(dtls_tick_t))

/* The addresses of what the next record in one direction needs (warm.h). */
typedef struct {
    const epoch_t *epoch;
    const aead_t *aead;
    const mask_t *mask;
    const void *context, *key;
} warm_t;

/* The fields that a received datagram needs come first: together they fill few cache lines. */
struct dtls_peer_t {
    table_entry_t entry;
    conn_t *conn;
    warm_t in;
    const conn13_t *v13;   /* state of DTLS 1.3, which warm_fetch() fetches too */
    uint16_t key_length;   /* in bytes, of in.key and of out.key */
    bool is_due;           /* the peer is in the list ctx->due */
    int candidate_ifindex; /* interface index of the session_t that began the new handshake */
    dtls_context_t *ctx;
    heap_node_t timer; /* the heap key is the next deadline, or an earlier time (api/timers.h) */
    /* The candidate: a new handshake of the same peer, which may replace conn (RFC 6347 section
     * 4.2.8). */
    conn_t *candidate;
    session_t session;
    warm_t out;
    void *data; /* the pointer that dtls_set_peer_data() has set */
    dtls_peer_t *next_due, *next_ended;
};

/* Size of the fields of a peer that a received datagram needs. */
#define PEER_HOT_SIZE (offsetof(dtls_peer_t, session.addr) + sizeof(struct sockaddr_in6))

typedef struct {
    table_t table;    /* the peers, by address */
    heap_t timers;    /* the peers for which a timer runs, by deadline */
    uint64_t changes; /* number of additions, removals and moves of peers so far */
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
    terms_t own_terms;    /* the suites and extensions that the configuration allows */
    const terms_t *terms; /* the terms of the peer whose message is being processed (terms.h) */
    uint16_t groups[GROUPS_MAX];
    size_t group_count;
    alloc_t alloc;
    dtls_handler_t handler;
    void *app;
    uint8_t import_context[UINT8_MAX];
    uint8_t cid[OWN_CID_MAX], cid_prefix[OWN_CID_MAX];
    uint8_t session_id[SESSION_ID_MAX];
    table_t cids; /* our connection IDs of all associations */
    crypto_t *crypto;
    secrets_t secrets; /* the secrets that dtls_set_secrets() has set */
    cookies_t cookies;
    tickets_t tickets;
    sessions_t sessions;
    hello_pool_t hellos; /* reassembles fragmented ClientHellos */
    bool warned_of_pool, warned_of_length, warned_of_memory;
    peers_t peers;
    uint8_t *spare;  /* a free datagram buffer; NULL: there is none */
    counts_t counts; /* what dtls_get_stats() returns without a session */
    uint64_t dropped[DTLS_DROP_COUNT];
    /* The handshakes in progress in which we are the server, by whether a binder of DTLS 1.3 has
     * authenticated the client. */
    pending_t unauthenticated, authenticated;
    size_t connected;        /* how many associations are connected or closing */
    conn_t *newest_outbound; /* the newest handshake in progress in which we are the client */
    unsigned writing;        /* how many write callbacks are running, one inside the other */
    /* A queue of datagrams that the application has passed in from inside a write callback. */
    deferred_t *deferred, **deferred_end;
    size_t deferred_count;
    dtls_peer_t *due, **due_end; /* peers with expired timers that are not handled yet */
    bool closing;                /* the context is being freed */
    /* How many calls into the library are running, one inside the other. */
    unsigned depth;
    conn_t *ended;            /* associations to free when depth is 0 */
    dtls_peer_t *ended_peers; /* peers to free when depth is 0 */
    dtls_peer_t *calling;     /* the peer that the running callback concerns; NULL: none */
    /* The sender of the datagram that dtls_handle_message() processes; NULL: none. */
    const session_t *handling;
    const dtls_message_t *hello; /* the ClientHello that is being processed; NULL: none */
    int result;                  /* what dtls_handle_message() will return */
};

/* These two return the epoch in the slot for this number. NULL: the slot is empty. The epoch may
 * have another number, because a record header has only the two lowest bits. */
static inline epoch_t *conn_read_epoch(const conn_t *conn, uint64_t number)
{
    return conn->read[number % EPOCH_SLOTS];
}

static inline epoch_t *conn_write_epoch(const conn_t *conn, uint64_t number)
{
    return conn->write[number % EPOCH_SLOTS];
}

/* Returns true if the handshake is complete and the peer may still send: phase connected or
 * closing. */
static inline bool conn_is_established(const conn_t *conn)
{
    return !conn->hs && (conn->phase == PHASE_CONNECTED || conn->phase == PHASE_CLOSING);
}

static inline dtls_tick_t now_of(const dtls_context_t *ctx)
{
    return ctx->config.clock(ctx->config.hook);
}

/* Returns the current time for the lifetimes of tickets. With shared secrets (dtls_set_secrets())
 * it is the time of the wall clock, because other servers check the tickets too. */
static inline dtls_tick_t ticket_now(const dtls_context_t *ctx)
{
    return ctx->secrets.count > 0 ? ctx->config.wall_clock(ctx->config.hook) : now_of(ctx);
}

/* Returns the address that the association sends to. */
static inline session_t conn_session(const conn_t *conn)
{
    session_t session = conn->peer->session;
    if (conn->peer->candidate == conn)
        session.ifindex = conn->peer->candidate_ifindex;
    return session;
}

/* Returns the hash for which external PSKs are configured (RFC 8446 section 4.2.11). */
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
