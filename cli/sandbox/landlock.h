/*
 * landlock.h - a second layer below the filter of system calls: no file can be opened by its path.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>

/* Returns false with errno if the kernel has Landlock and it cannot be used. Without Landlock in the
 * kernel this does nothing, and returns true. signals: signals may still be sent to programs. */
bool landlock_restrict(bool signals);

#endif
