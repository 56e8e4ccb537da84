#include "vectors.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "tests/vectors/"
#define SUFFIX ".vec"

static const char *wanted_prefix;

static int is_wanted(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), suffix = strlen(SUFFIX);

    return strncmp(entry->d_name, wanted_prefix, strlen(wanted_prefix)) == 0 && length > suffix &&
           strcmp(entry->d_name + length - suffix, SUFFIX) == 0;
}

size_t vector_each(const char *prefix, void (*run)(const char *name))
{
    struct dirent **entries;
    int count;

    wanted_prefix = prefix;
    count = scandir(DIRECTORY, &entries, is_wanted, alphasort);
    CHECK(count >= 0);
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - strlen(SUFFIX)] = '\0';
        run(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return (size_t)count;
}

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (!in || getdelim(&text, &size, '\0', in) < 0)
        FAIL("cannot read %s", path);
    (void)fclose(in);
    return text;
}

static vector_line_t split_line(char *text)
{
    vector_line_t line = {.key = strsep(&text, " ")};

    while (text) {
        CHECK(line.count < VECTOR_FIELDS);
        line.fields[line.count++] = strsep(&text, " ");
    }
    return line;
}

void vector_open(vector_file_t *file, const char *name)
{
    char path[256], *text;

    (void)snprintf(path, sizeof(path), DIRECTORY "%s" SUFFIX, name);
    *file = (vector_file_t){.text = read_text(path)};
    text = file->text;
    while (text && *text) {
        file->lines = realloc(file->lines, (file->count + 1) * sizeof(*file->lines));
        CHECK(file->lines);
        file->lines[file->count++] = split_line(strsep(&text, "\n"));
    }
}

void vector_close(vector_file_t *file)
{
    free(file->text);
    free(file->lines);
}

const vector_line_t *vector_next(const vector_file_t *file, const char *key,
                                 const vector_line_t *after)
{
    const vector_line_t *line = after ? after + 1 : file->lines;

    for (; line < file->lines + file->count; line++) {
        if (strcmp(line->key, key) == 0)
            return line;
    }
    return NULL;
}

static const char *field(const vector_line_t *line, size_t n)
{
    if (n >= line->count)
        FAIL("%s has no field %zu", line->key, n);
    return line->fields[n];
}

vector_bytes_t vector_bytes(const vector_line_t *line, size_t n)
{
    const char *hex = field(line, n);
    vector_bytes_t bytes = {0};

    if (strcmp(hex, "-") != 0)
        bytes.length = UNHEX(hex, bytes.data);
    return bytes;
}

unsigned long vector_number(const vector_line_t *line, size_t n)
{
    return strtoul(field(line, n), NULL, 10);
}

vector_bytes_t vector_value(const vector_file_t *file, const char *key)
{
    const vector_line_t *line = vector_next(file, key, NULL);

    return line ? vector_bytes(line, 0) : (vector_bytes_t){0};
}

void vector_check(const vector_file_t *file, const char *key, const uint8_t *found, size_t length)
{
    vector_bytes_t expected = vector_value(file, key);

    NOTE("%s", key);
    CHECK_EQ(length, expected.length);
    CHECK_MEM(found, expected.data, length);
}
