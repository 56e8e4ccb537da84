/*
 * common_kinds.h - a life of two ends for each kind of handshake, in which a test makes one call
 * after the other fail.
 */
#ifndef TESTS_API_COMMON_KINDS_H
#define TESTS_API_COMMON_KINDS_H

#include "jar.h"

typedef struct {
    const char *name;
    uint16_t version, suite, group; /* suite and group: 0 for the defaults */
    dtls_ke_t exchange;
    bool other_group; /* 1.3: the server has only a group for which the client sends no share */
    bool cookie, tickets, sessions, early, cid, heartbeat, import;
    uint64_t rekey_after;
    size_t mtu;    /* 0: the default */
    bool is_basic; /* all that it has is also in other kinds, or in the handshakes of crypto.c */
} kind_t;

enum { KINDS = 16 };
extern const kind_t kinds[KINDS];

/* Makes a pair of this kind, which is not started. */
net_t *kind_pair(const kind_t *kind, jar_t *jar, node_t **client, node_t **server);
/* Makes the contexts, connects, exchanges data, uses what the kind has, and closes. If the kind has
 * sessions, does so a second time with the session. Any of this may fail. Checks that every
 * association has ended, and that nothing was delivered twice or without being sent. Returns true if
 * all has succeeded. */
bool kind_live(const kind_t *kind, jar_t *jar, node_t *client, node_t *server);

#endif
