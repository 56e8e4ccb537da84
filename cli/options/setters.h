/*
 * setters.h - options that are more than a flag or a text.
 */
#ifndef SETTERS_H
#define SETTERS_H

#include "options/options.h"

/* Each reads a value, NULL where the option takes none. False: it is wrong, which is said. */
bool set_ipv4(struct options *options, char *value);
bool set_ipv6(struct options *options, char *value);
bool set_verbose(struct options *options, char *value);
bool set_nothing(struct options *options, char *value);
bool set_wait(struct options *options, char *value);
bool set_linger(struct options *options, char *value);
bool set_psk(struct options *options, char *value);
bool set_suites(struct options *options, char *value);
bool set_groups(struct options *options, char *value);
bool set_mtu(struct options *options, char *value);
bool set_timer(struct options *options, char *value);
bool set_cookie(struct options *options, char *value);
bool set_version(struct options *options, char *value);
bool set_rekey(struct options *options, char *value);
bool set_export(struct options *options, char *value);
bool set_import(struct options *options, char *value);
bool set_cid(struct options *options, char *value);
bool set_cid_move(struct options *options, char *value);
bool set_sessions(struct options *options, char *value);
bool set_session_id(struct options *options, char *value);
bool set_record_size(struct options *options, char *value);
bool set_ready_fd(struct options *options, char *value);
bool set_idle(struct options *options, char *value);
bool set_delay(struct options *options, char *value);
bool set_keepalive(struct options *options, char *value);
bool set_lost_after(struct options *options, char *value);
bool set_max_clients(struct options *options, char *value);
bool set_message_limit(struct options *options, char *value);
bool set_rate(struct options *options, char *value);
bool set_window(struct options *options, char *value);
bool set_program(struct options *options, char *value);
bool set_command(struct options *options, char *value);
bool set_crlf(struct options *options, char *value);
bool set_frame(struct options *options, char *value);
bool set_allow(struct options *options, char *value);
bool set_deny(struct options *options, char *value);

#endif
