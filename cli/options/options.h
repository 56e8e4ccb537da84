/*
 * options.h - what the command line says, as data.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"
#include "net/acl.h"
#include "net/netio.h"
#include "options/endpoint.h"
#include "stream/frame.h"

#define DTLS12 0xfefd
#define DTLS13 0xfefc

#define OPTIONS_MAX_SUITES 64
#define OPTIONS_MAX_GROUPS 4
#define OPTIONS_MAX_LABEL 248
#define OPTIONS_MAX_EXPORT 1024
#define OPTIONS_MAX_CID 20
#define OPTIONS_MAX_SESSION_ID 32
#define OPTIONS_DEFAULT_IDENTITY "dtlscat"

struct options {
    bool listen;                 /* -l */
    bool keep;                   /* -k */
    struct net_config net;       /* -4, -6, -n, -s, -p, HOST, PORT */
    struct endpoint endpoint;    /* what HOST and PORT were typed as */
    char *local_port;            /* -p as typed */
    int ready_fd;                /* told the port when listening; 0: nobody is */
    unsigned verbose;            /* -v, up to 3 */
    bool reports;                /* sessions: with -v, or on a terminal */
    unsigned long max_clients;   /* -m, of a listener; 1 without -k */
    uint32_t wait_ms;            /* -w; 0: not given */
    uint32_t handshake_ms;       /* the limit of a handshake: -w, or its default */
    int64_t idle_ms;             /* --idle, -w; 0: no limit */
    int64_t linger_ms;           /* -q; negative: for ever */
    bool own_linger;             /* -q was given */
    bool close_at_eof;           /* -N */
    unsigned long message_limit; /* -W; 0: none */
    char *program;               /* -e, -c; NULL: stdin and stdout */
    bool by_shell;               /* -c */
    struct framing framing;      /* --frame, -C */
    int64_t delay_ms, keepalive_ms;
    int64_t lost_ms; /* --lost-after; 0: never */
    int64_t rate;    /* --rate, bytes per second; 0: no limit; negative: not given */
    uint64_t window; /* --window, bytes; 0: none */
    const char *dump_raw, *dump_hex; /* -o, -x */
    struct acl acl;
    bool send_only, recv_only, broker, chat, probe_key, keygen, fail_on_loss, progress;
    bool bare_psk; /* --psk without SPEC */
    char *psk;     /* SPEC, still in argv; NULL: none */
    const char *identity, *hint, *keylog, *resume;
    uint16_t suites[OPTIONS_MAX_SUITES];
    size_t suite_count; /* 0: the library's default */
    uint16_t groups[OPTIONS_MAX_GROUPS];
    size_t group_count; /* 0: the library's default */
    bool no_group;      /* no (EC)DHE */
    size_t mtu;         /* 0: the library's default, as for timer_ms */
    uint32_t timer_ms;
    dtls_cookie_t cookie;
    uint16_t version; /* the only one; 0: both */
    uint64_t rekey_after;
    char export_label[OPTIONS_MAX_LABEL + 1];
    size_t export_length;       /* 0: nothing to export */
    const char *import_context; /* of import_psk; NULL: empty */
    uint8_t cid[OPTIONS_MAX_CID];
    size_t cid_length;
    bool own_cid; /* --cid has a value: the two above */
    uint8_t session_id[OPTIONS_MAX_SESSION_ID];
    size_t session_id_length;
    unsigned long sessions; /* --sessions, of a listener; 0 without -k */
    uint16_t record_size;   /* 0: no limit */
    bool no_ems, no_tickets, early_data, import_psk, use_cid, cid_move_newest, stats;
};

/* What is sent and received may be cut anywhere; else messages are kept whole. */
static inline bool options_is_stream(const struct options *options)
{
    return options->framing.mode == FRAME_RAW;
}

#endif
