/*
 * negotiated.h - what the hellos negotiate. The functions for the handshake's files that choose each of them.
 */
#ifndef NEGOTIATED_H
#define NEGOTIATED_H

#include "conn/state.h"

/* The ServerHello or HelloRetryRequest chooses this suite, and with it the version. */
static inline void negotiated_suite(conn_t *conn, const suite_t *suite)
{
    conn->negotiated.version = suite->version;
    conn->negotiated.suite = suite;
}

/* DTLS 1.2: both hellos have extended_master_secret, or not. */
static inline void negotiated_ems(conn_t *conn, bool ems)
{
    conn->negotiated.ems = ems;
}

/* The handshake resumes a session, or not. */
static inline void negotiated_resumption(conn_t *conn, bool resumed)
{
    conn->negotiated.resumed = resumed;
}

/* The (EC)DHE uses this group; NULL: a finite field that has no number. */
static inline void negotiated_group(conn_t *conn, const group_t *group)
{
    conn->negotiated.group = group ? group->id : 0;
}

/* The client sends back a cookie of the server, or not. */
static inline void negotiated_cookie(conn_t *conn, bool cookie)
{
    conn->negotiated.cookie = cookie;
}

#endif
