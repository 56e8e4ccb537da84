/*
 * common_main.c - main() of a target without a fuzzer: runs the files and directories that are its
 * arguments. Without arguments it is a test, whose cases are the corpora of the tree.
 */
#include "fuzz/common_input.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 1024, INPUT_MAX = 1 << 20 };

static unsigned run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX), *exact;
    size_t length = file && data ? fread(data, 1, INPUT_MAX, file) : 0;

    if (!file || !data) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    fclose(file);
    exact = malloc(length > 0 ? length : 1);
    memcpy(exact, data, length);
    free(data);
    /* Flush: if the input crashes the process, the last line is its name. */
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    return 1;
}

static unsigned run_path(const char *path)
{
    DIR *directory = opendir(path);
    unsigned count = 0;
    char name[PATH_ROOM];

    if (!directory) {
        return run_file(path);
    }
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            count += run_file(name);
        }
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    const char *target = strrchr(argv[0], '/');
    char path[PATH_ROOM];

    for (int i = 1; i < argc; i++) {
        run_path(argv[i]);
    }
    if (argc > 1) {
        return 0;
    }
    (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", target ? target + 1 : argv[0]);
    unsigned count = run_path(path);
    printf("%s corpus%s\n", count > 0 ? "ok" : "not ok", count > 0 ? "" : " - it is empty");
    return count > 0 ? 0 : 1;
}
