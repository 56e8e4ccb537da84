/* defaults.h - the default hooks: clock, randomness, memory, log. Only defaults.c uses the
 * operating system, and only it has global variables: the level and the handler of the log of the
 * process. */
#ifndef DEFAULTS_H
#define DEFAULTS_H

#include "dtls.h"

dtls_tick_t default_clock(void *hook);
dtls_tick_t default_wall_clock(void *hook);
int default_random(void *hook, uint8_t *out, size_t length);
void *default_allocate(void *hook, size_t size);
void default_release(void *hook, void *memory);
void default_log(void *hook, dtls_log_t level, const char *message);

#endif
