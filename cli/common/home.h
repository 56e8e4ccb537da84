/*
 * home.h - "~/" at the beginning of a path, where the shell leaves it alone: behind "file:" or "=".
 */
#ifndef HOME_H
#define HOME_H

/* The path that is meant, in memory of its own; NULL: there is no memory. */
char *home_path(const char *path);

#endif
