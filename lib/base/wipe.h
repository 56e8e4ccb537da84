/*
 * wipe.h - overwriting secrets that are not needed any more.
 */
#ifndef WIPE_H
#define WIPE_H

#include <stddef.h>

/* Fills memory with zeros, also where the compiler sees that nothing reads it afterwards. */
void wipe(void *memory, size_t length);

#endif
