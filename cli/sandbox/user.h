/*
 * user.h - changes to the user of --user.
 */
#ifndef USER_H
#define USER_H

#include "options/options.h"

/* Changes to user and group of --user, if it is given, and gives up all other groups. Checks that
 * this cannot be undone. Returns 0, or an exit code after reporting the error. */
int user_change(const struct options *options);

#endif
