/*
 * memory.c - searches the memory of a process for secrets.
 *
 *     memory PID HEX...
 *
 * Prints each HEX whose bytes, or whose hex digits, are somewhere in the writable memory of the process.
 * Exits with 0 if at least one is, 1 if none is, and 2 if the memory cannot be read.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRETS = 32, SECRET_MOST = 64 };

typedef struct {
    const char *hex;
    uint8_t bytes[SECRET_MOST];
    size_t length;
    bool found;
} secret_t;

static secret_t secrets[SECRETS];
static int secret_count;

static void add_secret(const char *hex)
{
    secret_t *secret = &secrets[secret_count];
    unsigned byte;

    if (secret_count == SECRETS || strlen(hex) > 2 * (size_t)SECRET_MOST)
        exit(2);
    for (secret->length = 0; sscanf(hex + 2 * secret->length, "%2x", &byte) == 1; secret->length++)
        secret->bytes[secret->length] = (uint8_t)byte;
    secret->hex = hex;
    secret_count++;
}

static void search(const uint8_t *bytes, size_t length)
{
    for (int i = 0; i < secret_count; i++) {
        secret_t *secret = &secrets[i];
        if (memmem(bytes, length, secret->bytes, secret->length) ||
            memmem(bytes, length, secret->hex, strlen(secret->hex)))
            secret->found = true;
    }
}

static void search_region(int memory, uintmax_t from, uintmax_t to)
{
    size_t length = (size_t)(to - from);
    uint8_t *bytes = malloc(length);

    if (!bytes)
        exit(2);
    /* Some regions cannot be read, for example those of the kernel. */
    ssize_t got = pread(memory, bytes, length, (off_t)from);
    if (got > 0)
        search(bytes, (size_t)got);
    free(bytes);
}

int main(int argc, char **argv)
{
    char path[64], line[512];
    uintmax_t from, to;
    bool found = false;

    if (argc < 3)
        return 2;
    for (int i = 2; i < argc; i++)
        add_secret(argv[i]);
    snprintf(path, sizeof path, "/proc/%s/mem", argv[1]);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%s/maps", argv[1]);
    FILE *maps = fopen(path, "re");
    if (memory < 0 || !maps)
        return 2;
    while (fgets(line, sizeof line, maps)) {
        char mode[5];
        if (sscanf(line, "%jx-%jx %4s", &from, &to, mode) == 3 && strncmp(mode, "rw", 2) == 0)
            search_region(memory, from, to);
    }
    fclose(maps);
    close(memory);
    for (int i = 0; i < secret_count; i++) {
        if (secrets[i].found)
            puts(secrets[i].hex);
        found = found || secrets[i].found;
    }
    return found ? 0 : 1;
}
