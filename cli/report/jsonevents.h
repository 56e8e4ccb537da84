/*
 * jsonevents.h - the events of --json about sessions and about the run. docs/trace.schema.json describes all events.
 * Without --json these functions do nothing.
 */
#ifndef JSONEVENTS_H
#define JSONEVENTS_H

#include <stdbool.h>

#include "dtls.h"

/* with_data: --json-data. */
void jsonevents_start(bool with_data);

void jsonevents_listening(const char *host, uint16_t port);
/* state is "handshake", "open", "half_closed", "closing" or "closed". */
void jsonevents_state(const session_t *session, const char *state);
void jsonevents_connected(const session_t *session, const dtls_info_t *info,
                          const dtls_stats_t *stats);
void jsonevents_data(const session_t *session, bool outgoing, const uint8_t *data, size_t length);
/* verified: the peer has proved that it receives at the new address, and data is sent there. */
void jsonevents_moved(const session_t *from, const session_t *to, bool verified);

/* What was lost in a session: in the network in both directions, and at this side. */
struct jsonevents_loss {
    uint64_t in, out; /* records */
    uint64_t too_long, unread, unsent;
};
void jsonevents_lost(const session_t *session, const struct jsonevents_loss *loss);

/* reason is the end of a session that was open. */
void jsonevents_closed(const session_t *session, const char *reason, const dtls_stats_t *stats);
/* An association has failed. code is the exit code of this failure, and connected is true if the handshake was
 * complete. */
void jsonevents_failed(const session_t *session, const dtls_info_t *info, bool connected, int code);

/* Adds the counters of an association that has ended, or of datagrams without one, to those of the event "exit". */
void jsonevents_count(const dtls_stats_t *stats);
/* Ends the stream. code is the exit code of the process. */
void jsonevents_exit(int code);

#endif
