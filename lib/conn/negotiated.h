/*
 * negotiated.h - the results of negotiation. The file that parses or chooses an extension,
 * suite or group calls the function that stores it.
 */
#ifndef NEGOTIATED_H
#define NEGOTIATED_H

#include "conn/state.h"

/* Stores the suite of the ServerHello or HelloRetryRequest, and the version of DTLS to which this
 * suite belongs. */
static inline void negotiated_suite(conn_t *conn, const suite_t *suite)
{
    conn->negotiated.version = suite->version;
    conn->negotiated.suite = suite;
}

/* DTLS 1.2: stores whether both hellos have extended_master_secret. */
static inline void negotiated_ems(conn_t *conn, bool ems)
{
    conn->negotiated.ems = ems;
}

/* Stores whether the handshake resumes a session. */
static inline void negotiated_resumption(conn_t *conn, bool resumed)
{
    conn->negotiated.resumed = resumed;
}

/* Stores the group of the (EC)DHE. group: NULL for DHE parameters without a NamedGroup. */
static inline void negotiated_group(conn_t *conn, const group_t *group)
{
    conn->negotiated.group = group ? group->id : 0;
}

/* Stores whether the client has returned a cookie of the server. */
static inline void negotiated_cookie(conn_t *conn, bool cookie)
{
    conn->negotiated.cookie = cookie;
}

#endif
