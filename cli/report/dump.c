#include "report/dump.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/exit.h"
#include "common/report.h"

#define ROW 16

/* The data was confidential on the network, so only the owner may read the file (mode 0600). */
static bool open_one(FILE **file, const char *path)
{
    if (path == NULL)
        return true;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (*file != NULL)
        return true;
    report("cannot write %.200s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return false;
}

int dump_open(struct dump *dump, const struct options *options)
{
    *dump = (struct dump){.raw = NULL};
    return open_one(&dump->raw, options->dump_raw) && open_one(&dump->hex, options->dump_hex)
               ? EXIT_DONE
               : EXIT_IO;
}

static void put_row(FILE *file, char mark, uint64_t offset, const uint8_t *data, size_t length)
{
    fprintf(file, "%c %08" PRIx64 " ", mark, offset);
    for (size_t i = 0; i < ROW; i++)
        if (i < length)
            fprintf(file, " %02x", data[i]);
        else
            fputs("   ", file);
    fputs("  |", file);
    for (size_t i = 0; i < length; i++)
        fputc(isprint(data[i]) ? data[i] : '.', file);
    fputs("|\n", file);
}

/* Reports a write error and closes the file. The session continues without the copy. */
static void check(struct dump *dump, FILE **file, const char *option)
{
    if (*file == NULL || (fflush(*file) == 0 && !ferror(*file)))
        return;
    dump->failed = true;
    report("cannot write to the file of %s: %s; the file is incomplete", option, strerror(errno));
    fclose(*file);
    *file = NULL;
}

void dump_data(struct dump *dump, enum dump_way way, const uint8_t *data, size_t length)
{
    if (dump->raw != NULL)
        fwrite(data, 1, length, dump->raw);
    for (size_t i = 0; dump->hex != NULL && i < length; i += ROW) {
        size_t left = length - i;
        put_row(dump->hex, way == DUMP_SENT ? '>' : '<', dump->offset[way] + i, data + i,
                left < ROW ? left : ROW);
    }
    dump->offset[way] += length;
    check(dump, &dump->raw, "-o");
    check(dump, &dump->hex, "-x");
}

void dump_close(struct dump *dump)
{
    if (dump->raw != NULL)
        fclose(dump->raw);
    if (dump->hex != NULL)
        fclose(dump->hex);
}
