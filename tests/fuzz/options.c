/* options.c - the command line. The input is the arguments, each ended by a zero byte. */
#include "options/parse.h"

#include "common/exit.h"
#include "fuzz/common_input.h"
#include "fuzz/common_lines.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 32 };

/* The paths of options, which the tool frees never: a run has one command line. */
static char *paths[WORDS];
static unsigned path_count;

char *__real_home_path(const char *path);
char *__wrap_home_path(const char *path);

char *__wrap_home_path(const char *path)
{
    FUZZ_CHECK(path_count < WORDS);
    return paths[path_count++] = __real_home_path(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct options options;
    char *text = malloc(size + 1), *argv[WORDS + 2];
    int argc = 1, code;

    FUZZ_CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    argv[0] = (char[]){"dtlscat"};
    for (char *at = text; at < text + size && argc <= WORDS; at += strlen(at) + 1) {
        argv[argc++] = at;
    }
    argv[argc] = NULL;
    optind = 0; /* glibc begins anew */
    code = options_parse(&options, argc, argv);
    FUZZ_CHECK(code == OPTIONS_RUN || code == EXIT_DONE || code == EXIT_USAGE);
    FUZZ_CHECK(code != OPTIONS_RUN || options.mtu == 0 || options.mtu >= 256);
    while (path_count > 0) {
        free(paths[--path_count]);
    }
    free(text);
    return 0;
}
