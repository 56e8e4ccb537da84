/*
 * flags.h - the command line of the shim.
 */
#ifndef SHIM_FLAGS_H
#define SHIM_FLAGS_H

#include "dtls.h"

enum { FLAGS_GROUPS_MAX = 8, FLAGS_UNSET = -1 };

typedef struct {
    int64_t port, shim_id;
    bool ipv6;

    bool dtls, server;
    bool no_dtls12, no_dtls13;
    int64_t min_version, max_version; /* numbers in the wire format, of TLS or DTLS */
    uint16_t groups[FLAGS_GROUPS_MAX];
    size_t group_count;
    const char *psk, *identity;
    bool psk_is_hex;
    int64_t mtu, timer_ms;

    int64_t resumptions; /* connections after the first; each resumes the previous session */
    bool no_ticket, expect_session_miss;

    bool expect_retry;
    bool writes_first, shuts_down, update_keys, update_keys_before_read;
    int64_t alert;         /* alert to send when connected */
    int64_t export_length; /* bytes to export and send when connected; 0: none */
    const char *export_label, *export_context;
    bool use_export_context;
} flags_t;

/* Parses the flags, for the first connection or for those that resume its session. Returns false if
 * the shim does not support a flag, and reports the flag on stderr. */
bool flags_parse(flags_t *flags, char **arguments, bool resumption);
/* The value for dtls_config_t: 0xfefd, 0xfefc, or 0 for both. Returns false if no version is
 * allowed. */
bool flags_version(const flags_t *flags, uint16_t *only_version);

#endif
