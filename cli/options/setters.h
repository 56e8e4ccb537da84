/*
 * setters.h - parses the values of those options that the option table cannot describe.
 */
#ifndef SETTERS_H
#define SETTERS_H

#include "options/options.h"

/* Each function parses a value and stores the result in options. value is NULL if the option has
 * none. A function returns false if the value is invalid. If the row of the option has no unit, the
 * function has then reported the error. */
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

#endif
