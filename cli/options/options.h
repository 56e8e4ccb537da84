/*
 * options.h - the parsed command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "dtls.h"
#include "net/acl.h"
#include "net/impair.h"
#include "net/socket.h"
#include "options/hostport.h"
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

/* When the lines of a trace are colored. */
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
    bool listen;      /* -l */
    bool keep;        /* -k */
    const char *user; /* --user as typed; NULL: not given */
    uid_t uid;        /* --user: the user, and the group or primary group */
    gid_t gid;
    bool no_sandbox;             /* --no-sandbox */
    struct impair_config sim;    /* --sim */
    struct net_config net;       /* -4, -6, -n, -s, -p, HOST, PORT */
    struct hostport hostport;    /* HOST and PORT as typed */
    char *local_port;            /* -p as typed */
    int ready_fd;                /* --ready-fd: descriptor to write the port to; 0: none */
    unsigned verbose;            /* how often -v was given, at most 3 */
    bool reports;                /* report each session: true with -v, or on a terminal */
    unsigned long max_clients;   /* -m, divided by the number of workers; always 1 without -k */
    unsigned long workers;       /* --workers; 0: not given */
    uint32_t wait_ms;            /* -w; 0: not given */
    uint32_t handshake_ms;       /* time limit of the handshake: -w, or 20 seconds */
    int64_t idle_ms;             /* --idle, -w; 0: no limit */
    int64_t linger_ms;           /* -q; negative: wait until the peer closes */
    bool linger_given;           /* -q was given */
    bool close_at_eof;           /* -N */
    unsigned long message_limit; /* -W; 0: no limit */
    char *program;               /* the argument of -e or -c; NULL: use stdin and stdout */
    bool by_shell;               /* -c: program is a shell command */
    struct framing framing;      /* --frame, -C */
    int64_t delay_ms, keepalive_ms;
    int64_t lost_ms;   /* --lost-after; 0: no limit */
    int64_t rate;      /* --rate in bytes per second; 0: no limit; negative: not given */
    bool window_given; /* --window was given */
    uint64_t window;   /* --window, bytes; 0: no limit */
    const char *dump_raw, *dump_hex; /* the files of -o and -x; NULL: not given */
    struct acl acl;
    bool send_only, recv_only, broker, chat, probe_key, keygen, fail_on_loss, progress;
    bool bare_psk;         /* --psk without SPEC */
    const char *after_psk; /* the argument after --psk without SPEC; NULL: none */
    char *psk;             /* --psk=SPEC, points into argv; NULL: no SPEC */
    const char *identity, *hint, *keylog, *pcap, *resume, *secrets;
    uint16_t suites[OPTIONS_MAX_SUITES];
    size_t suite_count; /* number of suites; 0: the library's default suites */
    uint16_t groups[OPTIONS_MAX_GROUPS];
    size_t group_count; /* number of groups; 0: the library's default groups */
    bool no_group;      /* --group none: no (EC)DHE */
    size_t mtu;         /* --mtu, longest UDP payload in bytes; 0: the library's default */
    uint32_t timer_ms;  /* --timer; 0: the library's default */
    dtls_cookie_t cookie;
    uint16_t version; /* --dtls: the only version to use; 0: both versions */
    enum color color; /* --color */
    uint64_t rekey_after;
    char export_label[OPTIONS_MAX_LABEL + 1];
    size_t export_length;       /* --export: number of bytes; 0: not given */
    const char *import_context; /* CTX of --import-psk=CTX; NULL: an empty context */
    uint8_t cid[OPTIONS_MAX_CID];
    size_t cid_length;
    bool cid_given; /* --cid has a value: cid and cid_length are valid */
    uint8_t session_id[OPTIONS_MAX_SESSION_ID];
    size_t session_id_length;
    unsigned long sessions; /* --sessions, divided by the number of workers; 0 without -k */
    uint16_t record_size;   /* --record-size; 0: no limit */
    bool json, json_data;   /* --json, --json-data */
    bool no_ems, no_tickets, early_data, import_psk, use_cid, cid_move_newest, stats;
    size_t fragment, client_hello_padding; /* bytes; 0: not given */
    bool repeat_flight, grease, record_per_datagram;
};

/* Returns true if the data is a byte stream, which may be split anywhere. Returns false if the
 * boundaries of messages are preserved. */
static inline bool options_is_stream(const struct options *options)
{
    return options->framing.mode == FRAME_RAW;
}

#endif
