/*
 * common_features.h - random features of a client and a server, and what RFCs and dtls.h predict
 * that the two negotiate.
 */
#ifndef TESTS_SIM_COMMON_FEATURES_H
#define TESTS_SIM_COMMON_FEATURES_H

#include "net.h"

enum { FEATURE_SUITES = 6, FEATURE_GROUPS = 3, FEATURE_IDENTITY = 300 };

/* What one end is configured with. */
typedef struct {
    uint16_t version;
    uint16_t suites[FEATURE_SUITES], groups[FEATURE_GROUPS];
    size_t suite_count, group_count; /* 0: the defaults */
    dtls_ke_t exchange;
    dtls_ems_t ems;
    dtls_cookie_t cookie;
    bool sha384, import, import_context, tickets, sessions, early;
    bool cid, heartbeat, half_close, force_renegotiation_info, hint;
    size_t cid_length, mtu;
    uint16_t record_limit;
    uint64_t rekey_after;
    uint8_t key; /* the first byte of the key */
    size_t identity_length;
} features_t;

/* What the two negotiate. */
typedef struct {
    bool client_starts, server_starts; /* the configuration leaves a cipher suite */
    bool connects;
    uint16_t version, suite, group;              /* version 0: none in common */
    bool ems, heartbeat, client_cid, server_cid; /* ..._cid: records to that end have one */
    unsigned reasons;                            /* why they do not connect: bits of reason_t */
} prediction_t;

typedef enum {
    BECAUSE_CONFIGURATION = 1,
    BECAUSE_VERSION = 2,
    BECAUSE_SUITE = 4,
    BECAUSE_KEY_EXCHANGE = 8,
    BECAUSE_EMS = 16,
    BECAUSE_KEY = 32
} reason_t;

/* Draws the features of both ends. Most pairs can connect. */
void features_draw(net_t *net, features_t *client, features_t *server);
/* Configures a node, whose context is not made yet. The features must outlive the context. */
void features_configure(node_t *node, const features_t *features);
prediction_t features_predict(const features_t *client, const features_t *server);
/* Prints the features to stderr. */
void features_print(const char *name, const features_t *features);

#endif
