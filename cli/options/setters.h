/*
 * setters.h - parses the values of those options that the option table cannot describe.
 */
#ifndef SETTERS_H
#define SETTERS_H

#include "options/options.h"

/* Each function parses the value of one option, and stores the result in options. value is NULL if
 * the command line has the option without a value. Returns false if the value is invalid. The
 * caller then reports the error if the field `unit` of the option's row in the option table is set.
 * If `unit` is NULL, the function itself reports the error. */
bool set_user(struct options *options, char *value);
bool set_verbose(struct options *options, char *value);
bool set_nothing(struct options *options, char *value);
bool set_wait(struct options *options, char *value);
bool set_linger(struct options *options, char *value);
bool set_identity(struct options *options, char *value);
bool set_psk(struct options *options, char *value);
bool set_suites(struct options *options, char *value);
bool set_groups(struct options *options, char *value);
bool set_export(struct options *options, char *value);
bool set_import(struct options *options, char *value);
bool set_cid(struct options *options, char *value);
bool set_session_id(struct options *options, char *value);
bool set_ready_fd(struct options *options, char *value);
bool set_program(struct options *options, char *value);
bool set_command(struct options *options, char *value);
bool set_frame(struct options *options, char *value);
bool set_allow(struct options *options, char *value);
bool set_deny(struct options *options, char *value);
bool set_sim(struct options *options, char *value);

#endif
