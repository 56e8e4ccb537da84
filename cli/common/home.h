/*
 * home.h - expands "~/" at the beginning of a path. The shell expands it only at the beginning of a
 * word, so not in --psk=file:~/key.
 */
#ifndef HOME_H
#define HOME_H

/* Returns the expanded path, or NULL if memory is exhausted. The caller frees the path. */
char *home_path(const char *path);

#endif
