/*
 * home.h - expands "~/" at the beginning of a path. The shell does not expand it after "file:" or
 * after the "=" of an option.
 */
#ifndef HOME_H
#define HOME_H

/* Returns the expanded path, which the caller frees, or NULL if out of memory. */
char *home_path(const char *path);

#endif
