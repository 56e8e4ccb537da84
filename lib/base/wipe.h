/*
 * wipe.h - overwriting secrets that are not needed any more.
 */
#ifndef WIPE_H
#define WIPE_H

#include <stddef.h>

/* Fills memory with zeros. Unlike with memset(), the compiler cannot leave this out, even if
 * nothing reads the memory afterwards. */
void wipe(void *memory, size_t length);

#endif
