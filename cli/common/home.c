#include "common/home.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *home_path(const char *path)
{
    const char *home = getenv("HOME");
    bool named = home != NULL && strncmp(path, "~/", 2) == 0;
    char *whole;

    return asprintf(&whole, "%s%s", named ? home : "", path + named) >= 0 ? whole : NULL;
}
